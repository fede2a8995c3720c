"""What a clerk does in the terminal, as the keys for it and what the screen shows before each of them."""

import enum
from dataclasses import dataclass
from typing import Final

from jiacha_tui.demo.pin import DEMO_PIN

_LOGIN: Final = (("JJ0G900000001", f"{DEMO_PIN}\r \r"),)
_MAIN_SCREEN: Final = "1报关单查询下载"
_F5, _F6, _F7, _F8, _F10, _CTRL_O = "\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[21~", "\x0f"


class Start(enum.Enum):
    """What the home has before."""

    CARD = enum.auto()
    """Only the card."""
    SYNCED = enum.auto()
    """A cache with everything that the port lists."""


@dataclass(frozen=True, slots=True)
class Action:
    """`keys` are typed one after the other, each when its text is on the screen. The kill comes up to `seconds` later.

    With `command` it is no action of the screen but the command `jiacha import`. `ends` is whether the program may end
    before the kill comes.
    """

    name: str
    start: Start
    keys: tuple[tuple[str, str], ...]
    seconds: float
    command: str = ""
    ends: bool = False


ACTIONS: Final = (
    Action("first login", Start.CARD, _LOGIN, 3.0),
    Action("login", Start.SYNCED, _LOGIN, 2.0),
    Action("sync", Start.CARD, (*_LOGIN, (_MAIN_SCREEN, _F5)), 6.0),
    Action("download", Start.SYNCED, (*_LOGIN, ("票", _F6), ("XML 文件下载", "\t\r")), 2.0),
    Action("resend", Start.SYNCED, (*_LOGIN, ("票", _F7), ("将向税务总局重发", "\t\r")), 1.5),
    Action("print", Start.SYNCED, (*_LOGIN, ("票", _F8), ("第 1/", _F6), ("存为 PDF", "\r\r")), 4.0),
    Action("lock", Start.SYNCED, (*_LOGIN, ("票", _CTRL_O), ("按 Enter 解锁", f"{DEMO_PIN}\r")), 1.5),
    Action("closing", Start.SYNCED, (*_LOGIN, ("票", _F10), ("退出程序", "\t\r")), 1.0, ends=True),
    Action("import", Start.SYNCED, (("的密码：", f"{DEMO_PIN}\n"),), 2.0, command="import", ends=True),
)
