"""The port's state in memory: login pages that wait for an answer, tickets, and sessions.

Each has a random token and expires. A page and a ticket can be used once.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from jiacha_tui.demo.envelope import EnvelopeWriter
from jiacha_tui.demo.sample_data.companies import Company

T = TypeVar("T")
MonotonicClock = Callable[[], float]
"""Seconds on a clock that never goes back."""

PAGE_SECONDS: Final = 600.0
TICKET_SECONDS: Final = 60.0
SESSION_SECONDS: Final = 1800.0
_MAX_VALUES: Final = 4096


class ExpiringStore(Generic[T]):
    """Values by token, each kept for `seconds` after it was put or renewed. When there are too many, the oldest go."""

    def __init__(self, seconds: float, now: MonotonicClock) -> None:
        self._seconds = seconds
        self._now = now
        self._values: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def put(self, token: str, value: T) -> None:
        """Stores a value, in place of an earlier one with this token."""
        self._values[token] = (self._now() + self._seconds, value)
        self._values.move_to_end(token)
        while len(self._values) > _MAX_VALUES:
            self._values.popitem(last=False)

    def take(self, token: str) -> T | None:
        """Removes and returns the value; None if it has expired or was never there."""
        until, value = self._values.pop(token, (0.0, None))
        return value if until > self._now() else None

    def renew(self, token: str) -> T | None:
        """Returns the value and keeps it for another `seconds`; None if it has expired or was never there."""
        value = self.take(token)
        if value is not None:
            self.put(token, value)
        return value

    def values(self) -> list[T]:
        """All values, also those that have expired but were not asked for since."""
        return [value for _until, value in self._values.values()]

    def clear(self) -> None:
        """Removes all values."""
        self._values.clear()


@dataclass(frozen=True, slots=True)
class IssuedLoginPage:
    """A login page that was sent: the texts that its answer must repeat, and the cookie of its browser.

    `pin_key` is the key for the PIN, if the page shows one.
    """

    browser: str
    nonce: str
    lt: str
    execution: str
    server_date: str
    pin_key: str = field(repr=False)


@dataclass(slots=True)
class PortSession:
    """A session of a card that logged in, with the envelope of its responses.

    `signed` names the kinds of call that it has signed at least once.
    """

    company: Company
    card_number: str
    certificate: bytes = field(repr=False)
    rdtime: str = field(repr=False)
    envelope: EnvelopeWriter
    signed: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Login pages, tickets and open sessions, until they expire."""

    pages: ExpiringStore[IssuedLoginPage]
    tickets: ExpiringStore[PortSession]
    open: ExpiringStore[PortSession]

    @classmethod
    def new(cls, now: MonotonicClock = time.monotonic) -> "Sessions":
        """Empty stores with the usual times until pages, tickets and sessions expire."""
        return cls(
            ExpiringStore(PAGE_SECONDS, now), ExpiringStore(TICKET_SECONDS, now), ExpiringStore(SESSION_SECONDS, now)
        )


def new_token() -> str:
    """A secret random token: 32 hex digits."""
    return secrets.token_hex(16)
