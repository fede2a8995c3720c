"""Unions and intersections of the ranges of a filter: many dates or numbers become as few ranges as possible."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from db.filter.values import Days, Numbers
from jiacha_tui.declaration.exact import EXACT

_Bound = TypeVar("_Bound", date, Decimal)

_STEP: Final = Decimal("0.0001")
"""The difference between two neighbouring numbers: no number in a filter or a column has more than four decimals."""

_ONE_DAY: Final = timedelta(days=1)


def closed(numbers: Numbers) -> Numbers:
    """The same numbers with both bounds included."""
    low = EXACT.add(numbers.low, _STEP) if numbers.low is not None and numbers.low_open else numbers.low
    high = EXACT.subtract(numbers.high, _STEP) if numbers.high is not None and numbers.high_open else numbers.high
    return Numbers(low, high)


def numbers_union(ranges: Iterable[Numbers]) -> list[Numbers]:
    """The fewest closed ranges, in order, that have the numbers of all `ranges`."""
    pairs = [(one.low, one.high) for one in map(closed, ranges)]
    return [Numbers(low, high) for low, high in _union(pairs, lambda high: EXACT.add(high, _STEP))]


def numbers_intersection(ranges: Iterable[Numbers]) -> Numbers | None:
    """The numbers that are in each of `ranges`, None if there are none."""
    low, high = _intersection([(one.low, one.high) for one in map(closed, ranges)])
    return None if low is not None and high is not None and high < low else Numbers(low, high)


def days_union(ranges: Iterable[Days]) -> list[Days]:
    """The fewest ranges, in order, that have the days of all `ranges`."""
    pairs = [(one.first, one.last) for one in ranges]
    return [Days(first, last) for first, last in _union(pairs, _next_day)]


def days_intersection(ranges: Iterable[Days]) -> Days | None:
    """The days that are in each of `ranges`, None if there are none."""
    first, last = _intersection([(one.first, one.last) for one in ranges])
    return None if first is not None and last is not None and last < first else Days(first, last)


def _next_day(day: date) -> date:
    return day if day == date.max else day + _ONE_DAY


def _union(
    pairs: list[tuple[_Bound | None, _Bound | None]], following: Callable[[_Bound], _Bound]
) -> list[tuple[_Bound | None, _Bound | None]]:
    merged: list[tuple[_Bound | None, _Bound | None]] = []
    for low, high in sorted(pairs, key=_by_low):
        if low is not None and high is not None and high < low:
            continue
        last = merged[-1][1] if merged else None
        if merged and (last is None or low is None or low <= following(last)):
            merged[-1] = (merged[-1][0], None if last is None or high is None else max(last, high))
        else:
            merged.append((low, high))
    return merged


def _by_low(pair: tuple[Any, Any]) -> tuple[bool, Any]:
    """Orders by the low bound. The pairs without one come first."""
    return (pair[0] is not None, pair[0] if pair[0] is not None else 0)


def _intersection(pairs: list[tuple[_Bound | None, _Bound | None]]) -> tuple[_Bound | None, _Bound | None]:
    lows = [low for low, _ in pairs if low is not None]
    highs = [high for _, high in pairs if high is not None]
    return max(lows, default=None), min(highs, default=None)
