"""Draws the declarations of the embedded port as short rows, from which whole declarations are made when needed.

The rows depend only on the seed, the number of declarations wanted and the anchor, which is the day on which the port
was made. The demo company has exactly that number in the eighteen calendar months up to the anchor. After it, more are
exported each day at the same rate. Each other company has a share of that number.
"""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange
from jiacha_tui.demo.sample_data.companies import COMPANIES
from jiacha_tui.demo.sample_data.daily_counts import daily_counts
from jiacha_tui.demo.sample_data.edge_cases import EdgeCase, EdgeCases
from jiacha_tui.demo.sample_data.entry_numbers import EntryNumbers
from jiacha_tui.demo.sample_data.randomness import WeightedChoice, digest, random_from
from jiacha_tui.demo.sample_data.trade_routes import TradeRoute, draw_route
from jiacha_tui.demo.sample_data.workdays import ONE_DAY, months_before, workdays_after

MONTHS: Final = 18
MAX_DECLARATIONS: Final = 10_000_000
"""More could not be numbered: the serial of an entry number has nine digits."""

_SETTLED_BEFORE: Final = 2 * ONE_DAY
_DEPARTURE_PORT_SHARE: Final = 50
_BUSIEST_TO_MEAN: Final = 3
"""No day has more than this many times the mean, not counting edge cases."""

_ITEM_COUNTS: Final = WeightedChoice(
    (
        (1, 38.0),
        *((count, 27 / 2) for count in (2, 3)),
        *((count, 18 / 3) for count in (4, 5, 6)),
        *((count, 13 / 14) for count in range(7, 21)),
        *((count, 4 / 30) for count in range(21, 51)),
    )
)
_WORKDAYS_TO_REPORT: Final = WeightedChoice(((1, 22.0), (2, 34.0), (3, 24.0), (4, 13.0), (5, 7.0)))
"""Workdays from 出口日期 until the declaration is 结关 and its data reach the port."""

_AMENDED: Final = 0.05
_DAYS_TO_AMENDMENT: Final = range(3, 40)
_BETWEEN_AMENDMENTS: Final = timedelta(minutes=40)
_OFFICE_OPENS: Final = time(8, 0)
_OFFICE_SECONDS: Final = 12 * 3600
_DRAWS: Final = struct.Struct(">4I16s")
_DRAWS_END: Final = 1 << 32
_MAX_DAYS_DECLARED_BEFORE: Final = 3


