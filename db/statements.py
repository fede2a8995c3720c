# ruff: noqa: S608 - statements are composed of our own names of columns; values are parameters
"""The statements that read and write declarations, each on a cursor of its caller. `db.declarations` uses them.

Numbers are looked up in chunks, so that the engine uses its index. Rows are written from one JSON parameter.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Final, TypeVar

import duckdb

from db.json_rows import rows_to_json, select_from_json
from db.pinyin import add_pinyin
from db.row_mapping import (
    DETAIL_TYPES,
    EPORT_PRINTS,
    HEAD_COLUMNS,
    HEAD_TYPES,
    ITEM_COLUMNS,
    ITEM_TYPES,
    ROW_UNPARSED,
    SUMMARY_COLUMNS,
    SUMMARY_TYPES,
    detail_row,
    head_of,
    head_row,
    item_of,
    item_rows,
    summary_of,
    summary_row,
    unparsed_json,
)
from db.timestamps import from_column
from jiacha_tui.declaration.clerk_marks import ClerkMarks
from jiacha_tui.declaration.model import Declaration, Head, Item, Origin, Summary

LOOKED_UP_AT_ONCE: Final = 500
"""Up to about two thousand numbers DuckDB uses the index. For more it reads the whole table."""

WRITTEN_AT_ONCE: Final = 2000
"""Declarations in one JSON parameter, which keeps it to a few megabytes."""

_Value = TypeVar("_Value")


EVER_LISTED = "(origin = 'port' OR detail_due)"
"""The condition for declarations that the port has listed at some time.

It is not `origin = 'port'`: a declaration that came from a file first keeps that origin, and its detail is due once the
port lists it. The others are only in imported files, and no query by date at the port returns them.
"""

STILL_LISTED = f"({EVER_LISTED} AND delisted_at IS NULL)"
"""The condition for declarations that the port has listed and still lists, as far as the cache knows."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A declaration in the cache without its detail. The port does not know of the prints in `printed_here`.

    `delisted_at`, with a time zone, tells when the port's list was found to lack it; None while the port lists it.
    `file_outdated_at` and `print_outdated_at` are as in `Declaration`. `has_copy` tells whether it was downloaded or
    printed here.
    """

    id: int
    summary: Summary
    origin: Origin
    has_detail: bool
    detail_due: bool
    printed_here: int
    delisted_at: datetime | None
    file_outdated_at: datetime | None
    print_outdated_at: datetime | None
    has_copy: bool
    marks: ClerkMarks

    @property
    def never_listed(self) -> bool:
        """Whether it came from a file and the port has not listed it yet."""
        return self.origin is Origin.FILE and not self.detail_due

    def is_outdated_by(self, summary: Summary) -> bool:
        """Whether the declaration has changed in the port's row, so that its detail must be fetched again.

        The print count does not matter: printing changes nothing else. Neither do the token, which may differ in
        every response, and what could not be read, which may be a token too.
        """
        return self.never_listed or _without_count_and_token(self.summary) != _without_count_and_token(summary)

    def outdates_copies(self, summary: Summary) -> bool:
        """Whether what the port's row says of the goods has changed since a copy was made here.

        报送时间 does not matter by itself: a resend changes it. Neither does the first list that contains a declaration
        from a file, which has less than the list.
        """
        return self.has_copy and not self.never_listed and _of_the_goods(self.summary) != _of_the_goods(summary)

    def is_same_as(self, summary: Summary) -> bool:
        """Whether the port's row has nothing new. Its print count does not include `printed_here`."""
        return self.summary == replace(summary, print_count=summary.print_count + self.printed_here)


@dataclass(frozen=True, slots=True)
class NewDetail:
    """A detail to write to the row `id`. `due` tells that the port already has a newer one."""

    id: int
    declaration: Declaration
    due: bool


