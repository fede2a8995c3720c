"""A clock that a test advances itself."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(eq=False)
class _ScheduledCall:
    at: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class ManualScheduler:
    """A `Scheduler` of `actions.idle_timer`."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._calls: list[_ScheduledCall] = []

    def now(self) -> float:
        return self._now

    def call_after(self, seconds: float, callback: Callable[[], None]) -> _ScheduledCall:
        call = _ScheduledCall(self._now + seconds, callback)
        self._calls.append(call)
        return call

    def suspend(self, seconds: float) -> None:
        """Lets time pass without any call, as on a machine that sleeps."""
        self._now += seconds

    def advance(self, seconds: float) -> None:
        """Lets time pass and makes all calls that are due in it, also those that are scheduled by these calls."""
        end = self._now + seconds
        while due := [call for call in self._calls if not call.cancelled and call.at <= end]:
            first = min(due, key=lambda call: call.at)
            self._calls.remove(first)
            self._now = max(self._now, first.at)
            first.callback()
        self._now = end
