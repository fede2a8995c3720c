# ruff: noqa: S608 - conditions are made by the filter of texts of our own; values are parameters
"""Results: the declarations that match a filter, in an order, read one window at a time.

Python holds nothing that grows with the cache. A result is a table of ids in the engine's memory, which spills to disk
encrypted. For a small result the table is made at once. For a large one the first rows and the totals are read directly
from the declarations, which is a scan and not a sort. The table follows when something further down is read. It is made
from the same snapshot as the totals: what is written later changes the content of the rows, never which rows there are.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final
from weakref import finalize

from db.cache import Cache, Snapshot
from db.filter import Filter, parse, to_sql
from db.filter.conditions import TextColumn
from db.filter.sql import text_has
from db.filter.values import Days
from db.problems import QueryInterrupted
from db.result_table import ResultIds, ResultQuery, ResultSummary, read_declaration_rows
from db.search import folded
from db.statements import read_count
from jiacha_tui.clock import local_now
from jiacha_tui.declaration.deadlines import DeadlineRules
from jiacha_tui.declaration.declaration_row import DeclarationRow, Order
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange

FIRST_ROWS: Final = 60
"""The rows that every result already has. Most terminals show fewer."""

SMALL_RESULT: Final = 50_000
"""Up to this many declarations sorting takes about 10 ms."""


class Superseded(Problem):
    """A later run of the same reader has started, so the result of this one is not needed."""

    def __init__(self) -> None:
        super().__init__("result.superseded", "筛选条件已改变，这次查询已停止")


class ResultReader:
    """Who wants one result at a time, such as a table: its newer run makes its older one useless, and no other.

    The generations are those of `Results`.
    """

    def __init__(self) -> None:
        self._state = threading.Lock()
        self._newest = 0
        self._running: dict[int, Snapshot] = {}

    def begin(self, generation: int) -> None:
        """A run with this generation begins."""
        with self._state:
            self._newest = max(self._newest, generation)
        self.supersede_older(generation)

    @contextlib.contextmanager
    def interruptible(self, generation: int, snapshot: Snapshot) -> Iterator[None]:
        """Lets later runs interrupt the reads from `snapshot` in the block."""
        with self._state:
            self._running[generation] = snapshot
        try:
            self.supersede_older(generation)
            yield
            self.supersede_older(generation)
        except QueryInterrupted:
            self.supersede_older(generation)
            raise
        finally:
            with self._state:
                del self._running[generation]

    def supersede_older(self, generation: int) -> None:
        """Interrupts older runs, and raises Superseded if a newer run has begun.

        Called at every step, because an interrupt that comes between two statements has no effect.
        """
        with self._state:
            if generation != self._newest:
                raise Superseded
            for older in self._running.keys() - {generation}:
                self._running[older].interrupt()


class Results:
    """Makes the results of one cache. Every method may be called from any thread."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._state = threading.Lock()
        self._generation = 0
        self._unused: deque[ResultIds] = deque()

    def count(self, filter_: Filter) -> int:
        """How many declarations match the filter, those included that the port no longer lists."""
        condition, parameters = to_sql(filter_)
        with self._cache.read_cursor() as cursor:
            return read_count(cursor, f"SELECT count(*) FROM declaration WHERE {condition}", parameters)

    def values(self, column: TextColumn, name: str, typed: str, limit: int) -> list[tuple[str, int]]:
        """The values of the column `name` in which filters find `typed`, with their counts, the most frequent first.

        `column` is the text that is searched. Declarations that the port no longer lists do not count.
        """
        condition, parameters = text_has(column, folded(typed))
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                f"SELECT {name}, count(*) FROM declaration WHERE {name} <> '' AND delisted_at IS NULL AND {condition} "
                "GROUP BY ALL ORDER BY count(*) DESC, 1 LIMIT ?",
                [*parameters, limit],
            ).fetchall()
        return [(str(value), int(count)) for value, count in found]

    def nearest_month(self, days: Days) -> date | None:
        """A day of the month next to `days` in which there are declarations: before them, or else after them."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT coalesce(max(exported_on) FILTER (exported_on < $first), min(exported_on) FILTER "
                "(exported_on > $last)) FROM declaration",
                {"first": days.first or date.min, "last": days.last or date.max},
            ).fetchall()
        ((day,),) = found
        return day if isinstance(day, date) else None

    def run(self, filter_: Filter | str, order: Order | None = None, reader: ResultReader | None = None) -> "Result":
        """The declarations that match the filter. A text is parsed with this machine's day and the official deadlines.

        A later run for the same `reader` interrupts this one, which then raises Superseded; without a reader nothing
        does. Raises FilterError if the filter cannot be read; then no earlier run is interrupted.
        """
        query = ResultQuery(_parsed(filter_), order or Order())
        reader = reader or ResultReader()
        with self._state:
            self._generation += 1
            generation = self._generation
        reader.begin(generation)
        self._drop_unused()
        with contextlib.ExitStack() as undo:
            ids = ResultIds(self._cache, query)
            undo.callback(ids.drop)
            with reader.interruptible(generation, ids.snapshot):
                with ids.snapshot.read_cursor() as cursor:
                    summary = query.summary(cursor)
                    reader.supersede_older(generation)
                    if summary.totals.rows > SMALL_RESULT:
                        first_ids = query.first_ids(cursor, FIRST_ROWS)
                if summary.totals.rows <= SMALL_RESULT:
                    first_ids = ids.between(0, FIRST_ROWS)
                with self._cache.read_cursor() as cursor:
                    first_rows = read_declaration_rows(cursor, first_ids)
            undo.pop_all()
        result = Result(
            cache=self._cache,
            generation=generation,
            summary=summary,
            ids=ids,
            first_ids=first_ids,
            first_rows=first_rows,
        )
        finalize(result, self._unused.append, ids)
        return result

    def _drop_unused(self) -> None:
        """Frees the tables and snapshots of results that no longer exist.

        The garbage collector only queues them: it may run at any point of any thread, also inside a statement.
        """
        with contextlib.suppress(IndexError):
            while True:
                self._unused.popleft().drop()


class Result:
    """The declarations that a run found, in order. Rows are read with their content at the time of reading.

    `totals`, `first_rows` and `listed`, the number of declarations that the port lists, are those of the run. A later
    run has a higher `generation`. Every method may be called from any thread, also after a later run. All raise
    CacheClosed after the cache is closed.
    """

    def __init__(
        self,
        *,
        cache: Cache,
        generation: int,
        summary: ResultSummary,
        ids: ResultIds,
        first_ids: Sequence[int],
        first_rows: tuple[DeclarationRow, ...],
    ) -> None:
        self.generation = generation
        self.totals = summary.totals
        self.listed = summary.listed
        self.first_rows = first_rows
        self._date_ranges = summary.date_ranges
        self._cache = cache
        self._ids = ids
        self._first_ids = first_ids

    def window(self, first: int, count: int) -> tuple[DeclarationRow, ...]:
        """The rows from position `first` on (0 is the top): `count` of them, or fewer at the end."""
        start, stop = max(first, 0), min(first + count, self.totals.rows)
        if start >= stop:
            return ()
        ids = self._first_ids[start:stop] if stop <= len(self._first_ids) else self._ids.between(start, stop)
        with self._cache.read_cursor() as cursor:
            return read_declaration_rows(cursor, ids)

    def position_of(self, entry_id: str) -> int | None:
        """The position of a declaration, None if the result does not contain it."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute("SELECT id FROM declaration WHERE entry_id = ?", [entry_id]).fetchall()
        if not found:
            return None
        ((id_,),) = found
        return self._first_ids.index(id_) if id_ in self._first_ids else self._ids.position_of(id_)

    def neighbour(self, entry_id: str, step: int) -> tuple[str, int] | None:
        """The declaration `step` rows below `entry_id` (above, if negative) and its position; None past either end."""
        position = self.position_of(entry_id)
        if position is None:
            return None
        rows = self.window(position + step, 1) if position + step >= 0 else ()
        return (rows[0].entry_id, position + step) if rows else None

    def entry_ids(self, limit: int | None = None) -> tuple[str, ...]:
        """报关单号 of the first `limit` declarations in order, of all if `limit` is None."""
        return self._ids.entry_ids(self.totals.rows if limit is None else limit)

    def date_ranges(self) -> dict[Kind, DateRange]:
        """First and last 出口日期 of the declarations that the port lists, for each kind that has any."""
        return dict(self._date_ranges)


def _parsed(filter_: Filter | str) -> Filter:
    return filter_ if isinstance(filter_, Filter) else parse(filter_, local_now().date(), DeadlineRules())
