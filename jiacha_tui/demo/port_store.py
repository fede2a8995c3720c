"""What was done to the port and must live on: its anchor, resends, prints, amendments, and the cards it issued."""

import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Self

from jiacha_tui.demo.pki import CertificateStatus, IssuedCertificate
from jiacha_tui.demo.problems import DemoDamaged
from jiacha_tui.private_files import file_problems

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS amendment (entry_id TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS amendment_of ON amendment (entry_id);
CREATE TABLE IF NOT EXISTS print (entry_id TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS resend (entry_id TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS card (serial TEXT PRIMARY KEY, certificate BLOB NOT NULL, standing TEXT NOT NULL) STRICT;
"""
_WAIT_SECONDS: Final = 10.0
_MODE: Final = 0o600
_ANCHOR: Final = "anchor"
_LIVED_UNTIL: Final = "lived until"
_SEAL: Final = "key of the tokens"
_SEAL_BYTES: Final = 32


class PortStore:
    """One SQLite file, 0600. May be used by several threads, and by a second process beside this one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """The state at `path`, made where it is missing. Raises DemoDamaged, FileProblem."""
        with file_problems(path):
            path.touch(_MODE)
            path.chmod(_MODE)
        connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A crash of the program loses nothing; a crash of the machine may lose a demonstration's last moments.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError:
            connection.close()
            raise DemoDamaged(path) from None
        return cls(connection)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def anchor(self, today: date) -> date:
        """The day this port was made: `today` if it is being made now."""
        return date.fromisoformat(self._fact(_ANCHOR, today.isoformat()))

    def token_key(self) -> bytes:
        """What the port's tokens are made with, its own for as long as it lives."""
        return bytes.fromhex(self._fact(_SEAL, secrets.token_hex(_SEAL_BYTES)))

    def lived_until(self, anchor: date) -> date:
        """The last day on which something happened here by itself."""
        return date.fromisoformat(self._fact(_LIVED_UNTIL, anchor.isoformat()))

    def live_on(self, since: date, until: date, amendments: Iterable[tuple[str, datetime]]) -> None:
        """Record what happened by itself from `since` to `until`, unless another program has done so already."""
        with self._transaction() as cursor:
            cursor.execute(
                "UPDATE fact SET value = ? WHERE name = ? AND value = ?",
                (until.isoformat(), _LIVED_UNTIL, since.isoformat()),
            )
            if cursor.rowcount:
                cursor.executemany(
                    "INSERT INTO amendment VALUES (?, ?)", [(entry_id, at.isoformat()) for entry_id, at in amendments]
                )

    def amend(self, entry_id: str, at: datetime) -> None:
        with self._transaction() as cursor:
            cursor.execute("INSERT INTO amendment VALUES (?, ?)", (entry_id, at.isoformat()))

    def amendments(self, entry_id: str) -> tuple[datetime, ...]:
        """When it was amended, in order."""
        rows = self._rows("SELECT at FROM amendment WHERE entry_id = ? ORDER BY at", (entry_id,))
        return tuple(datetime.fromisoformat(at) for (at,) in rows)

    def count_print(self, entry_id: str) -> None:
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT INTO print VALUES (?, 1) ON CONFLICT (entry_id) DO UPDATE SET count = count + 1", (entry_id,)
            )

    def print_counts(self, entry_ids: Sequence[str]) -> Mapping[str, int]:
        """Of those that were printed at all."""
        marks = ",".join("?" * len(entry_ids))
        query = f"SELECT entry_id, count FROM print WHERE entry_id IN ({marks})"  # noqa: S608 - question marks only
        return dict(self._rows(query, tuple(entry_ids)))

    def resend(self, entry_ids: Iterable[str], at: datetime) -> None:
        with self._transaction() as cursor:
            cursor.executemany(
                "INSERT INTO resend VALUES (?, ?)", [(entry_id, at.isoformat()) for entry_id in entry_ids]
            )

    def resends(self) -> tuple[tuple[str, datetime], ...]:
        """Every declaration that was resent and when, in order."""
        rows = self._rows("SELECT entry_id, at FROM resend ORDER BY rowid")
        return tuple((entry_id, datetime.fromisoformat(at)) for entry_id, at in rows)

    def register(self, certificate: IssuedCertificate) -> None:
        """From now on the port knows this card, with this standing."""
        with self._transaction() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO card VALUES (?, ?, ?)",
                (certificate.serial, certificate.der, certificate.standing.value),
            )

    def issued(self, serial: str) -> IssuedCertificate | None:
        """The certificate with this serial (lower-case hex), if the port knows it."""
        rows = self._rows("SELECT serial, certificate, standing FROM card WHERE serial = ?", (serial,))
        return IssuedCertificate(rows[0][0], rows[0][1], CertificateStatus(rows[0][2])) if rows else None

    def _fact(self, name: str, if_missing: str) -> str:
        with self._transaction() as cursor:
            cursor.execute("INSERT OR IGNORE INTO fact VALUES (?, ?)", (name, if_missing))
            value: str = cursor.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()[0]
            return value

    def _rows(self, query: str, values: tuple[str, ...] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        with self._lock, self._connection:
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            yield cursor
