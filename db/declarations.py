# ruff: noqa: S608 - conditions are chosen from texts of our own, every value is a parameter
"""The declarations in the cache: what the port lists, their details, and what files add.

The list and the details come apart. `fold` takes rows of the list and notes whose detail is due: of those that are new
and those that the port has changed. `put_details` takes the details as they come.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from db.cache import Cache
from db.import_comparison import agrees
from db.row_mapping import normalized
from db.statements import (
    LISTED,
    NewDetail,
    count_of,
    delete_details,
    insert_details,
    insert_summaries,
    read_declarations,
    read_due,
    read_stored_rows,
    update_counts_and_tokens,
    update_summaries,
)
from db.timestamps import from_column, to_column
from jiacha_tui.declaration.model import Declaration, Kind, Origin, Summary
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery, Query
from jiacha_tui.declaration.split import DailyVolume

BYTES_PER_HEAD: Final = 400
BYTES_PER_ITEM: Final = 500
"""What a declaration and each of its items take up in a sealed file, for the estimate of a download's size: tags and
values of an RtxMessage (230 and 300 bytes with values of usual length), a third more for base64, and some to spare.
"""


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """What rows of the list were to the cache.

    A row whose print count or token alone differs is kept, and counts as unchanged.
    """

    new: int
    changed: int
    unchanged: int


class ImportOutcome(enum.Enum):
    """What an imported declaration was to the cache. A DIFFERENT one contradicts it and is left out."""

    NEW = "new"
    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class QuerySummary:
    """What the cache holds of a query: how many, from when, and the first and last number.

    A span is None where none of the declarations has such a date. `reported` is in the port's calendar days.
    """

    declarations: int
    exported: DateRange | None
    reported: DateRange | None
    first_entry_id: str
    last_entry_id: str


@dataclass(frozen=True, slots=True)
class DownloadCounts:
    """Declarations by whether their file was downloaded from here.

    `from_files` are those not downloaded that only imported files have told of: nobody waits for them.
    """

    not_downloaded: int
    downloaded: int
    from_files: int


@dataclass(frozen=True, slots=True)
class DailyDownloads:
    """How many declarations were downloaded from here, and the last time, an aware moment."""

    declarations: int
    last: datetime


class Declarations:
    """The declarations of one cache. Methods may be called from any thread; each one that writes is one transaction."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def merge_rows(self, rows: Sequence[Summary]) -> MergeCounts:
        """Takes rows of the port's list; of a number that comes twice, the last. A row as it was before is not written.

        A declaration that came from a file counts as changed when the port lists it: its row becomes the port's at
        once, its head and items stay the file's until `put_details`.
        """
        given = {row.entry_id: normalized(row) for row in rows}
        new: list[Summary] = []
        changed: list[tuple[int, Summary]] = []
        touched: list[tuple[int, Summary]] = []
        with self._cache.writing() as cursor:
            there = read_stored_rows(cursor, given)
            for entry_id, summary in given.items():
                row = there.get(entry_id)
                if row is None:
                    new.append(summary)
                elif row.is_outdated_by(summary):
                    changed.append((row.id, summary))
                elif not row.is_up_to_date_with(summary):
                    touched.append((row.id, summary))
            insert_summaries(cursor, new, Origin.PORT)
            update_summaries(cursor, changed)
            update_counts_and_tokens(cursor, touched)
        return MergeCounts(len(new), len(changed), len(given) - len(new) - len(changed))

    def put_details(self, declarations: Sequence[Declaration]) -> None:
        """Keeps what the port gave as the details of `declarations`, in place of earlier ones and of what a file had.

        Where the list has changed a row since its detail was asked for, the detail is kept and stays due. One that was
        never listed is added. Raises ValueError for a declaration without its head.
        """
        given = {declaration.summary.entry_id: declaration for declaration in declarations}
        with self._cache.writing() as cursor:
            there = read_stored_rows(cursor, given)
            unlisted = {
                entry_id: normalized(one.summary)
                for entry_id, one in given.items()
                if entry_id not in there or there[entry_id].is_unlisted
            }
            update_summaries(cursor, [(there[key].id, one) for key, one in unlisted.items() if key in there])
            ids = insert_summaries(cursor, [one for key, one in unlisted.items() if key not in there], Origin.PORT)
            ids |= {entry_id: row.id for entry_id, row in there.items()}
            due = {
                entry_id
                for entry_id, row in there.items()
                if entry_id not in unlisted and row.is_outdated_by(normalized(given[entry_id].summary))
            }
            delete_details(cursor, [row.id for row in there.values() if row.has_detail])
            details = [NewDetail(ids[entry_id], one, due=entry_id in due) for entry_id, one in given.items()]
            insert_details(cursor, details, Origin.PORT)

    def put_imported(self, declarations: Iterable[Declaration]) -> dict[str, ImportOutcome]:
        """Adds the declarations of a file that the cache lacks and compares the others with what it has, by number.

        Nothing that is there is overwritten. Of a number that comes twice the first is taken, and DIFFERENT says that
        the two contradict each other.
        """
        given: dict[str, Declaration] = {}
        found: dict[str, ImportOutcome] = {}
        for declaration in declarations:
            first = given.setdefault(declaration.summary.entry_id, declaration)
            if not agrees(first, declaration):
                found[declaration.summary.entry_id] = ImportOutcome.DIFFERENT
        with self._cache.writing() as cursor:
            cached = {one.summary.entry_id: one for one in read_declarations(cursor, given)}
            new = [one for entry_id, one in given.items() if entry_id not in cached]
            ids = insert_summaries(cursor, [normalized(one.summary) for one in new], Origin.FILE)
            details = [NewDetail(ids[one.summary.entry_id], one, due=False) for one in new if one.head is not None]
            insert_details(cursor, details, Origin.FILE)
        for entry_id, declaration in given.items():
            if entry_id not in cached:
                found.setdefault(entry_id, ImportOutcome.NEW)
            else:
                agree = agrees(cached[entry_id], declaration)
                found.setdefault(entry_id, ImportOutcome.SAME if agree else ImportOutcome.DIFFERENT)
        return found

    def get(self, entry_id: str) -> Declaration | None:
        """The declaration whole, as far as it is here."""
        return next(iter(self.get_many([entry_id])), None)

    def get_many(self, entry_ids: Sequence[str]) -> tuple[Declaration, ...]:
        """The declarations that are here, in the order asked for."""
        with self._cache.snapshot() as snapshot, snapshot.reading() as cursor:
            return read_declarations(cursor, entry_ids)

    def summaries(self, entry_ids: Sequence[str]) -> tuple[Summary, ...]:
        """The list rows that are here, in the order asked for."""
        with self._cache.reading() as cursor:
            rows = read_stored_rows(cursor, entry_ids)
        return tuple(rows[entry_id].summary for entry_id in entry_ids if entry_id in rows)

    def listed(self, entry_ids: Sequence[str]) -> tuple[str, ...]:
        """Those of `entry_ids` that the port has listed, in the order asked for."""
        with self._cache.reading() as cursor:
            rows = read_stored_rows(cursor, entry_ids)
        return tuple(entry_id for entry_id in entry_ids if entry_id in rows and not rows[entry_id].is_unlisted)

    def details_due(self, entry_ids: Sequence[str]) -> tuple[Summary, ...]:
        """Those of `entry_ids` whose detail the port has to give: it is missing here, or older than the list's row."""
        with self._cache.reading() as cursor:
            rows = read_stored_rows(cursor, entry_ids)
        return tuple(rows[entry_id].summary for entry_id in entry_ids if entry_id in rows and rows[entry_id].detail_due)

    def next_details_due(self, limit: int) -> tuple[Summary, ...]:
        """The first `limit` rows whose detail is due, the last exported first."""
        with self._cache.reading() as cursor:
            return read_due(cursor, limit)

    def count_details_due(self) -> int:
        """How many rows there are whose detail is due."""
        with self._cache.reading() as cursor:
            return count_of(cursor, "SELECT count(*) FROM declaration WHERE detail_due")

    def count(self) -> int:
        """How many declarations the cache holds."""
        with self._cache.reading() as cursor:
            return count_of(cursor, "SELECT count(*) FROM declaration")

    def daily_volumes(self, span: DateRange, kind: Kind) -> list[DailyVolume]:
        """What a download of each day of the span amounts to, earliest first; days that hold nothing are left out.

        What only a file has told of is not in a download, here and in `extent` and `mark_downloaded` of a span.
        """
        with self._cache.reading() as cursor:
            found = cursor.execute(
                "SELECT exported_on, count(*), coalesce(sum(item_count), 0), bool_and(has_detail AND NOT detail_due) "
                f"FROM declaration WHERE exported_on BETWEEN ? AND ? AND kind = ? AND {LISTED} "
                "GROUP BY exported_on ORDER BY ALL",
                [span.start, span.end, kind.value],
            ).fetchall()
        return [
            DailyVolume(day, declarations, items, declarations * BYTES_PER_HEAD + items * BYTES_PER_ITEM, known)
            for day, declarations, items, known in found
        ]

    def query_summary(self, query: Query) -> QuerySummary | None:
        """What the cache holds of `query`; None where it holds nothing of it."""
        condition, parameters = _asked_for(query)
        with self._cache.reading() as cursor:
            found = cursor.execute(
                "SELECT count(*), min(exported_on), max(exported_on), min(reported_at)::DATE, max(reported_at)::DATE, "
                f"min(entry_id), max(entry_id) FROM declaration WHERE {condition}",
                parameters,
            ).fetchall()
        (declarations, exported_from, exported_to, reported_from, reported_to, first, last) = found[0]
        if not declarations:
            return None
        exported = DateRange(exported_from, exported_to) if exported_from else None
        reported = DateRange(reported_from, reported_to) if reported_from else None
        return QuerySummary(declarations, exported, reported, first, last)

    def mark_downloaded(self, query: Query, at: datetime) -> None:
        """Notes for everything that `query` asks for that its file was downloaded `at`, an aware moment."""
        condition, parameters = _asked_for(query)
        with self._cache.writing() as cursor:
            cursor.execute(f"UPDATE declaration SET downloaded_at = ? WHERE {condition}", [to_column(at), *parameters])

    def daily_downloads(self, span: DateRange, kind: Kind) -> dict[date, DailyDownloads]:
        """What of each day of the span was downloaded, of what a download of the span holds; nothing for other days."""
        condition, parameters = _asked_for(DateRangeQuery(span, kind))
        with self._cache.reading() as cursor:
            found = cursor.execute(
                "SELECT exported_on, count(*), max(downloaded_at) FROM declaration "
                f"WHERE {condition} AND downloaded_at IS NOT NULL GROUP BY exported_on",
                parameters,
            ).fetchall()
        return {day: DailyDownloads(declarations, from_column(last)) for day, declarations, last in found}

    def downloaded_at(self, entry_ids: Sequence[str]) -> dict[str, datetime]:
        """When each of `entry_ids` that was downloaded was so for the last time, an aware moment."""
        with self._cache.reading() as cursor:
            found = cursor.execute(
                "SELECT entry_id, downloaded_at FROM declaration "
                "WHERE downloaded_at IS NOT NULL AND entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [list(entry_ids)],
            ).fetchall()
        return {entry_id: from_column(at) for entry_id, at in found}

    def download_counts(self) -> DownloadCounts:
        """How many declarations were and were not downloaded from here."""
        with self._cache.reading() as cursor:
            found = cursor.execute(
                f"SELECT count(*) FILTER (downloaded_at IS NULL AND {LISTED}), count(downloaded_at), "
                f"count(*) FILTER (downloaded_at IS NULL AND NOT {LISTED}) FROM declaration"
            )
            return DownloadCounts(*found.fetchall()[0])

    def add_print(self, entry_ids: Sequence[str]) -> None:
        """Counts one more print of each, beside what the port counts and does not know of ours."""
        with self._cache.writing() as cursor:
            cursor.execute(
                "UPDATE declaration SET printed_here = printed_here + 1 "
                "WHERE entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [list(entry_ids)],
            )


def _asked_for(query: Query) -> tuple[str, list[object]]:
    """The condition on `declaration` for what `query` asks for."""
    if isinstance(query, NumberQuery):
        return "entry_id = ?", [query.entry_id]
    return f"exported_on BETWEEN ? AND ? AND kind = ? AND {LISTED}", [
        query.date_range.start,
        query.date_range.end,
        query.kind.value,
    ]
