"""The cache of one card: an encrypted file that only this program has open. Many threads read it, one at a time writes.

A commit is on the disk when it returns. Killing the program loses no committed data.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Self
from weakref import WeakSet

import duckdb

from db.engine import DATABASE, EngineLimits, open_engine
from db.item_groups import fill_item_groups
from db.key import CacheKey
from db.pinyin import fill_pinyin
from db.problems import (
    ENGINE_ERRORS,
    CacheClosed,
    CacheDamaged,
    CacheStopped,
    CacheTooNew,
    cache_problems,
)
from db.schema import Migration, migrations
from db.sort_keys import fill_sort_keys
from db.timestamps import to_column
from jiacha_tui.clock import utc_now
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.private_files import FileOperationFailed

_INTERRUPT_AGAIN_SECONDS: Final = 0.02
"""An interrupt that comes between two statements has no effect, so `close` repeats it until the reader has stopped."""


class Cache:
    """An open cache. Every method may be called from any thread.

    `read_cursor` and `write_cursor` raise CacheClosed after `close`. Every error of the engine in their block leaves it
    as a problem: DiskFull, CacheDamaged, CacheMemoryShort, CacheStopped, QueryInterrupted or EngineFailed.
    """

    def __init__(self, path: Path, engine: duckdb.DuckDBPyConnection) -> None:
        """`engine` has the file attached, and `close` closes it. Call `open` instead."""
        self.path = path
        self._engine = engine
        self._writer = threading.Lock()
        self._state = threading.Condition()
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._snapshots: WeakSet[Snapshot] = WeakSet()
        self._closed = False
        self._after_commit: Callable[[], None] | None = None
        self._failing = threading.Lock()
        self._failure: Problem | None = None
        self._on_failure: Callable[[Problem], None] | None = None

    @classmethod
    def open(cls, path: Path, key: CacheKey, limits: EngineLimits | None = None) -> Self:
        """Opens the cache at `path`, creates it if it is missing, and runs the migrations that it has not run.

        Raises LocksUnsupported, CacheBusy, CacheKeyWrong, CacheTooNew, CacheDamaged, CacheNotOpened, EngineIncomplete,
        or a FileProblem for the disk. Sets the umask of the process to 077: files that it creates later are private.
        """
        cache = cls(path, open_engine(path, key, limits or EngineLimits()))
        with contextlib.ExitStack() as undo:
            undo.callback(cache.close)
            with cache_problems(path):
                cache._migrate(migrations())
                cache._fill_sort_keys()
                cache._fill_pinyin()
                cache._fill_item_groups()
            undo.pop_all()
        return cache

    def on_failure(self, listener: Callable[[Problem], None]) -> None:
        """Calls `listener` once, in whichever thread, when the cache turns out to be damaged, unreadable or stopped.

        At once if that has happened before.
        """
        with self._failing:
            self._on_failure = listener
            failure = self._failure
        if failure is not None:
            listener(failure)

    @contextlib.contextmanager
    def read_cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for the block. Each statement sees what was committed before it."""
        with self._problems(), self._cursor() as cursor:
            yield cursor

    @contextlib.contextmanager
    def write_cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor in a transaction, which is committed when the block ends and rolled back when it raises.

        Waits until no other thread writes. Calls what was given to `on_commit` after the commit.
        """
        with self._writer, self._problems(), self._cursor() as cursor:
            cursor.execute("BEGIN")
            with contextlib.ExitStack() as undo:
                undo.callback(_roll_back, cursor)
                yield cursor
                cursor.execute("COMMIT")
                undo.pop_all()
        if self._after_commit is not None:
            self._after_commit()

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Calls `callback` after each commit from now on, in the thread that wrote. It may write itself."""
        self._after_commit = callback

    def snapshot(self) -> "Snapshot":
        """The cache as it is at the snapshot's first statement, whatever is written later."""
        with self._state:
            if self._closed:
                raise CacheClosed
            with cache_problems(self.path):
                snapshot = Snapshot(self._problems, self._new_cursor())
            self._snapshots.add(snapshot)
        return snapshot

    def close(self) -> None:
        """Interrupts all reads, waits for the write in progress and closes the file. May be called again."""
        with self._writer:
            with self._state:
                if self._closed:
                    return
                self._closed = True
                while self._cursors:
                    for cursor in self._cursors:
                        cursor.interrupt()
                    self._state.wait(_INTERRUPT_AGAIN_SECONDS)
            for snapshot in list(self._snapshots):
                snapshot.close()
            with cache_problems(self.path):
                self._engine.close()

    @contextlib.contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            with cache_problems(self.path):
                yield
        except (CacheDamaged, CacheStopped) as problem:
            self._fail(problem)
            raise
        except FileOperationFailed as problem:
            if problem.path == self.path:
                self._fail(problem)
            raise

    def _fail(self, problem: Problem) -> None:
        with self._failing:
            if self._failure is not None or self._closed:
                return
            self._failure = problem
            listener = self._on_failure
        if listener is not None:
            listener(problem)

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._state:
            if self._closed:
                raise CacheClosed
            cursor = self._new_cursor()
            self._cursors.add(cursor)
        try:
            yield cursor
        except duckdb.InterruptException:
            if self._closed:
                raise CacheClosed from None
            raise
        finally:
            with self._state:
                cursor.close()
                self._cursors.discard(cursor)
                self._state.notify_all()

    def _new_cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._engine.cursor()
        cursor.execute(f"USE {DATABASE}")
        return cursor

    def _migrate(self, steps: tuple[Migration, ...]) -> None:
        with self.write_cursor() as cursor:
            # `taken_at` is when the migration ran: the column keeps the name that it has in the caches that exist.
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS migration "
                "(number INTEGER PRIMARY KEY, name VARCHAR NOT NULL, taken_at TIMESTAMP NOT NULL)"
            )
        with self.read_cursor() as cursor:
            done = dict(cursor.execute("SELECT number, name FROM migration").fetchall())
        if not done.items() <= {step.number: step.name for step in steps}.items():
            raise CacheTooNew
        for step in steps:
            if step.number not in done:
                with self.write_cursor() as cursor:
                    cursor.execute(step.sql)
                    cursor.execute(
                        "INSERT INTO migration VALUES (?, ?, ?)", [step.number, step.name, to_column(utc_now())]
                    )

    def _fill_pinyin(self) -> None:
        with self.write_cursor() as cursor:
            fill_pinyin(cursor)

    def _fill_item_groups(self) -> None:
        last: int | None = 0
        while last is not None:
            with self.write_cursor() as cursor:
                last = fill_item_groups(cursor, last)

    def _fill_sort_keys(self) -> None:
        last: int | None = 0
        while last is not None:
            with self.write_cursor() as cursor:
                last = fill_sort_keys(cursor, last)


