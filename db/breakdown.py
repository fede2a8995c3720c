# ruff: noqa: S608 - statements are composed of our own names of columns; values are parameters
"""Groups the declarations of a filter, and adds up each group. Declarations that the port no longer lists are left out.

Everything is counted by the engine; Python holds a bounded number of groups. Texts that differ only in case, width or
blanks are one group, as in filters. Each group has the word of a filter that finds exactly its declarations.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import duckdb

from db.cache import Cache
from db.filter import Filter, to_sql
from db.filter.values import escaped
from db.item_groups import CHAPTER_DIGITS
from db.results import ResultReader
from jiacha_tui.declaration.breakdown import (
    MAX_GRID_LINES,
    MAX_LINES,
    MAX_MONTHS,
    Breakdown,
    BreakdownLine,
    Figures,
    Grouping,
    Measure,
)
from jiacha_tui.declaration.model import Kind

_MONTHS_OF_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class _Groups:
    """The SQL of a grouping.

    `column` is what the engine groups by. Several of its values may be one group, whose key is `key`; `name` sorts the
    groups by name. Both are expressions of the column. `label` is the text to show. `first` is the column that is true
    for the first item of a declaration in a group.
    """

    column: str
    key: str = "grouped"
    name: str = "grouped"
    label: str = "''"
    first: str = ""


_MONTH: Final = f"year(exported_on) * {_MONTHS_OF_YEAR} + month(exported_on) - 1"
_FIRST_LINE: Final = "split_part(grouped, chr(10), 1)"
_INITIALS: Final = "split_part(grouped, chr(10), 2)"
_GROUPS: Final = {
    Grouping.MONTH: _Groups(_MONTH),
    Grouping.COUNTRY: _Groups("country_search", _FIRST_LINE, _INITIALS, "destination_country"),
    Grouping.EXIT_CUSTOMS: _Groups("port_search", _FIRST_LINE, _INITIALS, "exit_customs"),
    Grouping.TRADE: _Groups("trade_search", _FIRST_LINE, _INITIALS, "trade_mode"),
    Grouping.STATE: _Groups("state_search", _FIRST_LINE, _INITIALS, "transfer_state"),
    Grouping.KIND: _Groups("kind"),
    Grouping.CHAPTER: _Groups("chapter", first="first_of_chapter"),
    Grouping.GOODS: _Groups("name_search", _FIRST_LINE, _INITIALS, "name", "first_of_name"),
    Grouping.CURRENCY: _Groups("currency", first="first_of_currency"),
}
_FIELDS: Final = {
    Grouping.COUNTRY: "国",
    Grouping.EXIT_CUSTOMS: "口岸",
    Grouping.TRADE: "监管",
    Grouping.STATE: "状态",
    Grouping.GOODS: "货",
    Grouping.CURRENCY: "币制",
}
_ORDER: Final = {
    Measure.DECLARATIONS: "declarations DESC",
    Measure.ITEMS: "items DESC",
    Measure.USD: "usd DESC",
    Measure.NAME: "name",
}
_OF_HEADS: Final = (
    "count(*) AS declarations, coalesce(sum(item_count), 0) AS items, sum(usd_amount) AS usd, "
    "count(*) - count(usd_amount) AS usd_unknown, bool_and(has_detail AND NOT detail_due) AS known"
)
_ADDED_UP: Final = (
    "sum(declarations) AS declarations, sum(items) AS items, coalesce(sum(usd), 0) AS usd, "
    "sum(usd_unknown) AS usd_unknown, bool_and(known) AS known"
)
_FIGURES: Final = "declarations, items, usd, usd_unknown, known"


class Breakdowns:
    """Makes the breakdowns of one cache. Every method may be called from any thread."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._state = threading.Lock()
        self._generation = 0

    def run(
        self,
        filter_: Filter,
        grouping: Grouping,
        measure: Measure,
        reader: ResultReader | None = None,
        *,
        with_months: bool = False,
    ) -> Breakdown:
        """The declarations that match the filter, in groups that are sorted by `measure`.

        A later run for the same `reader` interrupts this one, which then raises Superseded; without a reader nothing
        does. A reader is used with one `Breakdowns` only.
        """
        reader = reader or ResultReader()
        with self._state:
            self._generation += 1
            generation = self._generation
        reader.begin(generation)
        with (
            self._cache.snapshot() as snapshot,
            reader.interruptible(generation, snapshot),
            snapshot.read_cursor() as cursor,
        ):
            question = _Question(cursor, filter_, grouping)
            reader.supersede_older(generation)
            lines, groups = question.lines(measure, MAX_GRID_LINES if with_months else MAX_LINES)
            reader.supersede_older(generation)
            months: tuple[str, ...] = ()
            if with_months:
                months, lines = question.with_months(lines)
        return Breakdown(grouping, measure, lines, groups, question.total, question.without_detail, months)


