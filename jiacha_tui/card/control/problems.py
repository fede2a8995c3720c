"""The failures of the client control and of the connection to it, and the problems that its error texts stand for.

ControlProblem            —                     base class, a CardProblem; says nothing about the card
├ ControlMissing          control.missing       nothing listens at the address
├ ControlUnreachable      control.unreachable   something listens, but does not behave like the control
│ └ ControlDisconnected   control.unreachable   as the two above, after this program has reached the control before
├ ControlUntrusted        control.untrusted     the certificate of a wss:// address is not trusted
├ ControlRemote           control.remote        the address would send the PIN over a network unencrypted
├ ControlAddressWrong     control.address       the configured address is not an address
├ ControlLost             control.lost          the connection ended before the reply arrived
├ ControlTimeout          control.silent        no reply arrived in time
├ InvalidControlReply     control.garbled       the reply is not one that the control would send
├ ReaderResetFailed       control.reader-reset  the card reader no longer reacts
└ ControlRefused          control.refused       any other error that the control reports
  └ PaddingRefused        control.refused       the control names the padding of what it was to decrypt
"""

import re
from collections.abc import Sequence
from typing import Final

from jiacha_tui.card.control.forwarding import DEFAULT_URL, loopback_forwarding, ssh_forwarding
from jiacha_tui.card.problems import CardProblem, CardUnreachable, NoCard, WrongPin
from jiacha_tui.declaration.control_characters import escape_controls

_START_CONTROL: Final = "请在插卡的电脑上启动客户端控件"
_RESTART_CONTROL: Final = "请退出并重新启动客户端控件，再重新插卡"
_CODE: Final = re.compile(r"Err:([A-Za-z]+([0-9]+))")
_NUMBER_IN_TEXT: Final = re.compile(r"错误码[=:：]([0-9]+)")
_WRONG_PIN: Final = "输入口令错误"
_PADDING: Final = re.compile("填充|密文|padding|oaep", re.IGNORECASE)
_PIN: Final = re.compile("口令|密码|锁|pin", re.IGNORECASE)
_MAX_TEXT_LENGTH: Final = 120


def _start_hint(url: str) -> str:
    """What to do about a control that is not reached at `url`. It names the TCP port that is configured."""
    if forwarding := ssh_forwarding(url):
        return f"{_START_CONTROL}；通过 SSH 使用时，连接要带 {forwarding}"
    return f"{_START_CONTROL}；配置的地址是 {escape_controls(url)}"


class ControlProblem(CardProblem):
    """The control, or the connection to it, failed. This says nothing about the card."""


class ControlMissing(ControlProblem, CardUnreachable):
    """Nothing listens at the address `url`."""

    def __init__(self, url: str = DEFAULT_URL) -> None:
        super().__init__("control.missing", "请下载安装IC卡/Key客户端控件，否则，将无法使用IC卡/Key", _start_hint(url))


class ControlUnreachable(ControlProblem, CardUnreachable):
    """Something listens at `url`, but does not behave like the control (`Err:Base60408` of the official script)."""

    def __init__(self, url: str = DEFAULT_URL) -> None:
        super().__init__("control.unreachable", "连接客户端控件服务失败,请重试.", _start_hint(url))


class ControlDisconnected(ControlUnreachable):
    """The control was reached before and is not reached any more: it is restarting, or the connection was cut.

    It need not be installed, so the text is that of the official script for a control that it cannot connect to.
    """

    def __init__(self, url: str = DEFAULT_URL) -> None:
        super().__init__(url)
        self.hint = f"控件可能正在重新启动，请稍等后重试；还是这样，{_start_hint(url)}"


class ControlUntrusted(ControlProblem):
    """This machine does not trust the certificate of a wss:// address for its name."""

    def __init__(self) -> None:
        super().__init__("control.untrusted", "客户端控件的证书未通过验证", "请检查配置 [card] control_url 的地址")


class ControlRemote(ControlProblem):
    """The address `url` would send the PIN over a network unencrypted."""

    def __init__(self, url: str) -> None:
        command, address = loopback_forwarding(url)
        super().__init__(
            "control.remote",
            f"客户端控件的地址 {escape_controls(url)} 不在本机，又没有加密，密码会被明文传送",
            f"请改用 {command} 转发到本机，并把配置 [card] control_url 改成 {address}；"
            "确认线路安全时，可写 allow_remote_control = true",
        )


