"""What lives only as long as the program: login pages waiting for their answer, tickets, and sessions.

Each is found by a name nobody can guess, and ends by itself. A page and a ticket serve once.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from jiacha_tui.demo.sample_data.companies import Company

T = TypeVar("T")
Seconds = Callable[[], float]
"""A clock that only runs forward."""

PAGE_SECONDS: Final = 600.0
TICKET_SECONDS: Final = 60.0
SESSION_SECONDS: Final = 1800.0
_MOST_KEPT: Final = 4096


class Expiring(Generic[T]):
    """Values by name, each forgotten `seconds` after it was put or last renewed; of too many, the oldest go."""

    def __init__(self, seconds: float, now: Seconds) -> None:
        self._seconds = seconds
        self._now = now
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def put(self, name: str, value: T) -> None:
        self._kept[name] = (self._now() + self._seconds, value)
        self._kept.move_to_end(name)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)

    def take(self, name: str) -> T | None:
        """The value, which is then gone."""
        until, value = self._kept.pop(name, (0.0, None))
        return value if until > self._now() else None

    def renew(self, name: str) -> T | None:
        """The value, which then lives on."""
        value = self.take(name)
        if value is not None:
            self.put(name, value)
        return value


@dataclass(frozen=True, slots=True)
class IssuedLoginPage:
    """A login page that was handed out: its one-use texts and the browser it went to."""

    browser: str
    random: str
    lt: str
    execution: str
    server_date: str


@dataclass(slots=True)
class PortSession:
    """A card that logged in. `signed` names the kinds of call that it has signed once."""

    company: Company
    card_number: str
    certificate: bytes = field(repr=False)
    rdtime: str = field(repr=False)
    signed: set[str] = field(default_factory=set)


def new_name() -> str:
    return secrets.token_hex(16)
