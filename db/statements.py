# ruff: noqa: S608 - statements are put together from our own names of columns, every value is a parameter
"""Reading and writing declarations on a cursor: the statements behind `db.declarations`.

Numbers are looked up a chunk at a time, so that the index answers; rows are written from one JSON parameter, whatever
their number.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, TypeVar

import duckdb

from db.row_mapping import (
    DETAIL_TYPES,
    HEAD_COLUMNS,
    HEAD_TYPES,
    ITEM_COLUMNS,
    ITEM_TYPES,
    SUMMARY_COLUMNS,
    SUMMARY_TYPES,
    detail_row,
    head_of,
    head_row,
    item_of,
    item_rows,
    rows_to_json,
    select_from_json,
    summary_of,
    summary_row,
)
from jiacha_tui.declaration.model import Declaration, Head, Item, Origin, Summary

LOOKED_UP_AT_ONCE: Final = 500
"""Up to some two thousand numbers DuckDB uses the index, above that it reads the whole table."""

WRITTEN_AT_ONCE: Final = 2000
"""Declarations in one JSON parameter, so that it stays at a few megabytes."""

_Value = TypeVar("_Value")


LISTED = "(origin = 'port' OR detail_due)"
"""The condition for what the port has listed; the rest came from files, and is in none of the port's spans."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """What the cache has of a declaration, but for its detail."""

    id: int
    summary: Summary
    origin: Origin
    has_detail: bool
    detail_due: bool
    printed_here: int

    @property
    def is_unlisted(self) -> bool:
        """Whether it came from a file and the port has not listed it yet."""
        return self.origin is Origin.FILE and not self.detail_due

    def is_outdated_by(self, summary: Summary) -> bool:
        """Whether the port's row tells of another state of the declaration, so that its detail has to be fetched anew.

        Printing changes a row's count and nothing else, and its token may differ on every call.
        """
        return self.is_unlisted or _essence(self.summary) != _essence(summary)

    def is_up_to_date_with(self, summary: Summary) -> bool:
        """Whether there is nothing new in the port's row, which does not know of our own prints."""
        return self.summary == replace(summary, print_count=summary.print_count + self.printed_here)


@dataclass(frozen=True, slots=True)
class NewDetail:
    """A detail to be written to the row `id`; `due` where the port already has a newer one."""

    id: int
    declaration: Declaration
    due: bool


def read_stored_rows(cursor: duckdb.DuckDBPyConnection, entry_ids: Iterable[str]) -> dict[str, StoredRow]:
    """What there is of `entry_ids`, by number."""
    found: dict[str, StoredRow] = {}
    for some in _chunks(dict.fromkeys(entry_ids), LOOKED_UP_AT_ONCE):
        for id_, origin, has_detail, detail_due, printed_here, *values in cursor.execute(
            f"{_SELECT_ROWS} WHERE entry_id IN ({_marks(some)})", some
        ).fetchall():
            summary = summary_of(values)
            found[summary.entry_id] = StoredRow(id_, summary, Origin(origin), has_detail, detail_due, printed_here)
    return found


def read_due(cursor: duckdb.DuckDBPyConnection, limit: int) -> tuple[Summary, ...]:
    """The first rows whose detail is due, the last exported first."""
    found = cursor.execute(
        f"SELECT {_names(SUMMARY_COLUMNS)} FROM declaration WHERE detail_due "
        "ORDER BY exported_on DESC NULLS LAST, entry_id DESC LIMIT ?",
        [limit],
    )
    return tuple(summary_of(row) for row in found.fetchall())


def read_declarations(cursor: duckdb.DuckDBPyConnection, entry_ids: Iterable[str]) -> tuple[Declaration, ...]:
    """The declarations that are there, each once, in the order asked for. The cursor is in a transaction."""
    found: list[Declaration] = []
    for some in _chunks(dict.fromkeys(entry_ids), LOOKED_UP_AT_ONCE):
        rows = read_stored_rows(cursor, some)
        ids = [row.id for row in rows.values()]
        heads = {id_: head_of(values) for id_, *values in cursor.execute(_SELECT_HEADS, [ids]).fetchall()}
        items: dict[int, list[Item]] = {}
        for id_, *values in cursor.execute(_SELECT_ITEMS, [ids]).fetchall():
            items.setdefault(id_, []).append(item_of(values))
        found += [
            Declaration(
                rows[key].summary, heads.get(rows[key].id), tuple(items.get(rows[key].id, ())), rows[key].origin
            )
            for key in some
            if key in rows
        ]
    return tuple(found)


def insert_summaries(cursor: duckdb.DuckDBPyConnection, summaries: Iterable[Summary], origin: Origin) -> dict[str, int]:
    """Adds rows and gives their ids by number. The port has a detail for each of its rows, a file brings its own."""
    ids: dict[str, int] = {}
    for some in _chunks(summaries, WRITTEN_AT_ONCE):
        rows = rows_to_json([summary_row(summary) for summary in some])
        ids |= dict(
            cursor.execute(
                _INSERT_SUMMARIES, {"rows": rows, "origin": origin.value, "due": origin is Origin.PORT}
            ).fetchall()
        )
    return ids


