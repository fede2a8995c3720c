"""Measures how long nobody has pressed a key, and calls a function after some time."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""On Linux a clock that also counts the time while the machine sleeps. Elsewhere the monotonic clock may do so."""


class TimerHandle(Protocol):
    """A scheduled call that can be cancelled."""

    def cancel(self) -> None: ...


class Scheduler(Protocol):
    """A clock in seconds that can call a function later. Tests replace it by one that they advance themselves."""

    def now(self) -> float: ...

    def call_after(self, seconds: float, callback: Callable[[], None]) -> TimerHandle: ...


class LoopScheduler:
    """The clock of this machine and the running event loop."""

    def now(self) -> float:
        return time.clock_gettime(_CLOCK)

    def call_after(self, seconds: float, callback: Callable[[], None]) -> TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, callback)


class IdleTimer:
    """Calls `when_idle` once, `seconds` after the last key. It does not run until it is started."""

    def __init__(self, seconds: float, when_idle: Callable[[], None], scheduler: Scheduler) -> None:
        self._seconds = seconds
        self._when_idle = when_idle
        self._scheduler = scheduler
        self._last_key = 0.0
        self._handle: TimerHandle | None = None

    def start(self) -> None:
        """Starts, or starts again, to count the whole time."""
        self.stop()
        self._last_key = self._scheduler.now()
        self._handle = self._scheduler.call_after(self._seconds, self._check)

    def stop(self) -> None:
        """Stops counting; `when_idle` is not called until the next `start`."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def key_pressed(self) -> bool:
        """Restarts the time. Returns False if the time was over before the key: the key must then be ignored.

        That happens after the machine slept, because the scheduler calls back only some time after it wakes up.
        `when_idle` is called here in that case.
        """
        if self._handle is None:
            return True
        if self._seconds_left() <= 0:
            self._finish()
            return False
        self._last_key = self._scheduler.now()
        return True

    def _seconds_left(self) -> float:
        return self._last_key + self._seconds - self._scheduler.now()

    def _check(self) -> None:
        left = self._seconds_left()
        if left > 0:
            self._handle = self._scheduler.call_after(left, self._check)
        else:
            self._finish()

    def _finish(self) -> None:
        self.stop()
        self._when_idle()