class _Question:
    """The statements about the declarations of one filter, run on a snapshot."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, filter_: Filter, grouping: Grouping) -> None:
        self._cursor = cursor
        self._grouping = grouping
        self._groups = _GROUPS[grouping]
        condition, self._parameters = to_sql(filter_)
        self._matches = f"({condition} AND delisted_at IS NULL)"
        (total,) = self._read(
            f"SELECT {_OF_HEADS}, count(*) FILTER (NOT has_detail) FROM declaration WHERE {self._matches}"
        )
        self.total = _figures(total[:5])
        self.without_detail = int(total[5])
        ((self._declarations,),) = cursor.execute("SELECT count(*) FROM declaration").fetchall()

    def lines(self, measure: Measure, limit: int) -> tuple[tuple[BreakdownLine, ...], int]:
        """The first `limit` groups in order, and how many groups there are."""
        descending = " DESC" if measure is Measure.NAME and self._grouping is Grouping.MONTH else ""
        found = self._read(
            f"SELECT key, label, {_FIGURES}, count(*) OVER () FROM (SELECT {self._groups.key} AS key, "
            f"min(label) AS label, min({self._groups.name}) AS name, {_ADDED_UP} "
            f"FROM ({self._grouped()}) GROUP BY ALL) "
            f"ORDER BY {_ORDER[measure]}{descending} NULLS LAST, key NULLS LAST LIMIT {limit}"
        )
        lines = tuple(self._line(key, label, _figures(figures)) for key, label, *figures, _ in found)
        return lines, int(found[0][-1]) if found else 0

    def with_months(self, lines: Sequence[BreakdownLine]) -> tuple[tuple[str, ...], tuple[BreakdownLine, ...]]:
        """The latest months, newest first, and the lines with the figures of these months."""
        months = [
            month
            for (month,) in self._read(
                f"SELECT DISTINCT {_MONTH} AS month FROM declaration WHERE {self._matches} AND exported_on IS NOT NULL "
                f"ORDER BY month DESC LIMIT {MAX_MONTHS}"
            )
        ]
        by_key: dict[str, dict[str, Figures]] = {}
        if months and lines:
            for key, month, *figures in self._read(
                f"SELECT {self._groups.key} AS key, month, {_ADDED_UP} FROM ({self._grouped(months=True)}) "
                f"WHERE month >= {int(months[-1])} GROUP BY ALL "
                "HAVING key IS NULL OR key::VARCHAR IN (SELECT unnest(?::VARCHAR[]))",
                [[self._stored_key(line.key) for line in lines]],
            ):
                by_key.setdefault(self._key(key), {})[_month_name(month)] = _figures(figures)
        return tuple(map(_month_name, months)), tuple(replace(line, months=by_key.get(line.key, {})) for line in lines)

    def _read(self, statement: str, more: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._cursor.execute(statement, [*self._parameters, *more]).fetchall()

    def _grouped(self, *, months: bool = False) -> str:
        """The figures for each value of the column, and for each month."""
        month = f", {_MONTH} AS month" if months else ""
        by = "grouped, month" if months else "grouped"
        month += f", any_value({self._groups.label}) AS label"
        if not self._groups.first:
            return (
                f"SELECT {self._groups.column} AS grouped{month}, {_OF_HEADS} "
                f"FROM declaration WHERE {self._matches} GROUP BY {by}"
            )
        figures = (
            f"count(*) FILTER ({self._groups.first}) AS declarations, count(*) AS items, sum(usd_value) AS usd, "
            "count(*) - count(usd_value) AS usd_unknown, true AS known"
        )
        joined = f"JOIN (SELECT id, exported_on FROM declaration WHERE {self._matches}) ON id = declaration_id"
        return (
            f"SELECT {self._groups.column} AS grouped{month}, {figures} "
            f"FROM item {joined if months else self._of_matches()} GROUP BY {by}"
        )

    def _of_matches(self) -> str:
        """What limits the items to those of the matches. The smaller side of the declarations is looked up."""
        others = self._declarations - self.total.declarations
        if others > self.total.declarations:
            return f"WHERE declaration_id IN (SELECT id FROM declaration WHERE {self._matches})"
        return f"ANTI JOIN (SELECT id FROM declaration WHERE NOT {self._matches}) AS other ON declaration_id = other.id"

    def _line(self, stored: object, label: str, figures: Figures) -> BreakdownLine:
        key = self._key(stored)
        return BreakdownLine(key, label or self._name(key), _filter_word(self._grouping, key), figures)

    def _name(self, key: str) -> str:
        return Kind(key).label if self._grouping is Grouping.KIND else key

    def _key(self, stored: object) -> str:
        if self._grouping is Grouping.MONTH:
            return _month_name(stored) if isinstance(stored, int) else ""
        return str(stored)

    def _stored_key(self, key: str) -> str:
        if self._grouping is Grouping.MONTH and key:
            year, month = key.split("-")
            return str(int(year) * _MONTHS_OF_YEAR + int(month) - 1)
        return key


def _month_name(month: int) -> str:
    year, month = divmod(month, _MONTHS_OF_YEAR)
    return f"{year:04}-{month + 1:02}"


def _figures(columns: Sequence[Any]) -> Figures:
    declarations, items, usd, usd_unknown, known = columns
    return Figures(int(declarations), int(items), usd or Decimal(0), int(usd_unknown), known is not False)


def _filter_word(grouping: Grouping, key: str) -> str:
    match grouping:
        case Grouping.MONTH:
            return f"日期:{key}" if key else "-日期:0001..9999"
        case Grouping.KIND:
            return f"类型:{Kind(key).label}"
        case Grouping.CHAPTER if len(key) == CHAPTER_DIGITS and key.isascii() and key.isdigit():
            return f"税号:{key}"
        case Grouping.CHAPTER:
            return f'税号:="{escaped(key)}"'
        case _:
            return f'{_FIELDS[grouping]}:="{escaped(key)}"'
