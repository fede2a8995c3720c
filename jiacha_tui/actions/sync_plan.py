"""Which of the port's lists a sync reads, and in which order: there is one list for each month and kind.

A sync that the operator starts reads the lists of all months. The one after a login reads those that can be expected
to have changed, then those that are missing. So it is short on an ordinary day:

- The lists of the newest months are read each time: new declarations appear in them, and most amendments.
- A list of an older month is read again a week after it was last read, because customs still amend and delete some of
  its declarations. Nothing is filed on a list that is a week old: a download by date reads its list again first.
- So is one that was never read to its end.
- The lists of a month are read together, because a declaration may have moved from one kind to the other.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from db.list_checkpoints import LastReading
from jiacha_tui.config import MAX_SYNC_MONTHS
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery

__all__ = ["MAX_SYNC_MONTHS", "SyncPlan", "SyncScope", "months_back", "plan_all", "plan_changes", "plan_older"]

NEWEST_MONTHS: Final = 3
"""How many months can be expected to change from day to day: the current one and the two before it."""

READ_AGAIN_AFTER: Final = timedelta(days=7)
"""How old the reading of an older list may become."""


class SyncScope(enum.Enum):
    """Which months a sync is about; the value is what the screens call such a sync."""

    ALL = "同步"
    CHANGES = "自动同步"
    OLDER = "取更早的"


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """The lists that a sync reads, in order, and those that it leaves out.

    `left_out` lists are read too if the others lack so many declarations that these may have moved to them.
    """

    queries: tuple[DateRangeQuery, ...]
    left_out: tuple[DateRangeQuery, ...] = ()


def plan_all(today: date, months: int) -> SyncPlan:
    """The lists of the last `months` months, newest first."""
    return SyncPlan(_lists(today, months))


def plan_changes(
    today: date, months: int, readings: Mapping[tuple[date, Kind], LastReading], now: datetime
) -> SyncPlan:
    """Of the lists of the last `months` months, the newest, then those of months of which one was not read for a week.

    `readings` has the last complete reading of each list, by the first day of its month and its kind. `now` has a time
    zone.
    """

    def is_due(query: DateRangeQuery) -> bool:
        reading = readings.get((query.date_range.start, query.kind))
        return reading is None or reading.last_day < query.date_range.end or reading.at <= now - READ_AGAIN_AFTER

    lists = _lists(today, months)
    newest, older = lists[: NEWEST_MONTHS * len(Kind)], lists[NEWEST_MONTHS * len(Kind) :]
    due = {query.date_range for query in older if is_due(query)}
    return SyncPlan(
        (*newest, *(query for query in older if query.date_range in due)),
        tuple(query for query in older if query.date_range not in due),
    )


def plan_older(today: date, months: int, until: int) -> SyncPlan:
    """The lists of the months before the last `months`, back to the month that is `until` months back."""
    lists = _lists(today, until)
    return SyncPlan(lists[months * len(Kind) :], lists[: months * len(Kind)])


def months_back(today: date, count: int) -> Iterator[DateRange]:
    """The last `count` calendar months, newest first. The first is the month of `today` and ends today."""
    year, month = today.year, today.month
    for index in range(count):
        whole = DateRange.month(year, month)
        yield DateRange(whole.start, today) if index == 0 else whole
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)


def _lists(today: date, months: int) -> tuple[DateRangeQuery, ...]:
    return tuple(DateRangeQuery(month, kind) for month in months_back(today, months) for kind in Kind)
