"""What must be known of a declaration without composing it: how many items, when it was reported, when amended."""

import struct
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from jiacha_tui.demo.sample_data.edge_cases import EdgeCase
from jiacha_tui.demo.sample_data.entry_numbers import NumberSlot
from jiacha_tui.demo.sample_data.randomness import Weighted, digest
from jiacha_tui.demo.sample_data.workdays import ONE_DAY, workdays_after

_ITEM_COUNTS: Final = Weighted(
    (
        (1, 38.0),
        *((count, 27 / 2) for count in (2, 3)),
        *((count, 18 / 3) for count in (4, 5, 6)),
        *((count, 13 / 14) for count in range(7, 21)),
        *((count, 4 / 30) for count in range(21, 51)),
    )
)
_LAGS: Final = Weighted(((1, 22.0), (2, 34.0), (3, 24.0), (4, 13.0), (5, 7.0)))
"""Workdays from 出口日期 until the declaration is 结关 and its data reach the port."""

_AMENDED: Final = 0.05
_DAYS_TO_AMENDMENT: Final = range(3, 40)
_AT_ONCE: Final = timedelta(minutes=40)
_OFFICE_OPENS: Final = time(8, 0)
_OFFICE_SECONDS: Final = 12 * 3600
_FULL: Final = 1 << 32
_TRAITS: Final = struct.Struct(">4I16s")


@dataclass(frozen=True, slots=True)
class Traits:
    """`amended_at` are the times of its amendments, in order, which may lie in the future. Times are China's."""

    items: int
    reported_at: datetime
    amended_at: tuple[datetime, ...]
    seed: bytes
    """For everything else about it."""


def item_count(seed: int, slot: NumberSlot, edge: EdgeCase) -> int:
    return edge.items or _ITEM_COUNTS.at(_draws(seed, slot)[0] / _FULL)


def traits(seed: int, slot: NumberSlot, edge: EdgeCase, settled: date) -> Traits:
    """What goes for `slot`. Of what left up to `settled`, all was reported by the end of the day after it.

    Nothing else was before the end of the day after that, so that a population begins with exactly what was wanted.
    """
    items, lag, second, amendment, own = _draws(seed, slot)
    reported_on = workdays_after(slot.day, _LAGS.at(lag / _FULL))
    known_on = settled + ONE_DAY
    reported_on = min(reported_on, known_on) if slot.day <= settled else max(reported_on, known_on + 2 * ONE_DAY)
    reported_at = _at_office_hours(reported_on, second)
    return Traits(
        edge.items or _ITEM_COUNTS.at(items / _FULL),
        reported_at,
        tuple(_amendments(slot.day, reported_at, amendment, edge.amendments)),
        own,
    )


def _amendments(day: date, reported_at: datetime, draw: int, wanted: int) -> list[datetime]:
    if wanted:
        return [reported_at + number * _AT_ONCE for number in range(1, wanted + 1)]
    fraction = draw / _FULL
    if fraction >= _AMENDED:
        return []
    after = _DAYS_TO_AMENDMENT[int(fraction / _AMENDED * len(_DAYS_TO_AMENDMENT))]
    return [_at_office_hours(max(day + after * ONE_DAY, reported_at.date() + ONE_DAY), draw)]


def _draws(seed: int, slot: NumberSlot) -> tuple[int, int, int, int, bytes]:
    return _TRAITS.unpack(digest(seed, slot.company, slot.kind.value, slot.day, slot.ordinal))


def _at_office_hours(day: date, draw: int) -> datetime:
    return datetime.combine(day, _OFFICE_OPENS) + timedelta(seconds=draw % _OFFICE_SECONDS)
