# ruff: noqa: S608 - statements are composed of our own names of columns and tables; values are parameters
"""The declarations that match a filter, in order, on the engine's side: the query, and the table of their ids."""

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

import duckdb

from db.cache import Cache
from db.filter import Filter, to_sql
from db.problems import CacheClosed
from db.row_mapping import DECLARATION_ROW_COLUMNS, declaration_row_of
from db.sort_keys import SORT_COLUMNS
from db.statements import LOOKED_UP_AT_ONCE, STILL_LISTED, placeholders
from jiacha_tui.declaration.declaration_row import DeclarationRow, Order, Totals
from jiacha_tui.declaration.exact import EXACT
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange


@dataclass(frozen=True, slots=True)
class ResultSummary:
    """`totals` are those of all matches. `listed` counts the matches that the port lists.

    `date_ranges` has the first and last 出口日期 of the listed ones, for each kind that has any.
    """

    totals: Totals
    listed: int
    date_ranges: dict[Kind, DateRange]


class ResultQuery:
    """The SQL of a filter and an order. Its methods run it on a cursor."""

    def __init__(self, filter_: Filter, order: Order) -> None:
        condition, self._parameters = to_sql(filter_)
        column = SORT_COLUMNS.get(order.column.value, order.column.value)
        direction = "DESC" if order.descending else "ASC"
        self._matches = f"FROM declaration WHERE {condition}"
        self._order = f"ORDER BY {column} {direction} NULLS LAST, entry_id {direction}"

    def summary(self, cursor: duckdb.DuckDBPyConnection) -> ResultSummary:
        """Reads the totals of all matches."""
        totals, listed = Totals(0, 0, Decimal(0), items_known=True), 0
        date_ranges: dict[Kind, DateRange] = {}
        for kind, declarations, items, usd, known, delisted, listed_of_kind, first, last in cursor.execute(
            f"SELECT kind, {_TOTALS}, count(*) FILTER ({STILL_LISTED}), min(exported_on) FILTER ({STILL_LISTED}), "
            f"max(exported_on) FILTER ({STILL_LISTED}) {self._matches} GROUP BY kind",
            self._parameters,
        ).fetchall():
            totals = Totals(
                totals.declarations + declarations,
                totals.items + items,
                EXACT.add(totals.usd, usd),
                totals.items_known and known,
                totals.delisted + delisted,
            )
            listed += listed_of_kind
            if first is not None:
                date_ranges[Kind(kind)] = DateRange(first, last)
        return ResultSummary(totals, listed, date_ranges)

    def first_ids(self, cursor: duckdb.DuckDBPyConnection, count: int) -> list[int]:
        """Reads the first `count` ids in order. The engine does not sort the rest."""
        found = cursor.execute(f"SELECT id {self._matches} {self._order} LIMIT ?", [*self._parameters, count])
        return [id_ for (id_,) in found.fetchall()]

    def create_id_table(self, cursor: duckdb.DuckDBPyConnection, table: str) -> None:
        """Creates `table` with all ids in order."""
        cursor.execute(f"CREATE TABLE {table} AS SELECT id {self._matches} {self._order}", self._parameters)


class ResultIds:
    """The ids of the declarations that match a query, in order.

    They are first only defined by `snapshot`, whatever is written after it was taken. `fill` copies them into a table
    of the engine's memory, where the row number of an id is its position.
    """

    def __init__(self, cache: Cache, query: ResultQuery) -> None:
        self.snapshot = cache.snapshot()
        self._cache = cache
        self._query = query
        self._table = f"memory.main.result_{uuid4().hex}"
        self._filling = threading.Lock()
        self._filled = False

    def fill(self) -> None:
        """Creates the table, if that is not done, and closes the snapshot."""
        with self._filling:
            if self._filled:
                return
            with self.snapshot.read_cursor() as cursor:
                self._query.create_id_table(cursor, self._table)
                cursor.execute("COMMIT")
            self._filled = True
            self.snapshot.close()

    def between(self, start: int, stop: int) -> list[int]:
        """The ids from position `start` up to, but not including, `stop`."""
        self.fill()
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                f"SELECT id FROM {self._table} WHERE rowid >= ? AND rowid < ? ORDER BY rowid", [start, stop]
            )
            return [id_ for (id_,) in found.fetchall()]

    def position_of(self, id_: int) -> int | None:
        """The position of an id, None if it is not among them."""
        self.fill()
        with self._cache.read_cursor() as cursor:
            positions = cursor.execute(f"SELECT rowid FROM {self._table} WHERE id = ?", [id_]).fetchall()
        return positions[0][0] if positions else None

    def entry_ids(self, count: int) -> tuple[str, ...]:
        """报关单号 of the first `count`, in order."""
        self.fill()
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                f"SELECT entry_id FROM (SELECT rowid AS position, id FROM {self._table} WHERE rowid < ?) "
                "JOIN declaration USING (id) ORDER BY position",
                [count],
            )
            return tuple(entry_id for (entry_id,) in found.fetchall())

    def drop(self) -> None:
        """Frees the snapshot or the table. No method may be called afterwards."""
        self.snapshot.close()
        if self._filled:
            with contextlib.suppress(CacheClosed), self._cache.read_cursor() as cursor:
                cursor.execute(f"DROP TABLE {self._table}")


def read_declaration_rows(cursor: duckdb.DuckDBPyConnection, ids: Sequence[int]) -> tuple[DeclarationRow, ...]:
    """The rows of these ids, in the same order."""
    found: dict[int, DeclarationRow] = {}
    for start in range(0, len(ids), LOOKED_UP_AT_ONCE):
        chunk = ids[start : start + LOOKED_UP_AT_ONCE]
        for id_, *values in cursor.execute(f"{_SELECT_ROWS} WHERE id IN ({placeholders(chunk)})", chunk).fetchall():
            found[id_] = declaration_row_of(values)
    return tuple(found[id_] for id_ in ids)


_TOTALS = (
    "count(*) FILTER (delisted_at IS NULL), coalesce(sum(item_count) FILTER (delisted_at IS NULL), 0), "
    "coalesce(sum(usd_amount) FILTER (delisted_at IS NULL), 0), "
    "bool_and((has_detail AND NOT detail_due) OR delisted_at IS NOT NULL), count(delisted_at)"
)
"""The columns of `Totals` for the rows of a group."""

_SELECT_ROWS = f"SELECT id, {', '.join(DECLARATION_ROW_COLUMNS)} FROM declaration"
