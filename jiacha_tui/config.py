"""The configuration: one TOML file, typed and validated. Only the address of a proxy may hold a secret.

A missing file means the default configuration. Any error raises a ConfigProblem that names the file, the line, the key
and, if there is a similar one, the valid key that was probably meant. A message never repeats a value.
"""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jiacha_tui.config_errors import BadToml, ConfigProblem, ConfigUnreadable, first_error
from jiacha_tui.declaration.deadlines import DeadlineRules
from jiacha_tui.private_files import FileMissing, FileProblem, FileTooLarge, read_whole

MAX_CONFIG_BYTES = 64 * 1024

MAX_SYNC_MONTHS = 60
"""As far back as a sync may go: longer than anything that a refund can still be filed for."""

# The description of a type is the hint for a value that is invalid: it says what the value must be.
HttpsAddress = Annotated[
    str,
    Meta(pattern=r"\Ahttps://[A-Za-z0-9.:\[\]-]+([/?#][!-~]*)?\Z", description="https:// 开头的地址，不含用户名和空格"),
]
ControlAddress = Annotated[
    str,
    Meta(
        pattern=r"\Awss?://[A-Za-z0-9.:\[\]-]+(/[!-~]*)?\Z",
        description="ws:// 或 wss:// 开头的地址，不含用户名和空格",
    ),
]
ProxyAddress = Annotated[
    str,
    Meta(
        pattern=r"\A((http://)?([!-.0-~]+@)?[A-Za-z0-9.:\[\]-]+/?)?\Z",
        description="http://主机:端口 或 http://用户名:密码@主机:端口",
    ),
]
UserAgent = Annotated[str, Meta(pattern=r"\A([!-~]([ -~]{0,298}[!-~])?)?\Z", description="引号里的英文字符")]
ServiceAddress = Annotated[
    str, Meta(pattern=r"\A(https://[A-Za-z0-9.:\[\]-]+([/?#][!-~]*)?)?\Z", description="https:// 开头的地址")
]
Flag = Annotated[bool, Meta(description="true 或 false")]
CheckSeconds = Annotated[int, Meta(ge=0, le=60, description="0 至 60 的整数（秒），0 为不查")]
Months = Annotated[int, Meta(ge=1, le=MAX_SYNC_MONTHS, description=f"1 至 {MAX_SYNC_MONTHS} 的整数（月）")]
MonthAndDay = Annotated[
    str, Meta(pattern=r"\A(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z", description='月-日，例如 "04-30"')
]
DeadlineMonths = Annotated[int, Meta(ge=24, le=120, description="24 至 120 的整数（月）")]
Minutes = Annotated[int, Meta(ge=1, le=720, description="1 至 720 的整数（分钟）")]
AmbiguousWidth = Annotated[Literal["ask", 1, 2], Meta(description='1、2 或 "ask"（询问终端）')]
FilePath = Annotated[Path | None, Meta(description="引号里的路径")]
Text = Annotated[str, Meta(description="引号里的文字")]
Texts = Annotated[dict[str, Text], Meta(description='一组 名称 = "文字"')]


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The common base of the tables: immutable, without unknown keys."""


class PortConfig(_Table, frozen=True):
    """[port]: how to reach the port.

    The default addresses are the official ones. `ca` is a PEM file that is trusted besides the system's CAs. With
    `send_pin` the PIN is sent to the port, as the official page does; without it the PIN is only given to the card.
    An empty `proxy` leaves it to the environment, an empty `user_agent` and `login_page_service` to the program.
    `assumptions` overrides, by name, assumptions about the port's protocol. The `repr` has no proxy: it may hold a
    password.
    """

    login_url: HttpsAddress = "https://app.singlewindow.cn/cas/login"
    service_url: HttpsAddress = "https://i.chinaport.gov.cn/rtxwebserver/"
    ca: FilePath = None
    send_pin: Flag = False
    proxy: ProxyAddress = ""
    user_agent: UserAgent = ""
    login_page_service: ServiceAddress = ""
    assumptions: Texts = msgspec.field(default_factory=dict)

    def __repr__(self) -> str:
        return f"PortConfig(login_url={self.login_url!r}, service_url={self.service_url!r})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("login_url", self.login_url), ("service_url", self.service_url)]


class CardConfig(_Table, frozen=True):
    """[card]: the address of the client control (客户端控件), which has access to the card in the operator's PC.

    The PIN is sent there. Without TLS it has to be a loopback address, to which SSH can forward the control, unless
    `allow_remote_control` is set. During a session the control is asked every `control_check_seconds` whether the card
    is still inserted; 0 means never.
    """

    control_url: ControlAddress = "ws://127.0.0.1:61232"
    allow_remote_control: Flag = False
    control_check_seconds: CheckSeconds = 3


class FilingConfig(_Table, frozen=True):
    """[filing]: the addresses that 「立即前往」 opens (manual 2.2 and 2.3).

    The official addresses of the two filing systems are not published. Both default to the portal that links to them.
    """

    foreign_trade_url: HttpsAddress = "https://e.chinaport.gov.cn/"
    manufacturer_url: HttpsAddress = "https://e.chinaport.gov.cn/"


class DeadlinesConfig(_Table, frozen=True):
    """[deadlines]: the last day (mm-dd) to file, in the year after 出口日期, and the months until it is too late."""

    file_by: MonthAndDay = "04-30"
    last_after_months: DeadlineMonths = 36

    @property
    def rules(self) -> DeadlineRules:
        month, day = self.file_by.split("-")
        return DeadlineRules(int(month), int(day), self.last_after_months)


class DownloadsConfig(_Table, frozen=True):
    """[downloads]: the folder for downloaded files; None means the one in the program's home."""

    folder: FilePath = None


