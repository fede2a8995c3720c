"""Results: what a filter finds, in an order, read a window at a time.

Nothing that grows with the cache is held in Python: a result is ids in a table of the engine's memory, which spills
encrypted. A small result is put there at once. Of a large one the first lines and the totals are read straight from the
declarations, a scan instead of a sort, and the table is made when something further down is first asked for, from the
snapshot that the totals came from: what is written meanwhile changes what the lines say, never which lines there are.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final
from weakref import finalize

import duckdb

from db.cache import Cache, Snapshot
from db.filter import parse
from db.result_table import ResultIds, ResultQuery, ResultSummary, read_declaration_rows
from jiacha_tui.declaration.declaration_row import DeclarationRow, Order
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange

FIRST_ROWS: Final = 60
"""Lines that a result brings along: more than most terminals show."""

SMALL_RESULT: Final = 50_000
"""Up to this many declarations sorting takes some 10 ms."""


class Superseded(Problem):
    """A later run overtook this one; nobody waits for its result."""

    def __init__(self) -> None:
        super().__init__("result.superseded", "筛选条件已改变，这次查询已停止")


class Results:
    """Makes results of one cache. Methods may be called from any thread."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._state = threading.Lock()
        self._generation = 0
        self._running: dict[int, Snapshot] = {}
        self._left_over: deque[ResultIds] = deque()

    def run(self, filter_text: str, order: Order | None = None) -> "Result":
        """What the filter finds now. A later run interrupts this one, which then raises Superseded.

        Raises FilterError for a filter that cannot be read; that interrupts nothing.
        """
        question = ResultQuery(parse(filter_text), order or Order())
        with self._state:
            self._generation += 1
            generation = self._generation
        self._go_on(generation)
        self._sweep()
        with contextlib.ExitStack() as undo:
            ids = ResultIds(self._cache, question)
            undo.callback(ids.drop)
            with self._interruptible(generation, ids.snapshot):
                with ids.snapshot.reading() as cursor:
                    sums = question.summary(cursor)
                    self._go_on(generation)
                    if sums.totals.declarations > SMALL_RESULT:
                        first_ids = question.first_ids(cursor, FIRST_ROWS)
                if sums.totals.declarations <= SMALL_RESULT:
                    first_ids = ids.between(0, FIRST_ROWS)
                with self._cache.reading() as cursor:
                    first = read_declaration_rows(cursor, first_ids)
            undo.pop_all()
        result = Result(
            cache=self._cache, generation=generation, sums=sums, ids=ids, first_ids=first_ids, first_rows=first
        )
        finalize(result, self._left_over.append, ids)
        return result

    @contextlib.contextmanager
    def _interruptible(self, generation: int, snapshot: Snapshot) -> Iterator[None]:
        """Lets later runs interrupt what is read from `snapshot` in the block."""
        with self._state:
            self._running[generation] = snapshot
        try:
            self._go_on(generation)
            yield
            self._go_on(generation)
        except duckdb.InterruptException:
            self._go_on(generation)
            raise
        finally:
            with self._state:
                del self._running[generation]

    def _go_on(self, generation: int) -> None:
        """Interrupts older runs, and raises Superseded where there is a newer one.

        An interrupt that falls between two statements stops nothing, so this is done at every step.
        """
        with self._state:
            if generation != self._generation:
                raise Superseded
            for older in self._running.keys() - {generation}:
                self._running[older].interrupt()

    def _sweep(self) -> None:
        """Drops what is left of results that nobody holds any more.

        Not done when they are collected, as that may be in the middle of anything, on any thread.
        """
        with contextlib.suppress(IndexError):
            while True:
                self._left_over.popleft().drop()


class Result:
    """What a run found: which declarations, in which order. Lines are read as they are at the time of reading.

    `totals`, `first`, the first lines, and `listed`, how many of them the port has listed, are those of the run;
    `generation` is higher for a later one. Methods may be called from any thread, also when there is a later result;
    they raise CacheClosed once the cache is closed.
    """

    def __init__(
        self,
        *,
        cache: Cache,
        generation: int,
        sums: ResultSummary,
        ids: ResultIds,
        first_ids: Sequence[int],
        first_rows: tuple[DeclarationRow, ...],
    ) -> None:
        self.generation = generation
        self.totals = sums.totals
        self.first_rows = first_rows
        self._cache = cache
        self.listed = sums.listed
        self._spans = sums.spans
        self._ids = ids
        self._first_ids = first_ids

    def window(self, first: int, count: int) -> tuple[DeclarationRow, ...]:
        """The lines from position `first` (0 is the top) on, `count` of them or as many as there are."""
        start, stop = max(first, 0), min(first + count, self.totals.declarations)
        if start >= stop:
            return ()
        ids = self._first_ids[start:stop] if stop <= len(self._first_ids) else self._ids.between(start, stop)
        with self._cache.reading() as cursor:
            return read_declaration_rows(cursor, ids)

    def position_of(self, entry_id: str) -> int | None:
        """Where the declaration stands; None where the result does not have it."""
        with self._cache.reading() as cursor:
            found = cursor.execute("SELECT id FROM declaration WHERE entry_id = ?", [entry_id]).fetchall()
        if not found:
            return None
        ((id_,),) = found
        return self._first_ids.index(id_) if id_ in self._first_ids else self._ids.position_of(id_)

    def neighbour(self, entry_id: str, step: int) -> tuple[str, int] | None:
        """The declaration `step` lines further down (up, if negative) and its position; None past either end."""
        position = self.position_of(entry_id)
        if position is None:
            return None
        lines = self.window(position + step, 1) if position + step >= 0 else ()
        return (lines[0].entry_id, position + step) if lines else None

    def entry_ids(self, limit: int | None = None) -> tuple[str, ...]:
        """The numbers of the first `limit` declarations, of all for None, in order."""
        return self._ids.entry_ids(self.totals.declarations if limit is None else limit)

    def span(self) -> DateRange | None:
        """First and last 出口日期 of what the port has listed; None where none of it has one."""
        spans = self._spans.values()
        return DateRange(min(one.start for one in spans), max(one.end for one in spans)) if spans else None

    def spans(self) -> dict[Kind, DateRange]:
        """The same for each kind that is in the result with such a date."""
        return dict(self._spans)

    def materialise(self) -> None:
        """Makes the table of ids, if it is not there yet: whatever is far down needs it, and waits for it.

        Worth a call in a quiet moment: a million declarations take some 200 ms.
        """
        self._ids.fill()
