"""How far the port's lists were read, so that a sync that was cut goes on where it stood.

A sync reads the list of each month and kind, a page at a time. Whatever it has read counts until the sync is through
(`synced`): the next one after a cut passes over months that were finished and goes on with the first page that was
not kept. That holds for some hours, as lists change; after that, and after a sync that went through, all are read anew.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from db import timestamps
from db.cache import Cache
from jiacha_tui.clock import utc_now
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange

RESUMED_WITHIN: Final = timedelta(hours=6)
"""From the beginning of a list on; one that was cut longer ago is read anew."""


class ListCheckpoints:
    """The state of one cache's lists. Methods may be called from any thread."""

    def __init__(self, cache: Cache, clock: Callable[[], datetime] = utc_now) -> None:
        """`clock` gives aware moments."""
        self._cache = cache
        self._clock = clock

    def begin(self, kind: Kind, span: DateRange) -> int | None:
        """The page (from 1) to go on with; None where the list was read to its end since the last sync went through.

        A list whose span has changed, as the current month's does from day to day, is read anew.
        """
        now = timestamps.to_column(self._clock())
        with self._cache.writing() as cursor:
            found = cursor.execute(
                "SELECT pages_done, finished FROM listing "
                "WHERE kind = ? AND first_day = ? AND last_day = ? AND begun_at > ?",
                [kind.value, span.start, span.end, now - RESUMED_WITHIN],
            ).fetchall()
            if found:
                ((pages_done, finished),) = found
                return None if finished else int(pages_done) + 1
            cursor.execute(
                "INSERT OR REPLACE INTO listing (kind, first_day, last_day, begun_at, pages_done, most, finished) "
                "VALUES (?, ?, ?, ?, 0, 0, false)",
                [kind.value, span.start, span.end, now],
            )
        return 1

    def record_page(self, kind: Kind, span: DateRange, page: int, total: int) -> None:
        """Notes that the pages up to `page` are in the cache, of a list that has `total` declarations by now.

        In a list that has shrunk a declaration may have moved onto a page that was read before, so that one that is cut
        afterwards is read from its first page again.
        """
        with self._cache.writing() as cursor:
            cursor.execute(
                "UPDATE listing SET pages_done = CASE WHEN most > $total THEN 0 ELSE $page END, "
                "most = greatest(most, $total) WHERE kind = $kind AND first_day = $first_day",
                {"page": page, "total": total, "kind": kind.value, "first_day": span.start},
            )

    def finish(self, kind: Kind, span: DateRange) -> None:
        """Notes that the list was read to its end."""
        with self._cache.writing() as cursor:
            cursor.execute(
                "UPDATE listing SET finished = true WHERE kind = ? AND first_day = ?", [kind.value, span.start]
            )

    def record_sync(self, at: datetime) -> None:
        """Notes that a sync went through `at`, an aware moment: the next one reads every list anew."""
        with self._cache.writing() as cursor:
            cursor.execute("DELETE FROM listing")
            cursor.execute("INSERT INTO sync (finished_at) VALUES (?)", [timestamps.to_column(at)])

    def last_sync(self) -> datetime | None:
        """When a sync last went through, aware; None where none did."""
        with self._cache.reading() as cursor:
            ((at,),) = cursor.execute("SELECT max(finished_at) FROM sync").fetchall()
        return at and timestamps.from_column(at)
