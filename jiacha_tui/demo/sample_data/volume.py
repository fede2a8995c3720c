"""How many declarations leave on each day: exactly the number asked for up to a day, then on at the same rate."""

import functools
import threading
from collections.abc import Mapping
from datetime import date
from typing import Final

from jiacha_tui.declaration.query import DateRange
from jiacha_tui.demo.sample_data.randomness import stream
from jiacha_tui.demo.sample_data.workdays import ONE_DAY, traffic

_QUIETEST: Final = 0.6
_BUSIEST: Final = 1.4


@functools.lru_cache(maxsize=512)
def _mood(seed: int, purpose: str, year: int, month: int) -> tuple[float, ...]:
    """How busy each day of a month is beside what its date alone would make it."""
    random = stream(seed, "mood", purpose, year, month)
    return tuple(random.uniform(_QUIETEST, _BUSIEST) for _ in range(31))


class Volume:
    """The number of declarations on each day from the first of `span` on, of one company and kind.

    The days of `span` hold `total` together, `reserved` of them on days of their own. What grows is one integer a
    day. May be asked by several threads.
    """

    def __init__(self, seed: int, purpose: str, total: int, span: DateRange, reserved: Mapping[date, int]) -> None:
        self._seed = seed
        self._purpose = purpose
        self._first = span.start
        self._reserved = reserved
        self._spread = total - sum(reserved.values())
        self._whole = sum(self._weight(day) for day in span)
        self._weight_until = 0.0
        self._until: list[int] = [0]
        self._reserved_until = 0
        self._growing = threading.Lock()
        self._extend(span.end)

    def _weight(self, day: date) -> float:
        return traffic(day) * _mood(self._seed, self._purpose, day.year, day.month)[day.day - 1]

    def _extend(self, last: date) -> None:
        """Know every day up to `last`."""
        with self._growing:
            day = self._first + (len(self._until) - 1) * ONE_DAY
            while day <= last:
                self._weight_until += self._weight(day)
                self._reserved_until += self._reserved.get(day, 0)
                # On the last day of the span the quotient is exactly 1, so that nothing is lost to rounding.
                spread = int(self._spread * (self._weight_until / self._whole))
                self._until.append(spread + self._reserved_until)
                day += ONE_DAY

    def before(self, day: date) -> int:
        """How many left before `day`."""
        if day <= self._first:
            return 0
        days = (day - self._first).days
        if days >= len(self._until):
            self._extend(day - ONE_DAY)
        return self._until[days]

    def on(self, day: date) -> int:
        return self.before(day + ONE_DAY) - self.before(day)

    def within(self, span: DateRange) -> int:
        return self.before(span.end + ONE_DAY) - self.before(span.start)