def read_stored_rows(cursor: duckdb.DuckDBPyConnection, entry_ids: Iterable[str]) -> dict[str, StoredRow]:
    """The rows of those `entry_ids` that are in the cache, by number."""
    found: dict[str, StoredRow] = {}
    for chunk in _chunks(dict.fromkeys(entry_ids), LOOKED_UP_AT_ONCE):
        for id_, origin, has_detail, detail_due, printed_here, has_copy, marks, *times_and_values in cursor.execute(
            f"{_SELECT_ROWS} WHERE entry_id IN ({placeholders(chunk)})", chunk
        ).fetchall():
            times, values = times_and_values[: len(_TIMES)], times_and_values[len(_TIMES) :]
            summary = summary_of(values)
            delisted_at, file_outdated_at, print_outdated_at = (time and from_column(time) for time in times)
            found[summary.entry_id] = StoredRow(
                id=id_,
                summary=summary,
                origin=Origin(origin),
                has_detail=has_detail,
                detail_due=detail_due,
                printed_here=printed_here,
                delisted_at=delisted_at,
                file_outdated_at=file_outdated_at,
                print_outdated_at=print_outdated_at,
                has_copy=has_copy,
                marks=_clerk_marks(*marks),
            )
    return found


def read_due(cursor: duckdb.DuckDBPyConnection, limit: int) -> tuple[Summary, ...]:
    """The first `limit` rows whose detail is due, latest 出口日期 first. Those that failed before come last.

    Declarations that the port no longer lists are left out.
    """
    found = cursor.execute(
        f"SELECT {_names(SUMMARY_COLUMNS)} FROM declaration WHERE detail_due AND delisted_at IS NULL "
        "ORDER BY entry_id IN (SELECT entry_id FROM detail_failure), exported_on DESC NULLS LAST, entry_id DESC "
        "LIMIT ?",
        [limit],
    )
    return tuple(summary_of(row) for row in found.fetchall())


def read_declarations(cursor: duckdb.DuckDBPyConnection, entry_ids: Iterable[str]) -> tuple[Declaration, ...]:
    """The declarations that are in the cache, each once, in the given order. The cursor must be in a transaction."""
    found: list[Declaration] = []
    for chunk in _chunks(dict.fromkeys(entry_ids), LOOKED_UP_AT_ONCE):
        rows = read_stored_rows(cursor, chunk)
        ids = [row.id for row in rows.values()]
        heads = {id_: head_of(values) for id_, *values in cursor.execute(_SELECT_HEADS, [ids]).fetchall()}
        items: dict[int, list[Item]] = {}
        for id_, *values in cursor.execute(_SELECT_ITEMS, [ids]).fetchall():
            items.setdefault(id_, []).append(item_of(values))
        for row in (rows[entry_id] for entry_id in chunk if entry_id in rows):
            items_of_row = tuple(items.get(row.id, ()))
            found.append(
                Declaration(
                    row.summary,
                    heads.get(row.id),
                    items_of_row,
                    row.origin,
                    row.delisted_at,
                    row.file_outdated_at,
                    row.print_outdated_at,
                    row.marks,
                )
            )
    return tuple(found)


def insert_summaries(cursor: duckdb.DuckDBPyConnection, summaries: Iterable[Summary], origin: Origin) -> dict[str, int]:
    """Adds rows and returns their ids by number.

    The detail of a row from the port is due. A file brings its details along. A row that was resent is marked so: the
    outbox can name declarations that the cache did not hold (`Outbox.restore_unknown`, `restore_sent`).
    """
    ids: dict[str, int] = {}
    for chunk in _chunks(summaries, WRITTEN_AT_ONCE):
        rows = [summary_row(summary) for summary in chunk]
        parameters = {"rows": rows_to_json(rows), "origin": origin.value, "due": origin is Origin.PORT}
        add_pinyin(cursor, _searched(rows))
        ids |= dict(cursor.execute(_INSERT_SUMMARIES, parameters).fetchall())
    if ids:
        cursor.execute(_MARK_RESENDS, {"new": list(ids)})
    return ids


def mark_outdated(cursor: duckdb.DuckDBPyConnection, ids: Iterable[int], at: datetime) -> None:
    """Marks the copies of these ids: the data has changed at the port, as was noticed `at` this time, in UTC.

    A copy that was made after the list had changed the row has the change already.
    """
    for chunk in _chunks(ids, LOOKED_UP_AT_ONCE):
        changes = ", ".join(
            f"{mark} = CASE WHEN {copied_at} <= coalesce(row_changed_at, $at) THEN $at ELSE {mark} END"
            for mark, copied_at in (("file_outdated_at", "downloaded_at"), ("print_outdated_at", "printed_at"))
        )
        cursor.execute(
            f"UPDATE declaration SET {changes} WHERE id IN (SELECT unnest($ids::INTEGER[]))", {"at": at, "ids": chunk}
        )


