"""What is no answer: refusals, the end of a session, garbage."""

import pytest
from starlette.responses import JSONResponse, RedirectResponse

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    NotLoggedIn,
    PortRefused,
    ServerError,
    SessionEnded,
)
from tests.eport.calls import CALLS, JUNE, READING
from tests.eport.cards import PaperCard
from tests.eport.fake_port import (
    DETAIL,
    DOWNLOAD,
    LIST,
    PREVIEW,
    RESEND,
    Answer,
    FakePort,
    answering,
    html,
    login_page,
    raw,
    seal,
    sealed,
)

HTML_PAGE = "<html><head><title>维护中</title></head><body>\x1b[2J</body></html>"


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
async def test_a_refusal_has_the_ports_words(session: PortClient, stand_in: FakePort, path: str) -> None:
    words = "下载失败：您本次下载的2316条数据，超过了 1000 条的下载上限，请重新设置查询条件进行下载，缩小查询范围"
    stand_in.answers[path] = answering(JSONResponse({"responseCode": "500", "responseMsg": words}))
    with pytest.raises(PortRefused) as refused:
        await CALLS[path](session)
    assert refused.value.message == words
    assert refused.value.response_code == 500


async def test_a_refusal_cannot_command_the_terminal(session: PortClient, stand_in: FakePort) -> None:
    message = {"responseCode": 1, "responseMsg": "\x1b[2J\u202e" + "x" * 9999}
    stand_in.answers[LIST] = answering(JSONResponse(message))
    with pytest.raises(PortRefused) as refused:
        await session.list_page(JUNE, 1)
    assert "\x1b" not in refused.value.message
    assert "\u202e" not in refused.value.message
    assert len(refused.value.message) < 400


async def test_a_refusal_without_words_says_its_code(session: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[LIST] = answering(sealed(None, 20007))
    with pytest.raises(PortRefused, match="20007"):
        await session.list_page(JUNE, 1)


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
@pytest.mark.parametrize(
    "answer",
    [
        html(login_page()),
        html("\ufeff\n" + login_page("4|x")),
        raw(login_page().encode(), "text/plain"),
        raw(login_page().encode("gb18030"), "application/xml"),
        answering(RedirectResponse("https://port.test/cas/login", 302)),
        answering(RedirectResponse("https://elsewhere.test/", 303)),
        raw(b"", status=401),
    ],
)
async def test_a_login_page_instead_of_an_answer_ends_the_session(
    session: PortClient, stand_in: FakePort, path: str, answer: Answer
) -> None:
    stand_in.answers[path] = answer
    with pytest.raises(SessionEnded):
        await CALLS[path](session)
    assert len(stand_in.seen) == 1, "a redirect is not followed"


@pytest.mark.parametrize("path", READING)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not base64!",
        b"AAAA",
        "报关单".encode(),
        seal('{"responseCode":100}', key=b"another key, 16!").encode(),
        seal('{"responseCode":100}', marker="").encode(),
        seal("[]").encode(),
        seal('{"responseCode":100,"responseData":{}}').encode(),
        seal('{"responseCode":100,"responseData":[]}').encode(),
        seal('{"responseCode":100,"responseData":{"total":"many","rows":[]}}').encode(),
        seal('{"responseCode":100,"responseData":{"total":1,"rows":[{}]}}').encode(),
        seal('{"responseCode":100,"responseData":{"total":-1,"rows":[]}}').encode(),
        seal('{"responseCode":100,"responseData":{"cardHeadVo":[],"cardList":{}}}').encode(),
        seal('{"responseCode":100,"responseData":{"cardHeadVo":{},"cardList":[{"gNo":"x"}]}}').encode(),
        seal('{"responseData":{"total":0,"rows":[]}}').encode(),
        b'{"responseCode":100,"responseData":',
        b'{"responseCode":null}',
        b'{"responseCode":[100]}',
        b'{"responseCode":1e99999999999999999999}',
        b'{"responseCode":' + b"[" * 100_000,
        b"{" * 100_000,
        b'{"responseCode":"' + b"9" * 5000 + b'"}',
        HTML_PAGE.encode(),
        b"<",
        b"%PDF",
    ],
)
async def test_garbage_is_garbage(session: PortClient, stand_in: FakePort, path: str, content: bytes) -> None:
    stand_in.answers[path] = raw(content)
    with pytest.raises(InvalidPortResponse) as problem:
        await CALLS[path](session)
    assert len(problem.value.message) < 200
    assert "\x1b" not in problem.value.message


@pytest.mark.parametrize("path", READING)
async def test_http_failures(session: PortClient, stand_in: FakePort, path: str) -> None:
    stand_in.answers[path] = raw(b"<html>bad gateway</html>", "text/html", 503)
    with pytest.raises(ServerError, match="503"):
        await CALLS[path](session)
    stand_in.answers[path] = raw(b"no such thing", "text/plain", 404)
    with pytest.raises(PortRefused, match="404"):
        await CALLS[path](session)
    stand_in.answers[path] = raw(b"", "text/plain", 204)
    with pytest.raises(InvalidPortResponse):
        await CALLS[path](session)


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD, RESEND])
async def test_no_call_without_a_session(client: PortClient, stand_in: FakePort, path: str) -> None:
    with pytest.raises(NotLoggedIn):
        await CALLS[path](client)
    await client.log_in(PaperCard())
    await client.aclose()
    await client.aclose()
    stand_in.seen.clear()
    with pytest.raises(NotLoggedIn):
        await CALLS[path](client)
    assert stand_in.seen == []
