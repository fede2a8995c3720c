# ruff: noqa: S608 - conditions are chosen from texts of our own; values are parameters
"""The declarations in the cache: the rows that the port lists, their details, and what imported files add.

Rows and details arrive separately. `merge_rows` takes rows of the port's list and notes whose detail is due: those of
new rows and of rows that have changed. `put_details` takes the details as they arrive.
"""

import enum
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import duckdb

from db.cache import Cache
from db.import_comparison import agrees
from db.row_mapping import MAX_PRINT_COUNT, is_same_detail, normalized
from db.search import replace_surrogates
from db.statements import (
    EVER_LISTED,
    STILL_LISTED,
    NewDetail,
    StoredRow,
    delete_details,
    delete_failures,
    insert_details,
    insert_summaries,
    mark_listed,
    mark_outdated,
    read_count,
    read_declarations,
    read_due,
    read_stored_rows,
    remove_delisted_marks,
    update_counts_and_tokens,
    update_summaries,
)
from db.timestamps import from_column, to_column
from jiacha_tui.clock import utc_now
from jiacha_tui.declaration.clerk_marks import ClerkMarks
from jiacha_tui.declaration.model import Declaration, Kind, Origin, Summary
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery, Query
from jiacha_tui.declaration.split import DailyVolume

BYTES_PER_HEAD: Final = 400
BYTES_PER_ITEM: Final = 500
"""Bytes that a declaration and each of its items take in an encrypted file, to estimate the size of a download: tags
and values of an RtxMessage (230 and 300 bytes with values of usual length), a third more for base64, and a margin.
"""


@dataclass(frozen=True, slots=True)
class MergeCounts:
    """How many rows of the port's list were new to the cache, had changed, or were the same.

    A row in which only the print count, the token or an unparsed value differs is written and counts as unchanged.
    `relisted` has the numbers of those that were marked as no longer listed.
    """

    new: int
    changed: int
    unchanged: int
    relisted: tuple[str, ...] = ()


class ImportOutcome(enum.Enum):
    """How an imported declaration compares with the cache. A DIFFERENT one contradicts it and is not imported."""

    NEW = "new"
    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class QuerySummary:
    """What the cache holds of a query: how many declarations, their dates, and the first and last number.

    `exported` or `reported` is None if no declaration has such a date. `reported` is in calendar days of the port.
    """

    declarations: int
    exported: DateRange | None
    reported: DateRange | None
    first_entry_id: str
    last_entry_id: str


@dataclass(frozen=True, slots=True)
class DownloadCounts:
    """How many declarations were downloaded to this cache.

    `from_files` counts those that were not downloaded and are only in imported files. They need no download. `delisted`
    counts those that the port no longer lists; they are in none of the other counts.
    """

    not_downloaded: int
    downloaded: int
    from_files: int
    delisted: int = 0


@dataclass(frozen=True, slots=True)
class DailyDownloads:
    """How many declarations of one day were downloaded to this cache, and the last time, which has a time zone.

    `outdated` counts those that the port has changed since.
    """

    declarations: int
    last: datetime
    outdated: int = 0