def update_summaries(
    cursor: duckdb.DuckDBPyConnection, summaries: Iterable[tuple[int, Summary]], at: datetime | None = None
) -> None:
    """Replaces the rows with these ids by the port's rows, as of `at`, in UTC. Their details are then due."""
    for chunk in _chunks(summaries, WRITTEN_AT_ONCE):
        rows = [{"id": id_, **summary_row(summary)} for id_, summary in chunk]
        cursor.execute(_UPDATE_SUMMARIES, {"rows": rows_to_json(rows), "at": at})
        add_pinyin(cursor, _searched(rows))


def update_counts_and_tokens(cursor: duckdb.DuckDBPyConnection, summaries: Iterable[tuple[int, Summary]]) -> None:
    """Replaces print count, token and unparsed values of the rows with these ids by the port's.

    Their details stay valid.
    """
    for chunk in _chunks(summaries, WRITTEN_AT_ONCE):
        rows = [
            {
                "id": id_,
                EPORT_PRINTS: summary.print_count,
                "detail_token": summary.detail_token,
                ROW_UNPARSED: unparsed_json(summary.unparsed),
            }
            for id_, summary in chunk
        ]
        cursor.execute(_UPDATE_COUNTS_AND_TOKENS, {"rows": rows_to_json(rows)})


def mark_listed(cursor: duckdb.DuckDBPyConnection, ids: Iterable[int], list_pass: int) -> None:
    """Notes that this list pass contained the rows with these ids."""
    for chunk in _chunks(ids, LOOKED_UP_AT_ONCE):
        cursor.execute(
            f"UPDATE declaration SET listed_in = greatest(listed_in, ?) WHERE id IN ({placeholders(chunk)})",
            [list_pass, *chunk],
        )


def remove_delisted_marks(cursor: duckdb.DuckDBPyConnection, ids: Iterable[int]) -> None:
    """Removes the mark of rows that the port lists again."""
    for chunk in _chunks(ids, LOOKED_UP_AT_ONCE):
        cursor.execute(f"UPDATE declaration SET delisted_at = NULL WHERE id IN ({placeholders(chunk)})", chunk)


def delete_details(cursor: duckdb.DuckDBPyConnection, ids: Iterable[int]) -> None:
    """Deletes heads and items, before new ones are inserted."""
    for chunk in _chunks(ids, WRITTEN_AT_ONCE):
        cursor.execute(f"DELETE FROM head {_OF_THESE_IDS}", [chunk])
        cursor.execute(f"DELETE FROM item {_OF_THESE_IDS}", [chunk])


def insert_details(cursor: duckdb.DuckDBPyConnection, details: Iterable[NewDetail], origin: Origin) -> None:
    """Adds heads and items to rows that have none, and copies to the rows what table and filters need of them.

    Raises ValueError for a declaration without a head.
    """
    for chunk in _chunks(details, WRITTEN_AT_ONCE):
        heads: list[dict[str, object]] = []
        items: list[dict[str, object]] = []
        rows: list[dict[str, object]] = []
        for detail in chunk:
            head = _head(detail.declaration)
            heads.append(head_row(detail.id, head))
            items += item_rows(detail.id, detail.declaration.items)
            columns = detail_row(head, detail.declaration.items, detail.declaration.items_left_out)
            rows.append({"id": detail.id, "detail_due": detail.due, **columns})
        cursor.execute(_INSERT_HEADS, {"rows": rows_to_json(heads)})
        cursor.execute(_INSERT_ITEMS, {"rows": rows_to_json(items)})
        add_pinyin(cursor, _searched([*rows, *items]))
        cursor.execute(_UPDATE_DETAILS, {"rows": rows_to_json(rows), "origin": origin.value})


def delete_failures(cursor: duckdb.DuckDBPyConnection, entry_ids: Iterable[str]) -> None:
    """Deletes the reasons why these details could not be fetched."""
    for chunk in _chunks(entry_ids, LOOKED_UP_AT_ONCE):
        cursor.execute(f"DELETE FROM detail_failure WHERE entry_id IN ({placeholders(chunk)})", chunk)


