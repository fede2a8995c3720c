import importlib
import pkgutil

import pytest

import jiacha_tui.eport
from jiacha_tui.eport import problems
from jiacha_tui.eport.problems import (
    BadAddress,
    BadCaFile,
    BadProxy,
    EngineUnavailable,
    InvalidPortResponse,
    LoginFailed,
    NotLoggedIn,
    OtherDeclaration,
    OutcomeUnknown,
    PinEncryptionUnsupported,
    PortBusy,
    PortProblem,
    PortRefused,
    PortUnreachable,
    RedirectElsewhere,
    ResponseLost,
    ResponseTooLarge,
    ScriptFailed,
    ScriptUnknown,
    ServerError,
    SessionCardMismatch,
    SessionEnded,
    SessionsTooShort,
    TlsFailed,
    TooManyLogins,
    UnexpectedPage,
)
from tests.problem_tables import defined_codes, documented_codes

EXAMPLES: tuple[PortProblem, ...] = (
    PortUnreachable(),
    ResponseLost(),
    TlsFailed(),
    ServerError(503),
    PortBusy(),
    PortBusy(30.0),
    OutcomeUnknown(),
    OutcomeUnknown("失败"),
    PortRefused(30001, ""),
    PortRefused(700, "无权查看"),
    PortRefused(None, "服务器拒绝了请求（HTTP 403）"),
    InvalidPortResponse("登录跳转", "localhost"),
    ResponseTooLarge(1024 * 1024),
    OtherDeclaration("310120250000147213", "223320250000012345"),
    UnexpectedPage("维护"),
    RedirectElsewhere("localhost"),
    SessionEnded(),
    SessionsTooShort(3),
    TooManyLogins(20),
    LoginFailed(None, "登录失败，服务器没有说明原因"),
    LoginFailed(4, "黑名单", "黑名单"),
    PinEncryptionUnsupported(),
    SessionCardMismatch(),
    NotLoggedIn(),
    BadAddress("http://port"),
    BadCaFile("ca.pem"),
    BadProxy(),
    ScriptUnknown(),
    EngineUnavailable(),
    ScriptFailed("time"),
)


def test_the_table_lists_every_problem_with_its_code() -> None:
    assert documented_codes(problems) == defined_codes(problems)


def test_there_is_an_example_of_every_problem() -> None:
    for module in pkgutil.iter_modules(jiacha_tui.eport.__path__):
        if module.name != "script_worker":  # runs in a process of its own
            importlib.import_module(f"jiacha_tui.eport.{module.name}")
    assert {type(example) for example in EXAMPLES} >= _subclasses(PortProblem)


@pytest.mark.parametrize("problem", EXAMPLES, ids=lambda problem: f"{type(problem).__name__}-{problem.message[:12]}")
def test_every_problem_says_what_happened_and_what_to_do(problem: PortProblem) -> None:
    assert any("\u4e00" <= character <= "\u9fff" for character in problem.message)
    assert any(word in problem.hint for word in ("请", "可在")), problem.hint
    assert problem.hint not in problem.message


@pytest.mark.parametrize(
    "problem", [PortRefused(700, "超过上限，请缩小范围"), LoginFailed(5, "卡信息异常，请尝试用证书延期方式更正!")]
)
def test_words_that_ask_for_something_need_no_hint(problem: PortProblem) -> None:
    assert problem.hint == ""


def _subclasses(of: type[PortProblem]) -> set[type[PortProblem]]:
    direct = set(of.__subclasses__())
    return direct.union(*map(_subclasses, direct))