class Declarations:
    """The declarations of one cache. Every method may be called from any thread. One that writes is one transaction."""

    def __init__(self, cache: Cache, clock: Callable[[], datetime] = utc_now) -> None:
        """`clock` returns the time with its time zone."""
        self._cache = cache
        self._clock = clock

    def merge_rows(self, rows: Sequence[Summary], list_pass: int | None = None) -> MergeCounts:
        """Writes those rows of the port's list that are new or have changed. If a number occurs twice, the last counts.

        Notes that the port lists them, and in which `list_pass` (`PortList.begin_pass`) if they are part of one. Marks
        the downloads and prints of those whose goods have changed.

        A declaration from a file counts as changed when the port lists it. Its row is replaced by the port's at once,
        its head and items by `put_details`.
        """
        given = {row.entry_id: normalized(row) for row in rows}
        at = to_column(self._clock())
        new: list[Summary] = []
        changed: list[tuple[int, Summary]] = []
        recounted: list[tuple[int, Summary]] = []
        with self._cache.write_cursor() as cursor:
            stored = read_stored_rows(cursor, given)
            for entry_id, summary in given.items():
                row = stored.get(entry_id)
                if row is None:
                    new.append(summary)
                elif row.is_outdated_by(summary):
                    changed.append((row.id, summary))
                elif not row.is_same_as(summary):
                    recounted.append((row.id, summary))
            ids = insert_summaries(cursor, new, Origin.PORT)
            update_summaries(cursor, changed, at)
            outdated = [row.id for key, row in stored.items() if row.outdates_copies(given[key])]
            mark_outdated(cursor, outdated, at)
            update_counts_and_tokens(cursor, recounted)
            relisted = [entry_id for entry_id, row in stored.items() if row.delisted_at is not None]
            remove_delisted_marks(cursor, [stored[entry_id].id for entry_id in relisted])
            if list_pass is not None:
                mark_listed(cursor, [*ids.values(), *(row.id for row in stored.values())], list_pass)
        return MergeCounts(len(new), len(changed), len(given) - len(new) - len(changed), tuple(relisted))

    def put_details(self, declarations: Sequence[Declaration]) -> None:
        """Writes the details that the port returned. They replace earlier ones and those from files.

        If the list has changed a row since its detail was requested, the detail is written but stays due. A
        declaration that was never listed is added. Raises ValueError for a declaration without a head.

        Marks the downloads and prints of those whose detail differs from the one that the cache had from the port.
        """
        at = to_column(self._clock())
        given = {declaration.summary.entry_id: declaration for declaration in declarations}
        with self._cache.write_cursor() as cursor:
            stored = read_stored_rows(cursor, given)
            unlisted = {
                entry_id: normalized(declaration.summary)
                for entry_id, declaration in given.items()
                if entry_id not in stored or stored[entry_id].never_listed
            }
            update_summaries(cursor, [(stored[key].id, summary) for key, summary in unlisted.items() if key in stored])
            ids = insert_summaries(
                cursor, [summary for key, summary in unlisted.items() if key not in stored], Origin.PORT
            )
            ids |= {entry_id: row.id for entry_id, row in stored.items()}
            due = {
                entry_id
                for entry_id, row in stored.items()
                if entry_id not in unlisted and row.is_outdated_by(normalized(given[entry_id].summary))
            }
            mark_outdated(cursor, _ids_of_changed_copies(cursor, given, stored), at)
            delete_details(cursor, [row.id for row in stored.values() if row.has_detail])
            details = [
                NewDetail(ids[entry_id], declaration, due=entry_id in due) for entry_id, declaration in given.items()
            ]
            insert_details(cursor, details, Origin.PORT)
            delete_failures(cursor, given)

    def put_imported(self, declarations: Iterable[Declaration]) -> dict[str, ImportOutcome]:
        """Adds the declarations of files that the cache does not hold, and compares the others with it. By number.

        Nothing in the cache is overwritten. If a number occurs twice, the first counts, and DIFFERENT also means that
        the two contradict each other.
        """
        given: dict[str, Declaration] = {}
        outcomes: dict[str, ImportOutcome] = {}
        for declaration in declarations:
            first = given.setdefault(declaration.summary.entry_id, declaration)
            if not agrees(first, declaration):
                outcomes[declaration.summary.entry_id] = ImportOutcome.DIFFERENT
        with self._cache.write_cursor() as cursor:
            cached = {declaration.summary.entry_id: declaration for declaration in read_declarations(cursor, given)}
            new = [declaration for entry_id, declaration in given.items() if entry_id not in cached]
            ids = insert_summaries(cursor, [normalized(declaration.summary) for declaration in new], Origin.FILE)
            details = [
                NewDetail(ids[declaration.summary.entry_id], declaration, due=False)
                for declaration in new
                if declaration.head is not None
            ]
            insert_details(cursor, details, Origin.FILE)
        for entry_id, declaration in given.items():
            if entry_id not in cached:
                outcomes.setdefault(entry_id, ImportOutcome.NEW)
            else:
                agree = agrees(cached[entry_id], declaration)
                outcomes.setdefault(entry_id, ImportOutcome.SAME if agree else ImportOutcome.DIFFERENT)
        return outcomes

    def get(self, entry_id: str) -> Declaration | None:
        """The declaration, with its detail if the cache holds it. None if the cache does not hold the declaration."""
        return next(iter(self.get_many([entry_id])), None)

    def get_many(self, entry_ids: Sequence[str]) -> tuple[Declaration, ...]:
        """Those of `entry_ids` that the cache holds, each once, in the given order."""
        with self._cache.snapshot() as snapshot, snapshot.read_cursor() as cursor:
            return read_declarations(cursor, entry_ids)

    def summaries(self, entry_ids: Sequence[str]) -> tuple[Summary, ...]:
        """The list rows of those `entry_ids` that the cache holds, in the given order."""
        with self._cache.read_cursor() as cursor:
            rows = read_stored_rows(cursor, entry_ids)
        return tuple(rows[entry_id].summary for entry_id in entry_ids if entry_id in rows)

    def still_listed(self, entry_ids: Sequence[str]) -> tuple[str, ...]:
        """Those of `entry_ids` that the port has listed and still lists, in the given order."""
        with self._cache.read_cursor() as cursor:
            rows = read_stored_rows(cursor, entry_ids)
        return tuple(
            entry_id
            for entry_id in entry_ids
            if entry_id in rows and not rows[entry_id].never_listed and rows[entry_id].delisted_at is None
        )

    def delisted(self, entry_ids: Sequence[str]) -> dict[str, datetime]:
        """When those of `entry_ids` that the port no longer lists were marked so. The times have a time zone."""
        with self._cache.read_cursor() as cursor:
            rows = read_stored_rows(cursor, entry_ids)
        return {entry_id: row.delisted_at for entry_id, row in rows.items() if row.delisted_at is not None}

    def outdated_since(self, time: datetime) -> tuple[str, ...]:
        """Those whose download or print has been outdated since `time`, which has a time zone, in order of number."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT entry_id FROM declaration WHERE greatest(file_outdated_at, print_outdated_at) >= ? ORDER BY 1",
                [to_column(time)],
            )
            return tuple(entry_id for (entry_id,) in found.fetchall())

    def not_cached(self, entry_ids: Sequence[str]) -> tuple[str, ...]:
        """Those of `entry_ids` that the cache does not hold, in the given order."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT entry_id FROM declaration WHERE entry_id IN (SELECT unnest(?::VARCHAR[]))", [list(entry_ids)]
            )
            cached = {entry_id for (entry_id,) in found.fetchall()}
        return tuple(entry_id for entry_id in entry_ids if entry_id not in cached)

    def details_due(self, entry_ids: Sequence[str]) -> tuple[Summary, ...]:
        """The rows of those `entry_ids` whose detail must be fetched: it is missing or older than the row.

        Declarations that the port no longer lists are left out: it has no detail for them.
        """
        with self._cache.read_cursor() as cursor:
            rows = read_stored_rows(cursor, entry_ids)
        found = (rows[entry_id] for entry_id in entry_ids if entry_id in rows)
        return tuple(row.summary for row in found if row.detail_due and row.delisted_at is None)

    def next_details_due(self, limit: int) -> tuple[Summary, ...]:
        """The first `limit` rows whose detail must be fetched, latest 出口日期 first.

        Declarations that the port no longer lists are left out. Those whose detail could not be fetched before come
        last: they must not keep the others from being fetched.
        """
        with self._cache.read_cursor() as cursor:
            return read_due(cursor, limit)

    def count_details_due(self, without: Collection[str] = ()) -> int:
        """How many details must be fetched, besides those of the declarations `without`."""
        with self._cache.read_cursor() as cursor:
            return read_count(
                cursor,
                "SELECT count(*) FROM declaration WHERE detail_due AND delisted_at IS NULL"
                " AND NOT list_contains(?, entry_id)",
                [list(without)],
            )

    def count(self) -> int:
        """How many declarations the cache holds, without those that the port no longer lists."""
        with self._cache.read_cursor() as cursor:
            return read_count(cursor, "SELECT count(*) FROM declaration WHERE delisted_at IS NULL")

    def daily_volumes(self, date_range: DateRange, kind: Kind, list_pass: int | None = None) -> list[DailyVolume]:
        """What a download of each day would contain, earliest first. Days without declarations are left out.

        With a `list_pass`, exactly the declarations count that its lists contained. Without one, those that the port
        lists as far as the cache knows: not those that are only in imported files, and not those that the port no
        longer lists. The same applies to `query_summary`, `mark_downloaded` and `daily_downloads` of a date range.
        """
        condition, parameters = _condition(DateRangeQuery(date_range, kind), list_pass)
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT exported_on, count(*), coalesce(sum(item_count), 0), bool_and(has_detail AND NOT detail_due) "
                f"FROM declaration WHERE {condition} GROUP BY exported_on ORDER BY ALL",
                parameters,
            ).fetchall()
        return [
            DailyVolume(day, declarations, items, declarations * BYTES_PER_HEAD + items * BYTES_PER_ITEM, known)
            for day, declarations, items, known in found
        ]

    def clerk_marks(self, entry_ids: Sequence[str]) -> set[ClerkMarks]:
        """The different marks that these declarations have."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT DISTINCT coalesce(filed_month, ''), coalesce(filed_batch, ''), collected_on, "
                "coalesce(note, '') FROM declaration WHERE entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [list(entry_ids)],
            )
            return {ClerkMarks(*marks) for marks in found.fetchall()}

    def set_clerk_marks(self, entry_ids: Sequence[str], marks: ClerkMarks) -> None:
        """Replaces the clerk's marks of these declarations. Nothing else changes them."""
        texts = [replace_surrogates(text) or None for text in (marks.filed_month, marks.filed_batch, marks.note)]
        with self._cache.write_cursor() as cursor:
            cursor.execute(
                "UPDATE declaration SET filed_month = ?, filed_batch = ?, note = ?, collected_on = ? "
                "WHERE entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [*texts, marks.collected_on, list(entry_ids)],
            )

    def count_not_filed(self) -> int:
        """How many declarations that the port lists the clerk has not marked as filed."""
        with self._cache.read_cursor() as cursor:
            return read_count(cursor, f"SELECT count(*) FROM declaration WHERE filed_month IS NULL AND {STILL_LISTED}")

    def not_filed_by_day(self, ranges: Iterable[DateRange]) -> dict[date, int]:
        """How many of these there are of each 出口日期 in these ranges."""
        counts: dict[date, int] = {}
        with self._cache.read_cursor() as cursor:
            for days in ranges:
                found = cursor.execute(
                    "SELECT exported_on, count(*) FROM declaration WHERE exported_on BETWEEN ? AND ? "
                    f"AND filed_month IS NULL AND {STILL_LISTED} GROUP BY exported_on",
                    [days.start, days.end],
                )
                counts |= dict(found.fetchall())
        return counts

    def query_summary(self, query: Query, list_pass: int | None = None) -> QuerySummary | None:
        """What the cache holds of `query`, None if it holds nothing. `list_pass` is as in `daily_volumes`."""
        condition, parameters = _condition(query, list_pass)
        with self._cache.read_cursor() as cursor:
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

    def mark_downloaded(
        self, query: Query, at: datetime, list_pass: int | None = None, requested_at: datetime | None = None
    ) -> None:
        """Records that the declarations of `query` were downloaded `at` this time, which has a time zone.

        A change that was noticed after `requested_at` may be missing from the file: its mark stays. A row that the list
        has changed since then is marked, also at a first download: the file may be older than the row.
        """
        condition, parameters = _condition(query, list_pass)
        requested = to_column(requested_at or at)
        with self._cache.write_cursor() as cursor:
            cursor.execute(
                "UPDATE declaration SET downloaded_at = ?, file_outdated_at = CASE "
                "WHEN file_outdated_at > ? THEN file_outdated_at WHEN row_changed_at > ? THEN row_changed_at END "
                f"WHERE {condition}",
                [to_column(at), requested, requested, *parameters],
            )

    def daily_downloads(
        self, date_range: DateRange, kind: Kind, list_pass: int | None = None
    ) -> dict[date, DailyDownloads]:
        """What was downloaded of each day, counted like `daily_volumes`. Days without a download are left out."""
        condition, parameters = _condition(DateRangeQuery(date_range, kind), list_pass)
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT exported_on, count(*), max(downloaded_at), count(file_outdated_at) FROM declaration "
                f"WHERE {condition} AND downloaded_at IS NOT NULL GROUP BY exported_on",
                parameters,
            ).fetchall()
        return {
            day: DailyDownloads(declarations, from_column(last), outdated)
            for day, declarations, last, outdated in found
        }

    def downloaded_at(self, entry_ids: Sequence[str]) -> dict[str, datetime]:
        """When those of `entry_ids` that were downloaded were last downloaded. The times have a time zone."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT entry_id, downloaded_at FROM declaration "
                "WHERE downloaded_at IS NOT NULL AND entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [list(entry_ids)],
            ).fetchall()
        return {entry_id: from_column(at) for entry_id, at in found}

    def outdated_downloads(self, entry_ids: Sequence[str]) -> frozenset[str]:
        """Those of `entry_ids` that the port has changed since they were last downloaded."""
        with self._cache.read_cursor() as cursor:
            rows = read_stored_rows(cursor, entry_ids)
        return frozenset(entry_id for entry_id, row in rows.items() if row.file_outdated_at is not None)

    def download_counts(self) -> DownloadCounts:
        """How many declarations were downloaded to this cache and how many were not."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                f"SELECT count(*) FILTER (downloaded_at IS NULL AND {STILL_LISTED}), "
                "count(*) FILTER (downloaded_at IS NOT NULL AND delisted_at IS NULL), "
                f"count(*) FILTER (downloaded_at IS NULL AND NOT {EVER_LISTED}), count(delisted_at) FROM declaration"
            )
            return DownloadCounts(*found.fetchall()[0])

    def add_port_print(self, entry_ids: Sequence[str]) -> None:
        """Counts one more print of each in the port's count, until its next list brings the count that it has.

        The print comes from the port, so it is as the port has it now.
        """
        with self._cache.write_cursor() as cursor:
            cursor.execute(
                "UPDATE declaration SET port_prints = least(port_prints + 1, ?), printed_at = ?, "
                "print_outdated_at = NULL "
                "WHERE entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [MAX_PRINT_COUNT, to_column(self._clock()), list(entry_ids)],
            )

    def add_print(self, entry_ids: Sequence[str], loaded_at: datetime | None = None) -> None:
        """Counts one more print of each. The port does not know of it and keeps a count of its own.

        The print was made from the cache as it was at `loaded_at`, by default now. It is marked as outdated if the
        detail is due, because it then has the old one, and if a change was noticed after `loaded_at`.
        """
        now = self._clock()
        with self._cache.write_cursor() as cursor:
            cursor.execute(
                "UPDATE declaration SET printed_here = printed_here + 1, printed_at = $now, print_outdated_at = "
                "CASE WHEN detail_due OR greatest(print_outdated_at, row_changed_at) > $loaded "
                "THEN coalesce(print_outdated_at, row_changed_at, $now) END "
                "WHERE entry_id IN (SELECT unnest($entry_ids::VARCHAR[]))",
                {"now": to_column(now), "loaded": to_column(loaded_at or now), "entry_ids": list(entry_ids)},
            )


def _ids_of_changed_copies(
    cursor: duckdb.DuckDBPyConnection, given: Mapping[str, Declaration], stored: Mapping[str, StoredRow]
) -> list[int]:
    """The ids of those that were downloaded or printed here and whose detail is now another than the port's last."""
    copied = [key for key, row in stored.items() if row.has_copy and row.has_detail and row.origin is Origin.PORT]
    return [
        stored[before.summary.entry_id].id
        for before in read_declarations(cursor, copied)
        if not is_same_detail(before, given[before.summary.entry_id])
    ]


def _condition(query: Query, list_pass: int | None) -> tuple[str, list[object]]:
    """The SQL condition for the declarations of `query`, and its parameters."""
    if isinstance(query, NumberQuery):
        return "entry_id = ?", [query.entry_id]
    listed, parameters = (STILL_LISTED, []) if list_pass is None else ("listed_in >= ?", [list_pass])
    return f"exported_on BETWEEN ? AND ? AND kind = ? AND {listed}", [
        query.date_range.start,
        query.date_range.end,
        query.kind.value,
        *parameters,
    ]
