"""Checkpoints of a sync: how far it has read each of the port's lists, and how the syncs before have ended.

A sync reads the list of each month and kind page by page. If it is interrupted, the next sync skips the lists that are
finished and continues each other one with the first page that is not in the cache. Checkpoints are valid for some
hours, because lists change. A sync that has read all lists deletes them, so that the next one reads all lists again.

The table `listing` has them. Its column `reading` is the list pass: caches already have these names.

The table `list_read` keeps, also after that, when each list was last read to its end and compared with the cache.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from db import timestamps
from db.cache import Cache
from jiacha_tui.clock import utc_now
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery

RESUMED_WITHIN: Final = timedelta(hours=6)
"""A list is continued only within this time after its first page was requested."""


@dataclass(frozen=True, slots=True)
class LastReading:
    """The last complete reading of a month's list: up to which day, and when. `at` has a time zone."""

    last_day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class SyncRecord:
    """A sync that ran to its end: when it ended, with a time zone, and whether it got everything."""

    ended_at: datetime
    is_complete: bool


class ListCheckpoints:
    """The checkpoints in one cache. Every method may be called from any thread."""

    def __init__(self, cache: Cache, clock: Callable[[], datetime] = utc_now) -> None:
        """`clock` returns the time with its time zone."""
        self._cache = cache
        self._clock = clock

    def current_pass(self) -> int | None:
        """The list pass (`PortList.begin_pass`) of the sync that was interrupted, None if there is none."""
        now = timestamps.to_column(self._clock())
        with self._cache.read_cursor() as cursor:
            ((list_pass,),) = cursor.execute(
                "SELECT min(reading) FROM listing WHERE begun_at > ?", [now - RESUMED_WITHIN]
            ).fetchall()
        return None if list_pass is None else int(list_pass)

    def begin(self, kind: Kind, date_range: DateRange, list_pass: int) -> int | None:
        """The page (from 1) to continue with in this list pass, None if the list is finished.

        A list whose date range has changed starts again. That of the current month changes every day. So does a list
        of which a row could not be used: the port may have corrected it.
        """
        now = timestamps.to_column(self._clock())
        with self._cache.write_cursor() as cursor:
            found = cursor.execute(
                "SELECT pages_done, finished FROM listing "
                "WHERE kind = ? AND first_day = ? AND last_day = ? AND reading = ? AND begun_at > ? "
                "AND NOT (finished AND has_rejected)",
                [kind.value, date_range.start, date_range.end, list_pass, now - RESUMED_WITHIN],
            ).fetchall()
            if found:
                ((pages_done, finished),) = found
                return None if finished else int(pages_done) + 1
            cursor.execute("DELETE FROM list_read WHERE kind = ? AND first_day = ?", [kind.value, date_range.start])
            cursor.execute(
                "INSERT OR REPLACE INTO listing "
                "(kind, first_day, last_day, reading, begun_at, pages_done, most, has_rejected, finished) "
                "VALUES (?, ?, ?, ?, ?, 0, 0, false, false)",
                [kind.value, date_range.start, date_range.end, list_pass, now],
            )
        return 1

    def announced(self, kind: Kind, date_range: DateRange) -> int:
        """The most declarations that the list had when its pages were recorded; 0 if no page was."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT most FROM listing WHERE kind = ? AND first_day = ? AND last_day = ?",
                [kind.value, date_range.start, date_range.end],
            ).fetchall()
        return int(found[0][0]) if found else 0

    def record_page(self, kind: Kind, date_range: DateRange, page: int, total: int, *, rejected: bool = False) -> None:
        """Records that the pages up to `page` are in the cache. The list has `total` declarations at this time.

        `rejected` tells that a row could not be used. If the list has become shorter, a declaration may have moved to a
        page that was read before. Then the next sync reads it from its first page.
        """
        with self._cache.write_cursor() as cursor:
            cursor.execute(
                "UPDATE listing SET pages_done = CASE WHEN most > $total THEN 0 ELSE $page END, "
                "most = greatest(most, $total), has_rejected = $rejected OR (has_rejected AND $page > 1) "
                "WHERE kind = $kind AND first_day = $first_day",
                {
                    "page": page,
                    "total": total,
                    "rejected": rejected,
                    "kind": kind.value,
                    "first_day": date_range.start,
                },
            )

    def complete_lists(self, list_pass: int) -> tuple[DateRangeQuery, ...]:
        """The lists that this list pass has read to their end and of which every row could be used, newest first."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT first_day, last_day, kind FROM listing WHERE reading = ? AND finished AND NOT has_rejected "
                "ORDER BY first_day DESC, kind",
                [list_pass],
            ).fetchall()
        return tuple(DateRangeQuery(DateRange(first, last), Kind(kind)) for first, last, kind in found)

    def record_readings(self, compared: Iterable[DateRangeQuery]) -> None:
        """Records that these complete lists were compared with the cache now.

        A list that is begun afterwards counts as never read until it is recorded again.
        """
        now = timestamps.to_column(self._clock())
        with self._cache.write_cursor() as cursor:
            for query in compared:
                cursor.execute(
                    "INSERT OR REPLACE INTO list_read (kind, first_day, last_day, read_at) VALUES (?, ?, ?, ?)",
                    [query.kind.value, query.date_range.start, query.date_range.end, now],
                )

    def last_readings(self) -> Mapping[tuple[date, Kind], LastReading]:
        """The last complete reading of each list, by the first day of its month and its kind."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute("SELECT first_day, kind, last_day, read_at FROM list_read").fetchall()
        return {
            (first_day, Kind(kind)): LastReading(last_day, timestamps.from_column(at))
            for first_day, kind, last_day, at in found
        }

    def finish(self, kind: Kind, date_range: DateRange) -> None:
        """Records that the whole list was read."""
        with self._cache.write_cursor() as cursor:
            cursor.execute(
                "UPDATE listing SET finished = true WHERE kind = ? AND first_day = ?", [kind.value, date_range.start]
            )

    def restart(self, kind: Kind, date_range: DateRange) -> None:
        """Forgets the pages of a list that ended too early, so the next sync reads it from its first page."""
        with self._cache.write_cursor() as cursor:
            cursor.execute("DELETE FROM listing WHERE kind = ? AND first_day = ?", [kind.value, date_range.start])

    def end_pass(self) -> None:
        """Deletes the checkpoints: the next sync reads all its lists, in a new list pass."""
        with self._cache.write_cursor() as cursor:
            cursor.execute("DELETE FROM listing")

    def record_sync(self, at: datetime, *, is_complete: bool = True, lists_done: bool = True) -> None:
        """Records that a sync ran to its end `at` this time, which has a time zone.

        `is_complete` tells whether it got everything. `lists_done` tells that all lists are finished, and deletes the
        checkpoints.
        """
        with self._cache.write_cursor() as cursor:
            if lists_done:
                cursor.execute("DELETE FROM listing")
            cursor.execute(
                "INSERT INTO sync (finished_at, is_complete) VALUES (?, ?)", [timestamps.to_column(at), is_complete]
            )

    def last_sync(self) -> SyncRecord | None:
        """The last sync that ran to its end. None if there is none yet."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT finished_at, is_complete FROM sync ORDER BY finished_at DESC, rowid DESC LIMIT 1"
            ).fetchall()
        return SyncRecord(timestamps.from_column(found[0][0]), found[0][1]) if found else None

    def last_complete_sync(self) -> datetime | None:
        """When a sync last got everything, with its time zone. None if none has."""
        with self._cache.read_cursor() as cursor:
            ((at,),) = cursor.execute("SELECT max(finished_at) FROM sync WHERE is_complete").fetchall()
        return at and timestamps.from_column(at)
