"""When nobody has pressed a key for a while."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

_INCLUDING_SLEEP = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""On Linux the clock that goes on while the machine sleeps; elsewhere the usual one may do so by itself."""


class TimerHandle(Protocol):
    """Something that was set to ring."""

    def cancel(self) -> None: ...


class Scheduler(Protocol):
    """The passing of time, in seconds."""

    def now(self) -> float: ...

    def call_after(self, seconds: float, ring: Callable[[], None]) -> TimerHandle: ...


class LoopScheduler:
    """The time of this machine, ringing in the event loop that runs."""

    def now(self) -> float:
        return time.clock_gettime(_INCLUDING_SLEEP)

    def call_after(self, seconds: float, ring: Callable[[], None]) -> TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, ring)


class IdleTimer:
    """Calls `when_idle` once, `seconds` after the last key. It stands still until it is started."""

    def __init__(self, seconds: float, when_idle: Callable[[], None], timer: Scheduler) -> None:
        self._seconds = seconds
        self._when_idle = when_idle
        self._timer = timer
        self._last_key = 0.0
        self._alarm: TimerHandle | None = None

    def start(self) -> None:
        """Counts from now."""
        self.stop()
        self._last_key = self._timer.now()
        self._alarm = self._timer.call_after(self._seconds, self._rung)

    def stop(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def key_pressed(self) -> bool:
        """Counts anew. False for a key that comes too late: a machine that slept rings only after it.

        `when_idle` has been called then, and the key is for nobody.
        """
        if self._alarm is None:
            return True
        if self._left() <= 0:
            self._ring()
            return False
        self._last_key = self._timer.now()
        return True

    def _left(self) -> float:
        return self._last_key + self._seconds - self._timer.now()

    def _rung(self) -> None:
        left = self._left()
        if left > 0:
            self._alarm = self._timer.call_after(left, self._rung)
        else:
            self._ring()

    def _ring(self) -> None:
        self.stop()
        self._when_idle()
