"""The commands that the simulator accepts while it runs: each is one line and has one line of output."""

from typing import Final

from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.control_sim.cards import CardKind
from jiacha_tui.demo.control_sim.encryption import EncryptionFault, RsaPadding
from jiacha_tui.demo.control_sim.faults import Fault
from jiacha_tui.demo.control_sim.methods import MethodRefused, SimulatedReader
from jiacha_tui.demo.control_sim.server import InjectedFault, SimulatedControl

HELP: Final = f"""\
运行时从标准输入读命令，一行一条：
  insert {"|".join(kind.value for kind in CardKind)}   插卡（换卡）
  pull                            拔卡
  pin OLD NEW                     改卡的口令，如同用口岸的工具
  reader white|ordinary           换成白读卡器（903）或普通读卡器
  random text|decoded             签登录随机数的文字，或其 base64 解码
  padding {"|".join(scheme.value for scheme in RsaPadding)}
                                  RSA 卡加解密的填充
  encryption [FAULT …]            RSAEncrypt、RSADecrypt、GetEnvCertAsPEM 从此不正常（不写则正常），FAULT 为
                                  {" ".join(fault.value for fault in EncryptionFault)}
  certificate own|{"|".join(kind.value for kind in CardKind)}
                                  GetEnvCertAsPEM 给这张卡的，或别的卡的证书
  slow SECONDS [METHOD]           每次签名（或名称含 METHOD 的调用）要多少秒
  dark                            读卡器不再有反应，直到控件重新启动
  greeting on|off|SECONDS         连接后先说话，或不说，或过多少秒才说
  encoding utf-8|gb18030          应答所用的编码
  restart [SECONDS]               控件重新启动，其间停多少秒
  next FAULT [METHOD]             下一次（名称含 METHOD 的）调用出错，FAULT 为
                                  {" ".join(fault.value for fault in list(Fault)[:7])}
                                  {" ".join(fault.value for fault in list(Fault)[7:])}
  calls                           上次以来的调用，不含参数
  reset                           一切如开始时，卡都解锁
  help                            这段说明"""


class UnknownCommand(Problem):
    """There is no such command. Code `control-sim.unknown-command`."""

    def __init__(self) -> None:
        super().__init__("control-sim.unknown-command", "没有这条命令", "help 列出全部命令")


class PinNotChanged(Problem):
    """The card refused to change its PIN. Code `control-sim.pin-not-changed`."""

    def __init__(self, reason: str) -> None:
        super().__init__("control-sim.pin-not-changed", reason, "口令没有改")


class ControlCommands:
    """Executes commands on a simulated control."""

    def __init__(self, control: SimulatedControl) -> None:
        self._control = control

    async def run(self, line: str) -> str:
        """Executes a command and returns its output.

        Raises UnknownCommand, PinNotChanged, Sm2Unavailable, CannotListen.
        """
        try:
            return await self._run(line.split())
        except ValueError:
            raise UnknownCommand from None

    async def _run(self, words: list[str]) -> str:
        control = self._control
        match words:
            case ["slow", seconds]:
                control.signature_seconds = _seconds(seconds)
            case ["slow", seconds, method_part]:
                control.call_seconds[method_part] = _seconds(seconds)
            case ["greeting", when]:
                control.greeting_seconds = {"on": 0.0, "off": None}[when] if when in ("on", "off") else _seconds(when)
            case ["encoding", "utf-8" | "gb18030" as encoding]:
                control.encoding = encoding
            case ["restart", *seconds] if len(seconds) <= 1:
                await control.restart(_seconds(*seconds))
            case ["next", fault, *method_part] if len(method_part) <= 1:
                control.faults.append(InjectedFault(Fault(fault), *method_part))
            case ["calls"]:
                methods, control.called_methods = control.called_methods, []
                return " ".join(["calls", *methods])
            case ["reset"]:
                control.reset()
            case ["help"]:
                return HELP
            case _:
                self._change_reader(words)
        return "ok"

    def _change_reader(self, words: list[str]) -> None:
        reader = self._control.reader
        match words:
            case ["insert", kind]:
                self._control.insert(CardKind(kind))
            case ["pull"]:
                reader.card = None
            case ["pin", old, new]:
                _change_pin(reader, old, new)
            case ["reader", "white" | "ordinary" as model]:
                reader.white = model == "white"
            case ["random", "text" | "decoded" as form]:
                reader.decodes_nonce = form == "decoded"
            case ["padding", scheme]:
                reader.encryption.padding = RsaPadding(scheme)
            case ["encryption", *faults]:
                reader.encryption.faults = frozenset(map(EncryptionFault, faults))
            case ["certificate", "own"]:
                reader.encryption.foreign_certificate = None
            case ["certificate", kind]:
                reader.encryption.foreign_certificate = self._control.card(CardKind(kind)).identity.certificate
            case ["dark"]:
                reader.unresponsive = True
            case _:
                raise UnknownCommand


def _change_pin(reader: SimulatedReader, old: str, new: str) -> None:
    """Raises PinNotChanged."""
    try:
        reader.call("cus-sec_SpcChangePIN", {"oldPin": old, "newPin": new})
    except MethodRefused as refused:
        raise PinNotChanged(refused.errors[0]) from None


def _seconds(text: str = "0") -> float:
    """Raises ValueError if `text` is not between zero and one day."""
    seconds = float(text)
    if not 0 <= seconds <= 24 * 3600:
        raise ValueError
    return seconds
