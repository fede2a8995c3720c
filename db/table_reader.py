"""Reads the tables of a cache that may be damaged, in a process of its own, and changes nothing in it.

What cannot be read at once is read in smaller parts: fewer rows, then single columns. One damaged block of the file
then costs the values that are in it and nothing else.
"""

import contextlib
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from db.key import CacheKey
from db.problems import TableReaderNotStarted
from db.table_reader_worker import Answer, OpenRequest, RowsRequest, TableInfo
from jiacha_tui.os_errors import describe

_ROWS_AT_ONCE: Final = 20_480
_ROWS_CHECKED_AT_ONCE: Final = 6 * _ROWS_AT_ONCE
_FEWEST_ROWS: Final = 2048
"""DuckDB reads so many rows of a column at once."""

_MAX_FAILURES: Final = 400
"""After so many failed reads the rest of a table is given up: the disk is gone, not a block."""

_SECONDS: Final = 60.0
"""For one answer. A range of rows takes a tenth of a second."""

_DIED: Final = "cache.reader-died"


class FoundRow(dict[str, object]):
    """The values of a row by column. A column that could not be read is missing."""


@dataclass(slots=True)
class TableCondition:
    """What became of reading a table: rows that are whole, that lack columns, and how many were not read at all."""

    name: str
    whole: int = 0
    partial: int = 0
    lost: int = 0

    @property
    def is_good(self) -> bool:
        return not self.partial and not self.lost


@dataclass(slots=True)
class _Part:
    """What is read of a table: these columns of the rows up to the number `last`; and how many reads have failed."""

    table: str
    columns: tuple[str, ...]
    last: int
    condition: TableCondition
    failures: int = 0


class TableReader:
    """Opens one cache file after the other and reads their tables. To be used in a `with` block, by one thread.

    Every method raises TableReaderNotStarted if the process cannot be started: that says nothing about the cache.
    """

    def __init__(self, key: CacheKey) -> None:
        self._key = key
        self._process: subprocess.Popen[bytes] | None = None
        self._path: Path | None = None

    def open(self, path: Path) -> tuple[TableInfo, ...] | None:
        """The tables of the cache at `path` with its log, None if it cannot be opened."""
        self._path = path
        answer = self._open(path)
        return None if answer.error else answer.tables

    def read(self, table: TableInfo, columns: Sequence[str], condition: TableCondition) -> Iterator[FoundRow]:
        """The rows of `table` that can be read, with as many of `columns` as can be read. Counts in `condition`."""
        part = _Part(table.name, tuple(columns), table.rows - 1, condition)
        for first in range(0, table.rows, _ROWS_AT_ONCE):
            yield from self._range(part, first, first + _ROWS_AT_ONCE - 1)

    def check(self, table: TableInfo) -> TableCondition:
        """Reads every value of `table` and returns what became of it."""
        condition = TableCondition(table.name)
        part = _Part(table.name, table.columns, table.rows - 1, condition)
        for first in range(0, table.rows, _ROWS_CHECKED_AT_ONCE):
            last = first + _ROWS_CHECKED_AT_ONCE - 1
            answer = self._ask_again(RowsRequest(table.name, table.columns, first, last, values=False))
            if answer.error:
                for _row in self._range(part, first, last):
                    pass
            else:
                condition.whole += answer.count
        return condition

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def _range(self, part: _Part, first: int, last: int) -> Iterator[FoundRow]:
        """The rows with the numbers from `first` to `last`."""
        numbers = min(last, part.last) - first + 1
        if numbers <= 0:
            return
        if part.failures >= _MAX_FAILURES:
            part.condition.lost += numbers
            return
        rows = self._rows(part.table, part.columns, first, last)
        if rows is not None:
            part.condition.whole += len(rows)
            yield from (FoundRow(zip(part.columns, values, strict=True)) for _number, *values in rows)
            return
        part.failures += 1
        if last - first >= _FEWEST_ROWS:
            middle = (first + last) // 2
            yield from self._range(part, first, middle)
            yield from self._range(part, middle + 1, last)
        else:
            yield from self._by_column(part, first, last)

    def _by_column(self, part: _Part, first: int, last: int) -> Iterator[FoundRow]:
        found: dict[object, FoundRow] = {}
        for column in part.columns:
            for number, value in self._rows(part.table, (column,), first, last) or ():
                found.setdefault(number, FoundRow())[column] = value
        complete = sum(len(row) == len(part.columns) for row in found.values())
        part.condition.whole += complete
        part.condition.partial += len(found) - complete
        part.condition.lost += 0 if found else min(last, part.last) - first + 1
        yield from found.values()

    def _rows(
        self, table: str, columns: tuple[str, ...], first: int, last: int
    ) -> tuple[tuple[object, ...], ...] | None:
        answer = self._ask_again(RowsRequest(table, columns, first, last))
        return None if answer.error else answer.rows

    def _ask_again(self, request: RowsRequest) -> Answer:
        """The answer. If the process has died, the next one gets the cache opened for the next request."""
        answer = self._ask(request)
        if answer.error == _DIED and self._path is not None:
            self._open(self._path)
        return answer

    def _open(self, path: Path) -> Answer:
        return self._ask(OpenRequest(str(path), b64encode(self._key.reveal()).decode("ascii")))

    def _ask(self, request: OpenRequest | RowsRequest) -> Answer:
        process = self._process = self._process or _start()
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the table reader was started without pipes")
        timer = threading.Timer(_SECONDS, process.kill)
        timer.start()
        try:
            process.stdin.write(msgspec.json.encode(request) + b"\n")
            process.stdin.flush()
            return msgspec.json.decode(process.stdout.readline(), type=Answer)
        except (OSError, ValueError):
            self._end()
            return Answer(error=_DIED)
        finally:
            timer.cancel()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError), process:
                process.wait()


def _start() -> subprocess.Popen[bytes]:
    """Raises TableReaderNotStarted."""
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "db.table_reader_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            start_new_session=True,
        )
    except OSError as error:
        raise TableReaderNotStarted(describe(error)) from error
