"""A login session: the opened card, its cache and, when online, the port that the card is logged in to."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from db.breakdown import Breakdowns
from db.cache import Cache
from db.declarations import Declarations
from db.detail_failures import DetailFailures
from db.journal import Journal
from db.list_checkpoints import ListCheckpoints, SyncRecord
from db.outbox import Outbox
from db.port_list import PortList
from db.results import Results
from db.saved_filters import SavedFilters
from db.state_recorder import StateRecorder
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import CacheFailure
from jiacha_tui.actions.cards import CardSummary
from jiacha_tui.actions.lock_state import LockReason, LockState
from jiacha_tui.actions.operator_activity import OperatorActivity
from jiacha_tui.actions.problems import NotOnline
from jiacha_tui.actions.relogin_limit import ReloginLimit
from jiacha_tui.actions.reopenable_card import ReopenableCard
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.card.medium import Medium, OnAttempt, ignore_attempts
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardClosed, CardMismatch, CardRemoved, CardUnreachable
from jiacha_tui.declaration.journal import JournalEntry
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.problems import NotLoggedIn, SessionEnded

_Response = TypeVar("_Response")


@dataclass(frozen=True, slots=True)
class CacheStatus:
    """The number of cached declarations, and the last sync that ran to its end, None if there is none."""

    cached: int
    last_sync: SyncRecord | None


@dataclass(slots=True, eq=False)
class Session:
    """Everything that an action may use. `port` is None when offline. `log_in` creates it and `close` ends it.

    After `enable_locking` it can be locked. A lock closes the card. Requests that were sent before are still answered,
    and all later ones wait until the card is opened again. The cache stays open.
    """

    app_context: AppContext
    card_summary: CardSummary
    medium: Medium = field(repr=False)
    card: ReopenableCard = field(repr=False)
    cache: Cache = field(repr=False)
    recorder: StateRecorder = field(repr=False)
    port: PortClient | None = field(repr=False)
    warnings: tuple[str, ...]
    unconfirmed: tuple[JournalEntry, ...] = field(init=False, default=())
    """What the login found wrong with the files of the cache or did to them, until the operator confirms it."""
    resources: AsyncExitStack = field(repr=False)
    lock_state: LockState = field(init=False, repr=False, default_factory=LockState)
    operator_activity: OperatorActivity = field(init=False, repr=False, default_factory=OperatorActivity)
    declarations: Declarations = field(init=False, repr=False)
    detail_failures: DetailFailures = field(init=False, repr=False)
    results: Results = field(init=False, repr=False)
    breakdowns: Breakdowns = field(init=False, repr=False)
    journal: Journal = field(init=False, repr=False)
    outbox: Outbox = field(init=False, repr=False)
    checkpoints: ListCheckpoints = field(init=False, repr=False)
    port_list: PortList = field(init=False, repr=False)
    saved_filters: SavedFilters = field(init=False, repr=False)
    _logins: int = field(init=False, repr=False, default=1)
    _relogin_limit: ReloginLimit = field(init=False, repr=False, default_factory=ReloginLimit)
    _login_mutex: asyncio.Lock = field(init=False, repr=False, default_factory=asyncio.Lock)
    _locking_enabled: bool = field(init=False, repr=False, default=False)
    _watcher: asyncio.Task[None] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        clock = self.app_context.clock
        self.declarations = Declarations(self.cache, clock)
        self.results = Results(self.cache)
        self.breakdowns = Breakdowns(self.cache)
        self.detail_failures = DetailFailures(self.cache, clock)
        self.journal = Journal(self.cache, clock, self.recorder.record_if_possible)
        self.outbox = Outbox(self.cache, clock)
        self.checkpoints = ListCheckpoints(self.cache, clock)
        self.port_list = PortList(self.cache)
        self.saved_filters = SavedFilters(self.cache, clock)

    @property
    def online(self) -> bool:
        """Whether there is a port. It stays true while the port cannot be reached."""
        return self.port is not None

    def require_port(self) -> PortClient:
        """The port. Raises NotOnline."""
        if self.port is None:
            raise NotOnline
        return self.port

    async def call_port(self, call: Callable[[PortClient], Awaitable[_Response]]) -> _Response:
        """Waits until the session is unlocked, calls the port and returns the answer. Raises NotOnline and as `call`.

        If the port has ended its session, the card logs in again and `call` is repeated. Raises SessionsTooShort or
        TooManyLogins if the sessions of the last logins have ended too soon (`ReloginLimit`). If the card was removed
        or cannot be reached, the session is locked if that is enabled, and `call` is repeated after the unlock. Neither
        can do anything twice: a port that reports an ended session has done nothing, and a card fails before the
        request that it signs is sent.
        """
        while True:
            await self.lock_state.wait_unlocked()
            try:
                return await self._call(self.require_port(), call)
            except (CardRemoved, CardMismatch, CardClosed, CardUnreachable) as problem:
                if not self._locking_enabled:
                    raise
                if self.lock_state.reason is None:
                    self.app_context.messages.problem(problem)
                await self.lock(LockReason.CARD)

    async def wait_cache_failed(self) -> CacheFailure:
        """Waits until the cache turns out to be damaged or to have stopped."""
        loop = asyncio.get_running_loop()
        failed: asyncio.Queue[Problem] = asyncio.Queue()

        def report(problem: Problem) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(failed.put_nowait, problem)

        self.cache.on_failure(report)
        return CacheFailure(self.card_summary.card_number, await failed.get())

    def enable_locking(self) -> None:
        """Allows `lock`, and locks the session when its card is removed. To be called once somebody can unlock it."""
        self._locking_enabled = True
        self._watch()

    async def lock(self, reason: LockReason) -> None:
        """Stops all work before its next request, clears the PIN and closes the card.

        Does nothing if the session is already locked or locking is not enabled.
        """
        if self._locking_enabled and self.lock_state.reason is None:
            self.lock_state.lock(reason)
            if self._watcher is not asyncio.current_task():
                self._cancel_watching()
            await run_to_completion(self.card.close())

    async def unlock(self, pin_text: str, on_attempt: OnAttempt = ignore_attempts) -> None:
        """Opens the card again with one try of the PIN; all work continues where it stopped.

        Raises PinMissing, PinMalformed, NoCard and CardMismatch before the PIN is tried, then WrongPin, PinBlocked and
        whatever else the medium raises. The session then stays locked.
        """
        await self.card.reopen(self.medium, Pin.parse(pin_text), on_attempt)
        self._watch()
        self.lock_state.unlock()

    async def confirm(self, entries: Sequence[JournalEntry]) -> None:
        """Records that the operator has read these entries: the next login does not show them again."""
        await asyncio.to_thread(self.journal.confirm, [entry.id for entry in entries])
        self.unconfirmed = tuple(entry for entry in self.unconfirmed if entry not in entries)

    async def cache_status(self) -> CacheStatus:
        """Reads the status from the cache."""
        return await asyncio.to_thread(lambda: CacheStatus(self.declarations.count(), self.checkpoints.last_sync()))

    async def close(self) -> None:
        """Closes the connection to the port, the card and the cache, and clears the PIN. A second call does nothing."""
        self.port = None
        self._locking_enabled = False
        await self._stop_watching()
        self.lock_state.unlock()
        await self.resources.aclose()

    async def _call(self, port: PortClient, call: Callable[[PortClient], Awaitable[_Response]]) -> _Response:
        logins = self._logins
        try:
            answer = await call(port)
        except (SessionEnded, NotLoggedIn):
            async with self._login_mutex:
                if logins == self._logins:
                    await self._log_in_again(port)
            answer = await call(port)
        self._relogin_limit.succeeded()
        return answer

    async def _log_in_again(self, port: PortClient) -> None:
        if refusal := self._relogin_limit.refusal(time.monotonic()):
            raise refusal
        await port.log_in(self.card, self.card.reveal_pin)
        self._logins += 1
        count = self._relogin_limit.logged_in(time.monotonic())
        self.app_context.messages.note(f"口岸结束了会话，已用卡重新登录（十分钟内第 {count} 次）")

    def _watch(self) -> None:
        self._cancel_watching()
        self._watcher = asyncio.create_task(self._lock_when_removed())

    async def _lock_when_removed(self) -> None:
        try:
            await self.card.wait_until_removed()
        except Problem as problem:
            self.app_context.messages.problem(problem)
        await self.lock(LockReason.CARD)

    def _cancel_watching(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()

    async def _stop_watching(self) -> None:
        self._cancel_watching()
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            await asyncio.wait([watcher])
            if not watcher.cancelled():
                watcher.result()  # raises its exception, if any
