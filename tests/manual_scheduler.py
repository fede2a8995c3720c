"""Time that passes when a test says so."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(eq=False)
class _Alarm:
    at: float
    ring: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


class ManualScheduler:
    """An `actions.idle.Timer`. A machine that sleeps lets time pass without ringing."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._alarms: list[_Alarm] = []

    def now(self) -> float:
        return self._now

    def call_after(self, seconds: float, ring: Callable[[], None]) -> _Alarm:
        alarm = _Alarm(self._now + seconds, ring)
        self._alarms.append(alarm)
        return alarm

    def suspend(self, seconds: float) -> None:
        self._now += seconds

    def advance(self, seconds: float) -> None:
        """Rings, at their moment, all alarms of this time, also those that are set meanwhile."""
        end = self._now + seconds
        while due := [one for one in self._alarms if not one.cancelled and one.at <= end]:
            first = min(due, key=lambda one: one.at)
            self._alarms.remove(first)
            self._now = max(self._now, first.at)
            first.ring()
        self._now = end
