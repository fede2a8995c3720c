"""The configuration: one TOML file, typed and checked. It holds no secret, so any mode of the file is fine.

A missing file is the default configuration. Whatever is wrong raises a ConfigProblem that names the file, the line,
the key and, where there is one, the valid key that was probably meant; values are never repeated in a message.
"""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jiacha_tui.config_errors import BadToml, ConfigProblem, ConfigUnreadable, first_error
from jiacha_tui.os_errors import describe

MAX_CONFIG_BYTES = 64 * 1024

# A description says what a value has to be, in the words of the message for one that is not.
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
Flag = Annotated[bool, Meta(description="true 或 false")]
CheckSeconds = Annotated[int, Meta(ge=0, le=60, description="0 至 60 的整数（秒），0 为不查")]
Minutes = Annotated[int, Meta(ge=1, le=720, description="1 至 720 的整数（分钟）")]
AmbiguousWidth = Annotated[Literal["ask", 1, 2], Meta(description='1、2 或 "ask"（询问终端）')]
FilePath = Annotated[Path | None, Meta(description="引号里的路径")]
Text = Annotated[str, Meta(description="引号里的文字")]
Texts = Annotated[dict[str, Text], Meta(description='一组 名称 = "文字"')]


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every table of the file has in common."""


class PortConfig(_Table, frozen=True):
    """[port]: how the port is reached.

    The addresses default to the official ones. `ca` is a PEM file that is trusted instead of the system's CAs.
    `send_pin` sends the PIN to the port as the official page does; without it the PIN never leaves the card's side.
    `assumptions` overrides, by name, what is assumed of the port's wire.
    """

    login_url: HttpsAddress = "https://app.singlewindow.cn/cas/login"
    service_url: HttpsAddress = "https://i.chinaport.gov.cn/rtxwebserver/"
    ca: FilePath = None
    send_pin: Flag = False
    assumptions: Texts = msgspec.field(default_factory=dict)


class CardConfig(_Table, frozen=True):
    """[card]: where the client control (客户端控件) listens that owns the card in the operator's PC.

    The PIN goes there. Without TLS it has to be on loopback, whereto SSH forwards it, unless `allow_remote_control`.
    During a session it is asked every `control_check_seconds` whether the card is still there; 0 asks never.
    """

    control_url: ControlAddress = "ws://127.0.0.1:61232"
    allow_remote_control: Flag = False
    control_check_seconds: CheckSeconds = 3


class FilingConfig(_Table, frozen=True):
    """[filing]: where 「立即前往」 leads (manual 2.2 and 2.3).

    The official addresses of the two filing systems behind the portal are not published, so both default to the
    portal itself, from where they are one click away.
    """

    foreign_trade_url: HttpsAddress = "https://e.chinaport.gov.cn/"
    manufacturer_url: HttpsAddress = "https://e.chinaport.gov.cn/"


class DownloadsConfig(_Table, frozen=True):
    """[downloads]: the folder for downloaded files; None is the one under the program's home."""

    folder: FilePath = None


class SessionConfig(_Table, frozen=True):
    """[session]: after how many idle minutes the screen locks."""

    lock_minutes: Minutes = 15


class PrintConfig(_Table, frozen=True):
    """[print]: the printer that is offered first; empty is the system's default."""

    printer: Text = ""


class TerminalConfig(_Table, frozen=True):
    """[terminal]: whether only the cells that changed are written to the terminal, or all that was drawn.

    If only they are, it is heeded how many cells the terminal gives to characters of East Asian Width A.
    """

    changes_only: Flag = True
    ambiguous_width: AmbiguousWidth = "ask"


class Config(_Table, frozen=True):
    """The whole file. Relative paths in it start from the folder it lies in, and `~` is the user's home."""

    port: PortConfig = PortConfig()
    card: CardConfig = CardConfig()
    filing: FilingConfig = FilingConfig()
    downloads: DownloadsConfig = DownloadsConfig()
    session: SessionConfig = SessionConfig()
    printing: PrintConfig = msgspec.field(name="print", default=PrintConfig())
    terminal: TerminalConfig = TerminalConfig()


def load_config(path: Path) -> Config:
    """The configuration in the file `path`, or the default where there is no such file. Raises ConfigProblem."""
    text = _read(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadToml(path, str(error), _line_in(error, text)) from error
    to_path = _path_reader(path.parent)
    try:
        return msgspec.convert(tables, Config, dec_hook=to_path)
    except msgspec.ValidationError as error:
        fault = first_error(path, text, tables, Config, to_path)
        raise fault or ConfigProblem("config.wrong-value", path, str(error)) from error


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigUnreadable(path, describe(error)) from error
    if len(data) > MAX_CONFIG_BYTES:
        raise ConfigUnreadable(path, f"超过 {MAX_CONFIG_BYTES // 1024} KiB，不像配置文件")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadToml(path, "编码不是 UTF-8", data.count(b"\n", 0, error.start) + 1) from error


def _path_reader(folder: Path) -> Callable[[type, Any], Path]:
    def to_path(wanted: type, value: Any) -> Path:
        if wanted is not Path or not isinstance(value, str) or not value.strip() or "\0" in value:
            raise ValueError("a path is a text that is not empty")
        try:
            return folder / Path(value).expanduser()
        except RuntimeError as error:
            raise ValueError("~ names nobody's home") from error

    return to_path


def _line_in(error: tomllib.TOMLDecodeError, text: str) -> int:
    match = re.search(r"at line (\d+)", str(error))
    return int(match[1]) if match else text.rstrip("\n").count("\n") + 1
