"""How many declarations leave on each day: exactly as many as wanted in a first period, then on at the same rate."""

import functools
import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from jiacha_tui.declaration.query import DateRange
from jiacha_tui.demo.sample_data.randomness import random_for
from jiacha_tui.demo.sample_data.workdays import ONE_DAY, traffic

_MIN_BUSYNESS: Final = 0.6
_MAX_BUSYNESS: Final = 1.4


def daily_counts(seed: int, purpose: str, total: int, period: DateRange, reserved: Mapping[date, int]) -> Iterator[int]:
    """The number of declarations of each day from `period.start` on, without end.

    The days of `period` have `total` together. `reserved` are those that must lie on certain days; the others are
    spread over all days. `purpose` names the company and kind, so that each has busy days of its own.
    """
    spread = total - sum(reserved.values())
    whole = list(itertools.accumulate(_weight(seed, purpose, day) for day in period))[-1]
    day, weight_until, spread_until = period.start, 0.0, 0
    while True:
        weight_until += _weight(seed, purpose, day)
        # On the last day of the period the quotient is exactly 1, so that rounding loses no declaration.
        spread_before, spread_until = spread_until, int(spread * (weight_until / whole))
        yield spread_until - spread_before + reserved.get(day, 0)
        day += ONE_DAY


def _weight(seed: int, purpose: str, day: date) -> float:
    return traffic(day) * _busyness(seed, purpose, day.year, day.month)[day.day - 1]


@functools.lru_cache(maxsize=512)
def _busyness(seed: int, purpose: str, year: int, month: int) -> tuple[float, ...]:
    """How busy each day of a month is, compared to other days of its kind: 1 is ordinary."""
    random = random_for(seed, "mood", purpose, year, month)
    return tuple(random.uniform(_MIN_BUSYNESS, _MAX_BUSYNESS) for _ in range(31))