@dataclass(frozen=True, slots=True)
class PopulationConfig:
    """What the declarations of a port depend on. Raises ValueError for fewer than none or more than ten million."""

    seed: int
    declarations: int
    anchor: date

    def __post_init__(self) -> None:
        if not 0 <= self.declarations <= MAX_DECLARATIONS:
            raise ValueError(f"a population has 0 to {MAX_DECLARATIONS} declarations, not {self.declarations}")

    @property
    def first_day(self) -> date:
        """The earliest 出口日期."""
        return months_before(self.anchor, MONTHS - 1)

    @property
    def settled(self) -> DateRange:
        """The days whose declarations were all reported when the port was made."""
        return DateRange(self.first_day, self.anchor - _SETTLED_BEFORE)


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One declaration: the `ordinal`-th of its company (an index of `COMPANIES`), kind and 出口日期.

    `number` is its entry number without the customs office, which is drawn with the rest from `seed`. `amended_at` are
    the times of its ordinary amendments, in order. Times are China's and may lie in the future.
    """

    company: int
    kind: Kind
    exported_on: date
    ordinal: int
    number: int
    reported_at: datetime
    amended_at: tuple[datetime, ...]
    items: int
    seed: bytes = field(repr=False)


class RowGenerator:
    """Draws the rows of one population."""

    def __init__(self, config: PopulationConfig) -> None:
        self._config = config
        self._settled = config.settled
        self._edge_cases = EdgeCases.of(config.anchor, config.declarations)
        busiest_day = _BUSIEST_TO_MEAN * config.declarations // self._settled.days + self._edge_cases.max_on_a_day
        self._numbers = EntryNumbers.for_busiest_day(busiest_day + 1)

    def days(self, date_range: DateRange) -> Iterator[list[SampleRow]]:
        """The rows of each day, in order."""
        keys = [(company, kind) for company in range(len(COMPANIES)) for kind in Kind]
        days = (self._config.first_day + number * ONE_DAY for number in itertools.count())
        for day, *counts in zip(days, *(self._daily_counts(*key) for key in keys), strict=True):
            if day > date_range.end:
                return
            if day >= date_range.start:
                yield [
                    self._draw_row(company, kind, day, ordinal)
                    for (company, kind), count in zip(keys, counts, strict=True)
                    for ordinal in range(count)
                ]

    def _daily_counts(self, company: int, kind: Kind) -> Iterator[int]:
        total = int(self._config.declarations * COMPANIES[company].share)
        from_departure_port = total // _DEPARTURE_PORT_SHARE
        return daily_counts(
            self._config.seed,
            f"{company} {kind.value}",
            total - from_departure_port if kind is Kind.CLEARED else from_departure_port,
            self._settled,
            self._edge_cases.counts(company, kind),
        )

    def _draw_row(self, company: int, kind: Kind, day: date, ordinal: int) -> SampleRow:
        edge_case = self._edge_cases.find(company, kind, day, ordinal)
        items, report, second, amendment, seed = _DRAWS.unpack(
            digest(self._config.seed, company, kind.value, day, ordinal)
        )
        reported_at = _at_office_hours(self._reported_on(day, report), second)
        return SampleRow(
            company,
            kind,
            day,
            ordinal,
            self._numbers.number(company, kind, day, ordinal, declared_in=_declared_in(seed, kind, day)),
            reported_at,
            tuple(_amendment_times(day, reported_at, amendment, edge_case)),
            edge_case.items or _ITEM_COUNTS.at(items / _DRAWS_END),
            seed,
        )

    def _reported_on(self, day: date, draw: int) -> date:
        """The day on which the data of a declaration reach the port.

        Declarations of settled days are reported by the day after the last of these days, all others after the anchor.
        So a new port shows exactly as many declarations as wanted.
        """
        reported_on = workdays_after(day, _WORKDAYS_TO_REPORT.at(draw / _DRAWS_END))
        if day <= self._settled.end:
            return min(reported_on, self._settled.end + ONE_DAY)
        return max(reported_on, self._config.anchor + ONE_DAY)


def draw_departure(random: Random, kind: Kind, exported_on: date) -> tuple[TradeRoute, date]:
    """The trade route and the 申报日期: the first two draws from a declaration's seed."""
    route = draw_route(random, kind)
    return route, exported_on - random.randrange(1, _MAX_DAYS_DECLARED_BEFORE + 1) * ONE_DAY


def _declared_in(seed: bytes, kind: Kind, exported_on: date) -> int:
    """The year of the 申报日期: known without a draw, except for exports of the first days of a year."""
    earliest = exported_on - _MAX_DAYS_DECLARED_BEFORE * ONE_DAY
    if earliest.year == exported_on.year:
        return exported_on.year
    return draw_departure(random_from(seed), kind, exported_on)[1].year


def _amendment_times(day: date, reported_at: datetime, draw: int, edge_case: EdgeCase) -> list[datetime]:
    if edge_case.amendments:
        return [reported_at + number * _BETWEEN_AMENDMENTS for number in range(1, edge_case.amendments + 1)]
    fraction = draw / _DRAWS_END
    if fraction >= _AMENDED:
        return []
    days = _DAYS_TO_AMENDMENT[int(fraction / _AMENDED * len(_DAYS_TO_AMENDMENT))]
    return [_at_office_hours(max(day + days * ONE_DAY, reported_at.date() + ONE_DAY), draw)]


def _at_office_hours(day: date, draw: int) -> datetime:
    return datetime.combine(day, _OFFICE_OPENS) + timedelta(seconds=draw % _OFFICE_SECONDS)
