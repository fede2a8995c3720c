"""What a filter finds, on the engine's side: the statements that find it, and the table that keeps it in order."""

# ruff: noqa: S608 - statements are put together from our own names of columns and tables; values are parameters

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
from db.statements import LISTED, LOOKED_UP_AT_ONCE
from jiacha_tui.declaration.declaration_row import Column, DeclarationRow, Order, Totals
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange


@dataclass(frozen=True, slots=True)
class ResultSummary:
    """What was found adds up to `totals`.

    `listed` are those of them that the port has listed, and `spans` their first and last 出口日期, by kind.
    """

    totals: Totals
    listed: int
    spans: dict[Kind, DateRange]


class ResultQuery:
    """A filter and an order."""

    def __init__(self, wanted: Filter, order: Order) -> None:
        condition, self._parameters = to_sql(wanted)
        direction = "DESC" if order.descending else "ASC"
        self._found = f"FROM declaration WHERE {condition}"
        self._order = f"ORDER BY {_sorted_by(order.column)} {direction} NULLS LAST, entry_id {direction}"

    def summary(self, cursor: duckdb.DuckDBPyConnection) -> ResultSummary:
        declarations, items, usd, items_known, listed = 0, 0, Decimal(0), True, 0
        spans: dict[Kind, DateRange] = {}
        for kind, *sums, known, of_the_port, first, last in cursor.execute(
            "SELECT kind, count(*), coalesce(sum(item_count), 0), coalesce(sum(usd_amount), 0), "
            f"bool_and(has_detail AND NOT detail_due), count(*) FILTER ({LISTED}), min(exported_on) FILTER ({LISTED}), "
            f"max(exported_on) FILTER ({LISTED}) {self._found} GROUP BY kind",
            self._parameters,
        ).fetchall():
            declarations += sums[0]
            items += sums[1]
            usd += sums[2]
            items_known = items_known and known
            listed += of_the_port
            if first is not None:
                spans[Kind(kind)] = DateRange(first, last)
        return ResultSummary(Totals(declarations, items, usd, items_known), listed, spans)

    def first_ids(self, cursor: duckdb.DuckDBPyConnection, count: int) -> list[int]:
        """The first ids in order, without sorting the others."""
        found = cursor.execute(f"SELECT id {self._found} {self._order} LIMIT ?", [*self._parameters, count])
        return [id_ for (id_,) in found.fetchall()]

    def create_id_table(self, cursor: duckdb.DuckDBPyConnection, table: str) -> None:
        """Makes `table` of all ids in order."""
        cursor.execute(f"CREATE TABLE {table} AS SELECT id {self._found} {self._order}", self._parameters)


def _sorted_by(column: Column) -> str:
    """Chinese by its pinyin, with digits before it and Latin letters after it; all else as it is stored."""
    if column not in _READ_AS:
        return column.value
    several, one = _READ_AS[column]
    text = f"translate({column.value}, '{several}', '{one}')" if several else column.value
    return f"{text} COLLATE zh"


_READ_AS = {
    Column.EXIT_CUSTOMS: ("长厦番", "常夏潘"),
    Column.TRANSFER_STATE: ("", ""),
    Column.DESTINATION_COUNTRY: ("秘", "必"),
    Column.CONSIGNOR_NAME: ("长厦", "常夏"),
    Column.TRADE_MODE: ("", ""),
    Column.GOODS: ("长", "常"),
}
"""The columns of Chinese text. The engine's order knows one reading of a character; of some it is not the one in names
of places (长沙, 厦门, 番禺, 秘鲁), and these are sorted as another character that is read the same.
"""


class ResultIds:
    """The ids that a question finds, in order.

    To begin with they are nowhere but in `snapshot`, from which `fill` can tell them, however much is written
    meanwhile. Then they are in a table of the engine's memory, where row numbers are their positions.
    """

    def __init__(self, cache: Cache, question: ResultQuery) -> None:
        self.snapshot = cache.snapshot()
        self._cache = cache
        self._question = question
        self._table = f"memory.main.found_{uuid4().hex}"
        self._filling = threading.Lock()
        self._filled = False

    def fill(self) -> None:
        """Fills the table, unless that is done, and lets the snapshot go."""
        with self._filling:
            if self._filled:
                return
            with self.snapshot.reading() as cursor:
                self._question.create_id_table(cursor, self._table)
                cursor.execute("COMMIT")
            self._filled = True
            self.snapshot.close()

    def between(self, start: int, stop: int) -> list[int]:
        """The ids from position `start` up to, not including, `stop`."""
        self.fill()
        with self._cache.reading() as cursor:
            found = cursor.execute(
                f"SELECT id FROM {self._table} WHERE rowid >= ? AND rowid < ? ORDER BY rowid", [start, stop]
            )
            return [id_ for (id_,) in found.fetchall()]

    def position_of(self, id_: int) -> int | None:
        self.fill()
        with self._cache.reading() as cursor:
            positions = cursor.execute(f"SELECT rowid FROM {self._table} WHERE id = ?", [id_]).fetchall()
        return positions[0][0] if positions else None

    def entry_ids(self, count: int) -> tuple[str, ...]:
        """报关单号 of the first `count`, in order."""
        self.fill()
        with self._cache.reading() as cursor:
            found = cursor.execute(
                f"SELECT entry_id FROM (SELECT rowid AS position, id FROM {self._table} WHERE rowid < ?) "
                "JOIN declaration USING (id) ORDER BY position",
                [count],
            )
            return tuple(entry_id for (entry_id,) in found.fetchall())

    def drop(self) -> None:
        """Lets go of the snapshot or the table. Nothing else may be called any more."""
        self.snapshot.close()
        if self._filled:
            with contextlib.suppress(CacheClosed), self._cache.reading() as cursor:
                cursor.execute(f"DROP TABLE {self._table}")


def read_declaration_rows(cursor: duckdb.DuckDBPyConnection, ids: Sequence[int]) -> tuple[DeclarationRow, ...]:
    """The lines of these ids, in their order."""
    found: dict[int, DeclarationRow] = {}
    for start in range(0, len(ids), LOOKED_UP_AT_ONCE):
        # The one place where values stand in the statement itself: sixty parameters take the engine three times as long
        # as the reading, and a row number of our own can be nothing but a row number.
        listed = ", ".join(f"{id_:d}" for id_ in ids[start : start + LOOKED_UP_AT_ONCE])
        for id_, *values in cursor.execute(f"{_SELECT_LINES} WHERE id IN ({listed})").fetchall():
            found[id_] = declaration_row_of(values)
    return tuple(found[id_] for id_ in ids)


_SELECT_LINES = f"SELECT id, {', '.join(DECLARATION_ROW_COLUMNS)} FROM declaration"