class SessionConfig(_Table, frozen=True):
    """[session]: the screen is locked after `lock_minutes` without a key."""

    lock_minutes: Minutes = 15


class SyncConfig(_Table, frozen=True):
    """[sync]: a sync covers the last `months` months, the current one included.

    With `at_login` a sync of what can have changed starts after each online login.
    """

    at_login: Flag = True
    months: Months = 18


class PrintConfig(_Table, frozen=True):
    """[print]: the printer that is offered first; empty means the default printer of the system."""

    printer: Text = ""


class TerminalConfig(_Table, frozen=True):
    """[terminal]: how the program writes to the terminal.

    With `changes_only` only the cells that changed are written, otherwise everything that was drawn. For the former,
    `ambiguous_width` is the number of cells that the terminal uses for characters of East Asian Width A.
    """

    changes_only: Flag = True
    ambiguous_width: AmbiguousWidth = "ask"


class Config(_Table, frozen=True):
    """The whole file. Relative paths are relative to the folder of the file, and `~` is the user's home."""

    port: PortConfig = PortConfig()
    card: CardConfig = CardConfig()
    filing: FilingConfig = FilingConfig()
    deadlines: DeadlinesConfig = DeadlinesConfig()
    downloads: DownloadsConfig = DownloadsConfig()
    session: SessionConfig = SessionConfig()
    sync: SyncConfig = SyncConfig()
    printing: PrintConfig = msgspec.field(name="print", default=PrintConfig())
    terminal: TerminalConfig = TerminalConfig()


def load_config(path: Path) -> Config:
    """The configuration in the file `path`, or the default if there is no such file. Raises ConfigProblem."""
    text = _read(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadToml(path, str(error), _line_in(error, text)) from error
    to_path = _path_reader(path.parent)
    try:
        return msgspec.convert(tables, Config, dec_hook=to_path)
    except msgspec.ValidationError as error:
        problem = first_error(path, text, tables, Config, to_path)
        raise problem or ConfigProblem("config.wrong-value", path, str(error)) from error


def _read(path: Path) -> str:
    try:
        data = read_whole(path, MAX_CONFIG_BYTES)
    except FileMissing:
        return ""
    except FileTooLarge as problem:
        raise ConfigUnreadable(path, f"{problem.reason}，不像配置文件") from problem
    except FileProblem as problem:
        raise ConfigUnreadable(path, problem.reason) from problem
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadToml(path, "编码不是 UTF-8", data.count(b"\n", 0, error.start) + 1) from error


def _path_reader(folder: Path) -> Callable[[type, Any], Path]:
    def to_path(type_: type, value: Any) -> Path:
        if type_ is not Path or not isinstance(value, str) or not value.strip() or "\0" in value:
            raise ValueError("a path must be a text that is not empty")
        try:
            return folder / Path(value).expanduser()
        except RuntimeError as error:
            raise ValueError("the ~ of the path cannot be resolved") from error

    return to_path


def _line_in(error: tomllib.TOMLDecodeError, text: str) -> int:
    match = re.search(r"at line (\d+)", str(error))
    return int(match[1]) if match else text.rstrip("\n").count("\n") + 1
