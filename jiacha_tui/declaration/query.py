"""The queries that the port answers: one declaration by its number, or a range of 出口日期 (manual 2.1.1)."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from jiacha_tui.declaration.kind import Kind


@dataclass(frozen=True, slots=True)
class DateRange:
    """The calendar days from `start` to `end`, both included. Raises ValueError if `end` is before `start`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a date range cannot end on {self.end} before it starts on {self.start}")

    @classmethod
    def day(cls, day: date) -> Self:
        """The range of this one day."""
        return cls(day, day)

    @classmethod
    def month(cls, year: int, month: int) -> Self:
        """The whole calendar month."""
        return cls(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))

    @property
    def days(self) -> int:
        """The number of days, including the first and the last: 1 for a single day."""
        return (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __iter__(self) -> Iterator[date]:
        """Each day, in order."""
        return (self.start + timedelta(days=offset) for offset in range(self.days))


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """A query by 出口报关单号. `entry_id` is a result of `entry_number.parse_entry_id`."""

    entry_id: str
    kind: Kind = Kind.CLEARED


@dataclass(frozen=True, slots=True)
class NumberListQuery:
    """Queries by number, one after the other. Each of `entry_ids` has 18 digits."""

    entry_ids: tuple[str, ...]
    kind: Kind = Kind.CLEARED


@dataclass(frozen=True, slots=True)
class DateRangeQuery:
    """A query by 出口日期."""

    date_range: DateRange
    kind: Kind = Kind.CLEARED


Query = NumberQuery | DateRangeQuery