def read_count(cursor: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> int:
    """The one number that `query` returns for the values of its parameters."""
    ((count,),) = cursor.execute(query, list(values)).fetchall()
    return int(count)


def placeholders(values: Collection[object]) -> str:
    """A question mark for each value, for `IN (…)`."""
    return ", ".join("?" * len(values))


def _searched(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The texts of these rows that filters search."""
    return (str(value) for row in rows for name, value in row.items() if name.endswith("_search"))


def _head(declaration: Declaration) -> Head:
    if declaration.head is None:
        raise ValueError(f"{declaration.summary.entry_id} has no detail")
    return declaration.head


def _without_count_and_token(summary: Summary) -> Summary:
    return replace(summary, print_count=0, detail_token="", unparsed={})


def _clerk_marks(filed_month: str, filed_batch: str, collected_on: str | None, note: str) -> ClerkMarks:
    return ClerkMarks(filed_month, filed_batch, date.fromisoformat(collected_on) if collected_on else None, note)


def _of_the_goods(summary: Summary) -> Summary:
    return replace(_without_count_and_token(summary), reported_at=None)


def _chunks(values: Iterable[_Value], size: int) -> Iterator[list[_Value]]:
    remaining = iter(values)
    while chunk := list(islice(remaining, size)):
        yield chunk


def _names(columns: Iterable[str]) -> str:
    return ", ".join(columns)


def _update(columns: Mapping[str, str], *more: str) -> str:
    """An UPDATE of these columns of `declaration` by id, from JSON. `more` are further assignments."""
    assignments = ", ".join([*more, *(f"{name} = new.{name}" for name in columns)])
    new = select_from_json({"id": "INTEGER", **columns})
    return f"UPDATE declaration SET {assignments} FROM ({new}) AS new WHERE declaration.id = new.id"


_TIMES = ("delisted_at", "file_outdated_at", "print_outdated_at")
_SELECT_ROWS = (
    "SELECT id, origin, has_detail, detail_due, printed_here, "
    "downloaded_at IS NOT NULL OR printed_at IS NOT NULL AS has_copy, "
    "[coalesce(filed_month, ''), coalesce(filed_batch, ''), collected_on::VARCHAR, coalesce(note, '')] AS marks, "
    f"{_names([*_TIMES, *SUMMARY_COLUMNS])} FROM declaration"
)
_OF_THESE_IDS = "WHERE declaration_id IN (SELECT unnest(?::INTEGER[]))"
_SELECT_HEADS = f"SELECT declaration_id, {_names(HEAD_COLUMNS)} FROM head {_OF_THESE_IDS}"
_SELECT_ITEMS = (
    f"SELECT declaration_id, {_names(ITEM_COLUMNS)} FROM item {_OF_THESE_IDS} ORDER BY declaration_id, position"
)
_INSERT_SUMMARIES = (
    "INSERT INTO declaration BY NAME SELECT $origin AS origin, $due AS detail_due, false AS has_detail, * "
    f"FROM ({select_from_json(SUMMARY_TYPES)}) RETURNING entry_id, id"
)
_MARK_RESENDS = """
    UPDATE declaration SET
        resent_at = last.sent_at,
        resend_unknown_at = CASE WHEN last.state = 'unknown' THEN last.put_at END
    FROM (
        SELECT entry_id, max(put_at) AS put_at, arg_max(state, put_at) AS state,
            max(answered_at) FILTER (state = 'sent') AS sent_at
        FROM (
            SELECT unnest(resend.entry_ids) AS entry_id, resend.put_at, answer.state, answer.answered_at
            FROM resend JOIN resend_answer AS answer ON answer.resend_id = resend.id
            WHERE answer.state <> 'refused' AND list_has_any(resend.entry_ids, $new::VARCHAR[])
        )
        GROUP BY entry_id
    ) AS last
    WHERE declaration.entry_id = last.entry_id AND list_contains($new, last.entry_id)
"""
_UPDATE_SUMMARIES = _update(SUMMARY_TYPES, "detail_due = true", "row_changed_at = $at")
_UPDATE_COUNTS_AND_TOKENS = _update({EPORT_PRINTS: "BIGINT", "detail_token": "VARCHAR", ROW_UNPARSED: "VARCHAR"})
_INSERT_HEADS = f"INSERT INTO head BY NAME {select_from_json(HEAD_TYPES)}"
_INSERT_ITEMS = f"INSERT INTO item BY NAME {select_from_json(ITEM_TYPES)}"
_UPDATE_DETAILS = _update({"detail_due": "BOOLEAN", **DETAIL_TYPES}, "origin = $origin, has_detail = true")
