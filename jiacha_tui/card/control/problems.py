"""What can go wrong between this program and the client control, and what the control itself says went wrong."""

import re
from collections.abc import Sequence
from typing import Final

from jiacha_tui.card.problems import CardProblem, CardUnreachable, NoCard, WrongPin
from jiacha_tui.declaration.control_characters import escape_controls

FORWARDING: Final = "ssh -R 61232:127.0.0.1:61232"
"""How a program at the far end of an SSH connection reaches the control in the operator's PC."""

_START_IT: Final = "请在插卡的电脑上启动客户端控件"
_RESTART_IT: Final = "请退出并重新启动客户端控件，再重新插卡"
_CODE: Final = re.compile(r"Err:([A-Za-z]+([0-9]+))")
_NUMBER_IN_WORDS: Final = re.compile(r"错误码[=:：]([0-9]+)")
_WRONG_PIN: Final = "输入口令错误"
_LONGEST_WORDS: Final = 120


def _start_it(forwarding: str) -> str:
    return f"{_START_IT}；通过 SSH 使用时，连接要带 {forwarding}" if forwarding else _START_IT


class ControlProblem(CardProblem):
    """The control, or the way to it, failed; nothing is said about the card."""


class ControlMissing(ControlProblem, CardUnreachable):
    """Nothing listens where the control should; `forwarding` is the SSH option that would lead there, "" for none."""

    def __init__(self, forwarding: str = FORWARDING) -> None:
        super().__init__(
            "control.missing", "请下载安装IC卡/Key客户端控件，否则，将无法使用IC卡/Key", _start_it(forwarding)
        )


class ControlUnreachable(ControlProblem, CardUnreachable):
    """Something listens, but it does not answer as the control does (`Err:Base60408` of the official script).

    `forwarding` is as in ControlMissing.
    """

    def __init__(self, forwarding: str = FORWARDING) -> None:
        super().__init__("control.unreachable", "连接客户端控件服务失败,请重试.", _start_it(forwarding))


class ControlDisconnected(ControlUnreachable):
    """The control answered before and does not now, so that it need not be installed: it restarts, or the line is cut.

    The words are those of the official script for a control that it cannot connect to.
    """

    def __init__(self, forwarding: str = FORWARDING) -> None:
        super().__init__(forwarding)
        self.hint = f"控件可能正在重新启动，请稍等后重试；还是这样，{_start_it(forwarding)}"


class ControlUntrusted(ControlProblem):
    """The certificate at a wss:// address is not one that this machine trusts for that name."""

    def __init__(self) -> None:
        super().__init__("control.untrusted", "客户端控件的证书未通过验证", "请检查配置 [card] control_url 的地址")


class ControlRemote(ControlProblem):
    """The address would carry the PIN over a network in clear."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "control.remote",
            f"客户端控件的地址 {escape_controls(host)} 不在本机，又没有加密，密码会被明文传送",
            f"请改用 {FORWARDING} 转发到本机；确认线路安全时，可在配置 [card] 里写 allow_remote_control = true",
        )


class ControlAddressWrong(ControlProblem):
    """The configured address is none."""

    def __init__(self, url: str) -> None:
        super().__init__(
            "control.address", f"客户端控件的地址不对：{escape_controls(url)}", "请检查配置 [card] control_url 的地址"
        )


class ControlLost(ControlProblem, CardUnreachable):
    """The connection ended before the answer came: the control was restarted, or the line was cut."""

    def __init__(self, *, with_pin: bool) -> None:
        super().__init__(
            "control.lost",
            "客户端控件没有应答就断开了连接",
            f"控件可能已退出或重新启动，请确认它在运行后重试{_unknown_outcome(with_pin=with_pin)}",
        )


class ControlTimeout(ControlProblem, CardUnreachable):
    """No answer came in time."""

    def __init__(self, seconds: float, *, with_pin: bool) -> None:
        super().__init__(
            "control.silent",
            f"客户端控件在 {seconds:g} 秒内没有应答",
            f"请查看插卡的电脑上有没有提示，必要时重新启动控件后重试{_unknown_outcome(with_pin=with_pin)}",
        )


class InvalidControlReply(ControlProblem):
    """What came is not what the control answers."""

    def __init__(self) -> None:
        super().__init__("control.garbled", "客户端控件的应答无法识别", _RESTART_IT)


class ReaderResetFailed(ControlProblem, CardUnreachable):
    """`Custom50070`: the reader no longer reacts, as happens after long use, until the control is restarted."""

    def __init__(self) -> None:
        super().__init__("control.reader-reset", "复位读卡器失败（50070）", _RESTART_IT)


class ControlRefused(ControlProblem):
    """Anything else that the control says, in its own words."""

    def __init__(self, words: str, number: str) -> None:
        said = escape_controls(words)[:_LONGEST_WORDS] or "没有说明原因"
        super().__init__("control.refused", f"客户端控件报告：{said}" + (f"（{number}）" if number else ""))


_BY_NUMBER: Final[dict[str, type[NoCard | ReaderResetFailed | ControlUnreachable]]] = {
    "51590": NoCard,
    "50200": NoCard,
    "50070": ReaderResetFailed,
    "60408": ControlUnreachable,
}


def refusal(errors: Sequence[str]) -> CardProblem:
    """The problem that the texts in `Error` of an answer mean. No code was published for a wrong PIN, but its words.

    The login page looks for the bare numbers, so that the names before them may differ from method to method.
    """
    if any(_WRONG_PIN in error for error in errors):
        return WrongPin(None)
    codes = [match for error in errors if (match := _CODE.search(error))]
    in_words = [match for error in errors if (match := _NUMBER_IN_WORDS.search(error))]
    for number in (*(code[2] for code in codes), *(match[1] for match in in_words)):
        if number in _BY_NUMBER:
            return _BY_NUMBER[number]()
    words = "，".join(error for error in errors if not _CODE.fullmatch(error))
    return ControlRefused(words, codes[0][1] if codes else "")


def _unknown_outcome(*, with_pin: bool) -> str:
    return "。这次的密码有没有被验证无法得知，程序没有再试" if with_pin else ""
