"""Reports calls that have had no complete response for a while, or whose response the port's script does not open."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jiacha_tui.eport.settings import Timeouts


@dataclass(frozen=True, slots=True)
class SlowCall:
    """How long the oldest call without a complete response has waited.

    `seconds` are those since the call began, `limit` those after which it fails. `received` counts the bytes of its
    response so far. `is_paused` tells that the port was overloaded and the call waits to be repeated. `others_answered`
    tells that other calls were answered since this one began. `is_opening` tells that the whole response is there and
    the port's script opens it; `limit` is then that of each try.
    """

    seconds: float
    limit: float
    received: int = 0
    is_paused: bool = False
    others_answered: bool = False
    is_opening: bool = False


OnSlowCall = Callable[[SlowCall | None], None]
"""Is called with None once no call waits any longer. It must not block."""


def ignore_slow_calls(_slow_call: SlowCall | None) -> None:
    """For a client whose callers show nothing."""


@dataclass(slots=True, eq=False)
class PendingCall:
    """A call without a complete response. The code that makes the call counts the bytes and notes the pauses."""

    started: float
    limit: float
    received: int = 0
    is_paused: bool = False
    is_opening: bool = False


class SlowCallMonitor:
    """Watches the calls of one client, all in one event loop.

    `on_slow_call` is called after a call has waited for `Timeouts.notice` seconds, and then every
    `Timeouts.notice_interval` seconds, until the call has ended.
    """

    def __init__(self, timeouts: Timeouts, on_slow_call: OnSlowCall) -> None:
        self._notice = timeouts.notice
        self._interval = timeouts.notice_interval
        self._on_slow_call = on_slow_call
        self._calls: list[PendingCall] = []
        self._timer: asyncio.TimerHandle | None = None
        self._answered_at = 0.0
        self._is_reported = False

    @contextmanager
    def open_call(self, limit: float, *, is_opening: bool = False) -> Iterator[PendingCall]:
        """A call that lasts as long as the block, at most `limit` seconds, its repetitions included.

        With `is_opening` the block opens a response, and `limit` is that of each try.
        """
        loop = asyncio.get_running_loop()
        call = PendingCall(loop.time(), limit, is_opening=is_opening)
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
            self._on_slow_call(None)
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
        self._on_slow_call(
            SlowCall(
                loop.time() - oldest.started,
                oldest.limit,
                oldest.received,
                oldest.is_paused,
                others_answered=self._answered_at > oldest.started,
                is_opening=oldest.is_opening,
            )
        )
