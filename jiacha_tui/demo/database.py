"""The SQLite file of the embedded port."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from jiacha_tui.demo.problems import DemoDamaged
from jiacha_tui.private_files import check_regular, file_problems

_WAIT_SECONDS: Final = 10.0
_MODE: Final = 0o600


class Database:
    """One SQLite file, 0600. May be used by several threads, and by a second process at the same time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, *schemas: str) -> Self:
        """The database at `path` with the tables of `schemas`, made if missing. Raises DemoDamaged, FileProblem."""
        check_regular(path)
        with file_problems(path):
            path.touch(_MODE)
            path.chmod(_MODE)
        connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A crash of the program loses nothing; a crash of the machine may lose a demonstration's last moments.
            connection.execute("PRAGMA synchronous = NORMAL")
            for schema in schemas:
                connection.executescript(schema)
        except sqlite3.DatabaseError:
            connection.close()
            raise DemoDamaged(path) from None
        return cls(connection)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """All rows of the result of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Cursor]:
        """A cursor that writes alone. Its changes are committed together, or none if an exception is raised."""
        with self._lock, self._connection:
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            yield cursor
