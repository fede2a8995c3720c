"""An operator at work: one unlocked card, its cache and, online, the port that knows the card."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from db.cache import Cache
from db.declarations import Declarations
from db.journal import Journal
from db.months import Months
from db.outbox import Outbox
from db.results import Results
from jiacha_tui.actions.cards import CardFace
from jiacha_tui.actions.workplace import NotOnline, Workplace
from jiacha_tui.card.medium import OpenCard
from jiacha_tui.port.client import PortClient
from jiacha_tui.port.problems import SessionEnded

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Status:
    """What the line at the top of the desk says: cached declarations, and when a sync last went through."""

    cached: int
    last_sync: datetime | None


@dataclass(slots=True, eq=False)
class Session:
    """Everything a deed may use. `port` is None while browsing offline. Made by `log_in`, ended by `close`."""

    workplace: Workplace
    face: CardFace
    card: OpenCard = field(repr=False)
    cache: Cache = field(repr=False)
    port: PortClient | None = field(repr=False)
    warnings: tuple[str, ...]
    resources: AsyncExitStack = field(repr=False)
    log_in_to_port: Callable[[PortClient], Awaitable[None]] = field(repr=False)
    declarations: Declarations = field(init=False, repr=False)
    results: Results = field(init=False, repr=False)
    journal: Journal = field(init=False, repr=False)
    outbox: Outbox = field(init=False, repr=False)
    months: Months = field(init=False, repr=False)
    _logins: int = field(init=False, repr=False, default=1)
    _logging_in: asyncio.Lock = field(init=False, repr=False, default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.declarations = Declarations(self.cache)
        self.results = Results(self.cache)
        clock = self.workplace.clock
        self.journal = Journal(self.cache, clock)
        self.outbox = Outbox(self.cache, clock)
        self.months = Months(self.cache, clock)

    @property
    def online(self) -> bool:
        return self.port is not None

    def the_port(self) -> PortClient:
        """The port, for a deed that cannot be done without it. Raises `NotOnline`."""
        if self.port is None:
            raise NotOnline
        return self.port

    async def ask(self, call: Callable[[PortClient], Awaitable[_Answer]]) -> _Answer:
        """What the port answers. Where it has ended its session, the card logs in once more and `call` is made again.

        A port that says so has done nothing, so this doubles nothing. Raises `NotOnline` and what `call` raises.
        """
        port = self.the_port()
        logins = self._logins
        try:
            return await call(port)
        except SessionEnded:
            async with self._logging_in:
                if logins == self._logins:
                    await self.log_in_to_port(port)
                    self._logins += 1
        return await call(port)

    async def status(self) -> Status:
        return await asyncio.to_thread(lambda: Status(self.declarations.count(), self.months.last_sync()))

    async def close(self) -> None:
        """Leaves the port, clears the PIN and closes the cache. A second call does nothing."""
        self.port = None
        await self.resources.aclose()
