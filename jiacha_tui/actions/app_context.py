"""What the program knows before anybody has logged in: folders, configuration, card media and how to reach the port."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from jiacha_tui.actions.messages import MessageLog
from jiacha_tui.actions.slow_call_texts import SlowCallTexts
from jiacha_tui.config import Config
from jiacha_tui.locations import Locations

if TYPE_CHECKING:
    from jiacha_tui.card.medium import Medium
    from jiacha_tui.eport.client import PortClient


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """What a login needs. It holds nothing that belongs to one card.

    `prepare` is awaited before the first search for a card; it sets up the embedded port of the demonstration.
    `media` returns the card media to search. `connect` returns a new client of the port that is not logged in; it is
    None when the operator chose to stay offline. The client reports long waits
    to `slow_call_texts`. `demo_pin` is set only in the demonstration.
    """

    locations: Locations
    config: Config
    media: Callable[[], Sequence["Medium"]]
    connect: Callable[[], "PortClient"] | None
    prepare: Callable[[], Awaitable[None]]
    clock: Callable[[], datetime]
    messages: MessageLog = field(repr=False)
    slow_call_texts: SlowCallTexts = field(repr=False)
    demo_pin: str | None = field(default=None, repr=False)

    @property
    def demo(self) -> bool:
        """Whether this is the demonstration."""
        return self.demo_pin is not None