def update_summaries(cursor: duckdb.DuckDBPyConnection, summaries: Iterable[tuple[int, Summary]]) -> None:
    """Puts the port's rows in place of those with these ids, whose details are due from now on."""
    for some in _chunks(summaries, WRITTEN_AT_ONCE):
        rows = [{"id": id_, **summary_row(one)} for id_, one in some]
        cursor.execute(_UPDATE_SUMMARIES, {"rows": rows_to_json(rows)})


def update_counts_and_tokens(cursor: duckdb.DuckDBPyConnection, summaries: Iterable[tuple[int, Summary]]) -> None:
    """Puts print count and token of the port's rows in place of those with these ids; their details stay as good."""
    for some in _chunks(summaries, WRITTEN_AT_ONCE):
        rows = [{"id": id_, "port_prints": one.print_count, "detail_token": one.detail_token} for id_, one in some]
        cursor.execute(_UPDATE_COUNTS_AND_TOKENS, {"rows": rows_to_json(rows)})


def delete_details(cursor: duckdb.DuckDBPyConnection, ids: Iterable[int]) -> None:
    """Takes away heads and items, before others are inserted."""
    for some in _chunks(ids, WRITTEN_AT_ONCE):
        cursor.execute(f"DELETE FROM head {_OF_THESE}", [some])
        cursor.execute(f"DELETE FROM item {_OF_THESE}", [some])


def insert_details(cursor: duckdb.DuckDBPyConnection, details: Iterable[NewDetail], origin: Origin) -> None:
    """Adds heads and items to rows that have none, and to the rows what the table and the filters take from them.

    Raises ValueError for a declaration without its head.
    """
    for some in _chunks(details, WRITTEN_AT_ONCE):
        heads: list[dict[str, object]] = []
        items: list[dict[str, object]] = []
        rows: list[dict[str, object]] = []
        for detail in some:
            head = _head(detail.declaration)
            heads.append(head_row(detail.id, head))
            items += item_rows(detail.id, detail.declaration.items)
            rows.append({"id": detail.id, "detail_due": detail.due, **detail_row(head, detail.declaration.items)})
        cursor.execute(_INSERT_HEADS, {"rows": rows_to_json(heads)})
        cursor.execute(_INSERT_ITEMS, {"rows": rows_to_json(items)})
        cursor.execute(_UPDATE_DETAILS, {"rows": rows_to_json(rows), "origin": origin.value})


def count_of(cursor: duckdb.DuckDBPyConnection, query: str) -> int:
    """The one number that `query` gives."""
    found: int = cursor.execute(query).fetchall()[0][0]
    return found


def _head(declaration: Declaration) -> Head:
    if declaration.head is None:
        raise ValueError(f"{declaration.summary.entry_id} has no detail")
    return declaration.head


def _essence(summary: Summary) -> Summary:
    return replace(summary, print_count=0, detail_token="")


def _chunks(values: Iterable[_Value], size: int) -> Iterator[list[_Value]]:
    left = iter(values)
    while chunk := list(islice(left, size)):
        yield chunk


def _names(columns: Iterable[str]) -> str:
    return ", ".join(columns)


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _update(columns: Mapping[str, str], *more: str) -> str:
    """An UPDATE of these columns of `declaration` by id, from JSON; `more` are other assignments."""
    assigned = ", ".join([*more, *(f"{name} = given.{name}" for name in columns)])
    given = select_from_json({"id": "INTEGER", **columns})
    return f"UPDATE declaration SET {assigned} FROM ({given}) AS given WHERE declaration.id = given.id"


_SELECT_ROWS = f"SELECT id, origin, has_detail, detail_due, printed_here, {_names(SUMMARY_COLUMNS)} FROM declaration"
_OF_THESE = "WHERE declaration_id IN (SELECT unnest(?::INTEGER[]))"
_SELECT_HEADS = f"SELECT declaration_id, {_names(HEAD_COLUMNS)} FROM head {_OF_THESE}"
_SELECT_ITEMS = f"SELECT declaration_id, {_names(ITEM_COLUMNS)} FROM item {_OF_THESE} ORDER BY declaration_id, position"
_INSERT_SUMMARIES = (
    "INSERT INTO declaration BY NAME SELECT $origin AS origin, $due AS detail_due, false AS has_detail, * "
    f"FROM ({select_from_json(SUMMARY_TYPES)}) RETURNING entry_id, id"
)
_UPDATE_SUMMARIES = _update(SUMMARY_TYPES, "detail_due = true")
_UPDATE_COUNTS_AND_TOKENS = _update({"port_prints": "BIGINT", "detail_token": "VARCHAR"})
_INSERT_HEADS = f"INSERT INTO head BY NAME {select_from_json(HEAD_TYPES)}"
_INSERT_ITEMS = f"INSERT INTO item BY NAME {select_from_json(ITEM_TYPES)}"
_UPDATE_DETAILS = _update({"detail_due": "BOOLEAN", **DETAIL_TYPES}, "origin = $origin, has_detail = true")
