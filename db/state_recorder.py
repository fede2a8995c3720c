"""Records the state of an open cache in its state file, often enough that a later login notices what is missing.

The order makes the file never claim more than the cache holds: the cache gets the next stamp first, in the transaction
that reads what the file will say; then the file is replaced. A program that is killed in between leaves a file that is
one record behind, which is no loss. A record that fails is repeated with the same stamp, so the file is never more than
one record behind.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import duckdb

from db.cache import Cache
from db.cache_state import (
    CacheState,
    Stamp,
    read_counts,
    read_last_journal_id,
    read_resends,
    read_stamp,
    write_stamp,
)
from db.key import CacheKey
from db.state_file import write_state_file
from jiacha_tui.clock import utc_now
from jiacha_tui.declaration.problem import Problem

RECORD_SECONDS: Final = 10.0
"""While the cache is written to, its state is recorded about this often: `record` costs two flushes of the disk."""

MAX_KEY_FILES: Final = 20
"""How many key files a state remembers, to recognise an old one that is put back."""


class StateRecorder:
    """Records the state of one open cache. Every method may be called from any thread."""

    def __init__(
        self,
        cache: Cache,
        path: Path,
        key: CacheKey,
        *,
        known: CacheState | None,
        key_file: str,
        on_failure: Callable[[Problem], None],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """`path` is the state file and `known` its content, None if it has to be written from the start.

        `key_file` is the digest of the key file. `on_failure` is called from any thread when a record fails that
        nobody waits for, once for several failures in a row.
        """
        self._cache = cache
        self._path = path
        self._key = key
        self._known = known
        self._key_files = _with_newest(known.key_files if known else (), key_file)
        self._on_failure = on_failure
        self._clock = clock
        self._recording = threading.Lock()
        self._next_mark = ""
        self._recorded_at = time.monotonic()
        self._failed = False

    def record(self) -> None:
        """Records the state; it is on the disk when this returns. Raises FileProblem and the problems of the cache."""
        with self._recording:
            self._record()

    def record_if_possible(self) -> None:
        """Records the state; reports a failure to `on_failure` and goes on: the file is then behind."""
        with self._recording:
            self._try_record()

    def after_commit(self) -> None:
        """Records the state if the last record is `RECORD_SECONDS` old. `Cache.on_commit` calls this."""
        if time.monotonic() - self._recorded_at < RECORD_SECONDS or not self._recording.acquire(blocking=False):
            return
        try:
            self._try_record()
        finally:
            self._recording.release()

    def _try_record(self) -> None:
        try:
            self._record()
        except Problem as problem:
            if not self._failed:
                self._failed = True
                self._on_failure(problem)

    def _record(self) -> None:
        # A record that fails is not repeated with every commit either.
        self._recorded_at = time.monotonic()
        with self._cache.write_cursor() as cursor:
            stamp = read_stamp(cursor)
            if self._known is not None:
                stamp = self._next_stamp(self._known.stamp, stamp)
                write_stamp(cursor, stamp)
            state = self._read_state(cursor, stamp)
        write_state_file(self._path, state, self._key)
        self._known, self._next_mark, self._failed = state, "", False

    def _next_stamp(self, in_file: Stamp, in_cache: Stamp) -> Stamp:
        """The stamp after that of the file. After a rollback the cache may have a higher one, which counts then."""
        self._next_mark = self._next_mark or uuid4().hex
        is_behind = in_cache.counter > in_file.counter + 1
        counter = in_cache.counter if is_behind else in_file.counter
        return Stamp(counter + 1, self._next_mark, in_file.mark)

    def _read_state(self, cursor: duckdb.DuckDBPyConnection, stamp: Stamp) -> CacheState:
        return CacheState(
            replace(stamp, previous_mark=""),
            read_counts(cursor),
            read_last_journal_id(cursor),
            read_resends(cursor, self._clock()),
            self._key_files,
        )


def _with_newest(key_files: tuple[str, ...], newest: str) -> tuple[str, ...]:
    return (*(known for known in key_files if known != newest), newest)[-MAX_KEY_FILES:]