class Snapshot:
    """A view of the cache that does not change between its first statement and `close`.

    Every method may be called from any thread.
    """

    def __init__(self, problems: Callable[[], AbstractContextManager[None]], cursor: duckdb.DuckDBPyConnection) -> None:
        """`problems` makes problems of the errors of the engine."""
        self._problems = problems
        self._cursor = cursor
        self._use = threading.Lock()
        self._state = threading.Lock()
        self._closing = False
        self._closed = False
        cursor.execute("BEGIN")

    @contextlib.contextmanager
    def read_cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The cursor that sees the snapshot, for one thread at a time. Raises CacheClosed after `close`."""
        with self._use, self._problems():
            if self._closed:
                raise CacheClosed
            try:
                yield self._cursor
            except duckdb.InterruptException:
                if self._closing:
                    raise CacheClosed from None
                raise

    def interrupt(self) -> None:
        """Stops the running statement, if there is one: it raises QueryInterrupted in its thread."""
        with self._state, self._problems():
            if not self._closed:
                self._cursor.interrupt()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Interrupts the running read and frees what the snapshot holds. May be called again."""
        self._closing = True
        self.interrupt()
        while not self._use.acquire(timeout=_INTERRUPT_AGAIN_SECONDS):
            self.interrupt()
        try:
            with self._state, self._problems():
                self._closed = True
                self._cursor.close()
        finally:
            self._use.release()


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    # After a fatal error DuckDB refuses every statement, this one too.
    with contextlib.suppress(*ENGINE_ERRORS):
        cursor.execute("ROLLBACK")