class ControlAddressWrong(ControlProblem):
    """The configured address is not a ws:// or wss:// address."""

    def __init__(self, url: str) -> None:
        super().__init__(
            "control.address", f"客户端控件的地址不对：{escape_controls(url)}", "请检查配置 [card] control_url 的地址"
        )


class ControlLost(ControlProblem, CardUnreachable):
    """The connection ended before the reply arrived: the control was restarted, or the connection was cut."""

    def __init__(self, *, had_pin: bool) -> None:
        super().__init__(
            "control.lost",
            "客户端控件没有应答就断开了连接",
            f"控件可能已退出或重新启动，请确认它在运行后重试{_unknown_outcome(had_pin=had_pin)}",
        )


class ControlTimeout(ControlProblem, CardUnreachable):
    """No reply arrived in time."""

    def __init__(self, seconds: float, *, had_pin: bool) -> None:
        super().__init__(
            "control.silent",
            f"客户端控件在 {seconds:g} 秒内没有应答",
            f"请查看插卡的电脑上有没有提示，必要时重新启动控件后重试{_unknown_outcome(had_pin=had_pin)}",
        )


class InvalidControlReply(ControlProblem):
    """The reply is not one that the control would send, or does not say whether the call succeeded.

    `had_pin` says whether the call sent the PIN, which the card may then have tried.
    """

    def __init__(self, *, had_pin: bool = False) -> None:
        super().__init__(
            "control.garbled",
            "客户端控件的应答无法识别" + ("，密码有没有被验证无法得知" if had_pin else ""),
            f"{_RESTART_CONTROL}{_unknown_outcome(had_pin=had_pin)}",
        )


class ReaderResetFailed(ControlProblem, CardUnreachable):
    """`Custom50070`: the reader no longer reacts until the control is restarted. This happens after long use."""

    def __init__(self) -> None:
        super().__init__("control.reader-reset", "复位读卡器失败（50070）", _RESTART_CONTROL)


class ControlRefused(ControlProblem):
    """Any other error that the control reports, with the text of the control. `had_pin` as in InvalidControlReply."""

    def __init__(self, text: str, code: str, *, had_pin: bool = False) -> None:
        shown = escape_controls(text)[:_MAX_TEXT_LENGTH] or "没有说明原因"
        super().__init__(
            "control.refused",
            f"客户端控件报告：{shown}" + (f"（{code}）" if code else ""),
            _unknown_outcome(had_pin=had_pin)[1:],  # without the full stop before it
        )


class PaddingRefused(ControlRefused):
    """The control says that the padding of what it was to decrypt is wrong, so it has accepted the PIN (assumed)."""


_BY_NUMBER: Final[dict[str, type[NoCard | ReaderResetFailed]]] = {
    "51590": NoCard,
    "50200": NoCard,
    "50070": ReaderResetFailed,
}
_NOT_CONNECTED: Final = "60408"


def problem_for(errors: Sequence[str], url: str, *, had_pin: bool) -> CardProblem:
    """The problem that the texts in `Error` of a reply of the control at `url` stand for.

    A wrong PIN is recognised by its text, because no code for it is published. Other errors are recognised by their
    number alone, as on the official login page: the name before the number may differ from method to method.
    """
    if any(_WRONG_PIN in error for error in errors):
        return WrongPin(None)
    codes = [match for error in errors if (match := _CODE.search(error))]
    in_text = [match for error in errors if (match := _NUMBER_IN_TEXT.search(error))]
    for number in (*(code[2] for code in codes), *(match[1] for match in in_text)):
        if number in _BY_NUMBER:
            return _BY_NUMBER[number]()
        if number == _NOT_CONNECTED:
            return ControlUnreachable(url)
    text = "，".join(error for error in errors if not _CODE.fullmatch(error))
    refused = PaddingRefused if _PADDING.search(text) and not _PIN.search(text) else ControlRefused
    return refused(text, codes[0][1] if codes else "", had_pin=had_pin)


def _unknown_outcome(*, had_pin: bool) -> str:
    """The end of a hint, with the full stop before it; "" for a call without a PIN."""
    return "。这次输入可能已经算作一次尝试，程序没有再试；连续错误会锁卡" if had_pin else ""
