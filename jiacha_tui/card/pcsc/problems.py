"""The failures of the PC/SC service, of a reader and of the connection to a card in it.

PcscProblem              —                  base class, a CardProblem
├ PyscardMissing         pcsc.no-pyscard    pyscard is not installed
├ LibraryMissing         pcsc.no-library    the PC/SC library of the system is not installed
├ ServiceProblem         —                  base class: the service cannot be reached
│ ├ ServiceStopped       pcsc.no-service    the service does not run
│ └ ServiceDenied        pcsc.denied        the service closed the connection at once
├ NoReader               pcsc.no-reader     the service has no reader
├ ReaderBusy             pcsc.busy          another program uses the card exclusively
├ ReaderTimeout          pcsc.silent        no answer arrived in time
├ CardUnresponsive       pcsc.mute          a card is inserted and does not respond
├ NotPiv                 pcsc.not-piv       the card has no PIV application
├ SeveralCardsInserted   pcsc.several       more than one E-Port card is inserted
├ CardConnectionLost     pcsc.link-lost     the card or its reader was removed or reset
├ NotVerified            pcsc.not-verified  the card requires its PIN first
├ CardRefused            pcsc.refused       the card returned a status that is not expected
└ PcscFailed             pcsc.failed        any other error code of the service
"""

from collections.abc import Sequence

from jiacha_tui.card.problems import CardProblem, CardUnreachable
from jiacha_tui.declaration.control_characters import escape_controls


class PcscProblem(CardProblem):
    """The PC/SC service, the reader or the connection to the card failed."""


class PyscardMissing(PcscProblem):
    """The program was installed without its extra `card`, which must be compiled."""

    def __init__(self) -> None:
        super().__init__(
            "pcsc.no-pyscard",
            "没有安装 pyscard，不能使用读卡器",
            "请执行 apt install gcc python3-dev libpcsclite-dev，再在本程序的环境里 pip install pyscard",
        )


class LibraryMissing(PcscProblem):
    """pyscard is installed, but the C library that it calls is not."""

    def __init__(self) -> None:
        super().__init__(
            "pcsc.no-library", "没有安装 PC/SC 库，不能使用读卡器", "请执行 apt install libpcsclite1 pcscd"
        )


class ServiceProblem(PcscProblem, CardUnreachable):
    """The service cannot be reached. Every connection to a card that it had open for this program is lost."""


class ServiceStopped(ServiceProblem):
    """Nothing listens on the socket of the service."""

    def __init__(self) -> None:
        super().__init__(
            "pcsc.no-service",
            "读卡器服务没有运行",
            "请启动 pcscd 或检查 SSH 转发",
        )


class ServiceDenied(ServiceProblem):
    """The service closed the connection at once.

    Either its policy (polkit) admits only users who sit at the machine, or it is about to end. A forwarded socket
    without a service at its other end looks the same.
    """

    def __init__(self) -> None:
        super().__init__(
            "pcsc.denied",
            "读卡器服务拒绝了连接",
            "本机的读卡器：请管理员在 polkit 里允许 org.debian.pcsc-lite.access_pcsc 和 access_card；"
            "经 SSH 转发的读卡器：请在那台电脑上启动 pcscd",
        )


class NoReader(PcscProblem):
    """The service runs but has no reader."""

    def __init__(self) -> None:
        super().__init__("pcsc.no-reader", "没有读卡器", "请插上读卡器")


class ReaderBusy(PcscProblem):
    """Another program uses the card exclusively."""

    def __init__(self) -> None:
        super().__init__("pcsc.busy", "卡正被另一个程序使用", "请关闭使用这张卡的其他程序（浏览器、邮件、VPN）后重试")


class CardUnresponsive(PcscProblem):
    """A card is inserted but does not respond."""

    def __init__(self) -> None:
        super().__init__("pcsc.mute", "读卡器里的卡没有应答", "请检查卡有没有插反，或拔出重新插入")


class NotPiv(PcscProblem):
    """The card has no PIV application."""

    def __init__(self) -> None:
        super().__init__("pcsc.not-piv", "读卡器里的卡不是 PIV 卡", "电子口岸 IC卡/Key 请通过客户端控件使用")


class SeveralCardsInserted(PcscProblem):
    """More than one E-Port card is inserted, and a PIN must not be tried on the wrong one."""

    def __init__(self, readers: Sequence[str]) -> None:
        named = "、".join(escape_controls(reader) for reader in readers)
        super().__init__("pcsc.several", f"插入了 {len(readers)} 张卡：{named}", "请只留下要使用的一张")


class ReaderTimeout(PcscProblem, CardUnreachable):
    """No answer arrived in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "pcsc.silent", f"读卡器在 {seconds:g} 秒内没有应答", "请拔出卡重新插入；读卡器经 SSH 转发时，请检查连接"
        )


class CardRefused(PcscProblem):
    """The card returned a status word (ISO 7816-4) that this program does not expect."""

    def __init__(self, status: int) -> None:
        super().__init__("pcsc.refused", f"卡拒绝了操作（状态 {status:04X}）", "请拔出卡重新插入后重试")


class PcscFailed(PcscProblem):
    """Any other error code of the service."""

    def __init__(self, code: int) -> None:
        super().__init__("pcsc.failed", f"读卡器服务报告错误 0x{code:08X}", "请拔出卡重新插入，必要时重新启动 pcscd")


class CardConnectionLost(PcscProblem):
    """The connection to the card ended: the card or its reader was removed or reset."""

    def __init__(self) -> None:
        super().__init__("pcsc.link-lost", "与卡的连接已断开", "请检查卡和读卡器")


class NotVerified(PcscProblem):
    """The card requires its PIN first: it no longer knows that the PIN was verified."""

    def __init__(self) -> None:
        super().__init__("pcsc.not-verified", "卡要求先验证密码", "请重新输入密码")
