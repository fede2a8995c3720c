"""Where an operator works: folders, configuration, card media and the way to the port, before anybody has logged in."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from jiacha_tui.actions.messages import MessageLog
from jiacha_tui.config import Config
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.locations import Locations

if TYPE_CHECKING:
    from jiacha_tui.card.medium import Medium
    from jiacha_tui.eport.client import PortClient


class NotOnline(Problem):
    """Something only the port can do was asked for while browsing offline."""

    def __init__(self) -> None:
        super().__init__("session.offline", "当前为离线浏览，不能连接口岸", "按 F10 退出，联网后重新登录")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """What a login needs and nothing that belongs to one card.

    `media` makes the card media to look for, `prepare` what must be there before the first look (the demonstration
    port and its card). `connect` makes a client of the port that nobody has logged in to yet; it is None when the
    operator chose to stay offline. `demo_pin` is set in the demonstration alone.
    """

    locations: Locations
    config: Config
    media: Callable[[], Sequence["Medium"]]
    connect: Callable[[], "PortClient"] | None
    prepare: Callable[[], Awaitable[None]]
    clock: Callable[[], datetime]
    messages: MessageLog = field(repr=False)
    demo_pin: str | None = field(default=None, repr=False)

    @property
    def demo(self) -> bool:
        return self.demo_pin is not None
