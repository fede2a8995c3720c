"""Tells somebody about calls whose response does not come or is not complete."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jiacha_tui.eport.settings import Timeouts


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the oldest call without a complete response has waited for.

    `seconds` are those since the call began, `limit` those after which it fails. `received` counts the bytes of its
    response so far. `is_paused` tells that the port was overloaded and the call waits to be repeated. `others_answered`
    tells that other calls were answered since this one began.
    """

    seconds: float
    limit: float
    received: int = 0
    is_paused: bool = False
    others_answered: bool = False


OnWaiting = Callable[[Waiting | None], None]
"""Is called with None once no call waits any longer. It must not block."""


def ignore_waiting(_waiting: Waiting | None) -> None:
    """For a client whose callers show nothing."""


@dataclass(slots=True, eq=False)
class WaitingCall:
    """A call that waits for its response. Who makes it counts the bytes and notes its pauses."""

    started: float
    limit: float
    received: int = 0
    is_paused: bool = False


class WaitMonitor:
    """Watches the calls of one client, all in one event loop.

    `on_waiting` is called after a call has waited for `Timeouts.notice` seconds, and then every
    `Timeouts.notice_interval` seconds, until the call has ended.
    """

    def __init__(self, timeouts: Timeouts, on_waiting: OnWaiting) -> None:
        self._notice = timeouts.notice
        self._interval = timeouts.notice_interval
        self._on_waiting = on_waiting
        self._calls: list[WaitingCall] = []
        self._timer: asyncio.TimerHandle | None = None
        self._answered_at = 0.0
        self._is_reported = False

    @contextmanager
    def call(self, limit: float) -> Iterator[WaitingCall]:
        """A call for the block. `limit` is how many seconds it may last, including its repetitions."""
        loop = asyncio.get_running_loop()
        call = WaitingCall(loop.time(), limit)
        self._calls.append(call)
        self._watch(loop)
        try:
            yield call
        finally:
            self._calls.remove(call)
            self._answered_at = loop.time()
            self._watch(loop)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Sets the timer for the oldest call, and reports if none has waited for long."""
        due = self._calls[0].started + self._notice if self._calls else None
        if self._is_reported and (due is None or due > loop.time()):
            self._is_reported = False
            self._on_waiting(None)
        if self._timer is not None and not self._is_reported:
            self._timer.cancel()
            self._timer = None
        if self._timer is None and due is not None:
            self._timer = loop.call_at(due, self._report)

    def _report(self) -> None:
        loop = asyncio.get_running_loop()
        oldest = self._calls[0]
        self._timer = loop.call_later(self._interval, self._report)
        self._is_reported = True
        self._on_waiting(
            Waiting(
                loop.time() - oldest.started,
                oldest.limit,
                oldest.received,
                oldest.is_paused,
                others_answered=self._answered_at > oldest.started,
            )
        )
