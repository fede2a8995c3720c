"""The process that reads the tables of a cache: `python -I -m db.table_reader_worker`.

It reads one JSON request a line from standard input and answers each with one line on standard output:

- `{"path": …, "key": …}` (base64) opens a cache file to be read; the answer is `{"tables": [{"name", "columns",
  "rows"}, …]}`.
- `{"table": …, "columns": […], "first": n, "last": n}` reads these columns of the rows with these row numbers; the
  answer is `{"rows": [[row number, value, …], …]}`. With `"values": false` they are only read, and the answer is their
  number, `{"count": n}`.
- Either may be answered by `{"error": code}`, the code of a problem.

A damaged file may make the engine crash or take all memory. Here that ends this process and nothing else.
"""

import sys
from base64 import b64decode
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from db.engine import EngineLimits, open_read_only
from db.key import CacheKey
from db.problems import CacheStopped, cache_problems
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.hardening import harden_process

_LIMITS: Final = EngineLimits(memory_mb=256, threads=1)


class OpenRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="open"):
    """Opens the cache at `path` in place of the one before. `key` is base64."""

    path: str
    key: str


class RowsRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="rows"):
    """Reads `columns` of the rows of `table` from `first` to `last`, both included."""

    table: str
    columns: tuple[str, ...]
    first: int
    last: int
    values: bool = True


class TableInfo(msgspec.Struct, frozen=True):
    """A table: its columns, and how many row numbers it has, from 0; not each of them has a row."""

    name: str
    columns: tuple[str, ...]
    rows: int


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """`error` is the code of a problem, "" if there was none."""

    tables: tuple[TableInfo, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()
    count: int = 0
    error: str = ""


def main() -> None:
    """Serves requests until standard input ends."""
    harden_process()
    reader = _Reader()
    for line in sys.stdin.buffer:
        answer = reader.answer(msgspec.json.decode(line, type=OpenRequest | RowsRequest))
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


class _Reader:
    """The cache that was opened last. After an error that stops the engine it is opened again."""

    def __init__(self) -> None:
        self._opened: OpenRequest | None = None
        self._engine: duckdb.DuckDBPyConnection | None = None

    def answer(self, request: OpenRequest | RowsRequest) -> Answer:
        try:
            if isinstance(request, OpenRequest):
                self._opened = request
                self._close()
                return Answer(tables=tuple(_tables(self._current())))
            with cache_problems(Path()):
                if not request.values:
                    return Answer(count=_count(self._current(), request))
                return Answer(rows=tuple(_rows(self._current(), request)))
        except CacheStopped as problem:
            self._close()
            return Answer(error=problem.code)
        except Problem as problem:
            return Answer(error=problem.code)

    def _current(self) -> duckdb.DuckDBPyConnection:
        if self._engine is None:
            if self._opened is None:
                raise ValueError("no cache is open")
            key = CacheKey(b64decode(self._opened.key))
            self._engine = open_read_only(Path(self._opened.path), key, _LIMITS)
            self._engine.execute("USE cache")
        return self._engine

    def _close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            with cache_problems(Path()):
                engine.close()


def _tables(engine: duckdb.DuckDBPyConnection) -> list[TableInfo]:
    with cache_problems(Path()):
        found = engine.execute(
            "SELECT tables.table_name, list(column_name ORDER BY column_index), any_value(estimated_size) "
            "FROM duckdb_tables() AS tables JOIN duckdb_columns() AS columns USING (database_name, table_name) "
            "WHERE database_name = 'cache' GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    return [TableInfo(name, tuple(columns), _row_numbers(engine, name, rows)) for name, columns, rows in found]


def _row_numbers(engine: duckdb.DuckDBPyConnection, table: str, rows: int) -> int:
    """How many row numbers a table has. They go beyond the count of its rows, because a change may write a new row."""
    try:
        with cache_problems(Path()):
            ((highest,),) = engine.execute(f"SELECT max(rowid) FROM {_quoted(table)}").fetchall()  # noqa: S608 - quoted
    except Problem:
        return rows
    return 0 if highest is None else int(highest) + 1


def _rows(engine: duckdb.DuckDBPyConnection, request: RowsRequest) -> list[tuple[object, ...]]:
    columns = ", ".join(_quoted(name) for name in request.columns)
    return engine.execute(
        f"SELECT rowid, {columns} FROM {_quoted(request.table)} WHERE rowid BETWEEN ? AND ?",  # noqa: S608 - quoted names
        [request.first, request.last],
    ).fetchall()


def _count(engine: duckdb.DuckDBPyConnection, request: RowsRequest) -> int:
    """The number of the rows. A hash of every value makes the engine read all of them."""
    hashes = ", ".join(f"bit_xor(hash({_quoted(name)}))" for name in request.columns)
    ((count, *_hashes),) = engine.execute(
        f"SELECT count(*), {hashes} FROM {_quoted(request.table)} WHERE rowid BETWEEN ? AND ?",  # noqa: S608 - quoted names
        [request.first, request.last],
    ).fetchall()
    return int(count)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    main()
