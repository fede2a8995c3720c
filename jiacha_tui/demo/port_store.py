"""What was done to the port and must live on: its anchor, resends, prints, amendments, and the cards it issued."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from jiacha_tui.demo.database import Database
from jiacha_tui.demo.pki import CertificateStatus, IssuedCertificate

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS amendment (entry_id TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS amendment_of ON amendment (entry_id);
CREATE TABLE IF NOT EXISTS print (entry_id TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS resend (entry_id TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS card (serial TEXT PRIMARY KEY, certificate BLOB NOT NULL, standing TEXT NOT NULL) STRICT;
"""
_ANCHOR: Final = "anchor"
_LIVED_UNTIL: Final = "lived until"
_SEAL: Final = "key of the tokens"
_SEAL_BYTES: Final = 32


class PortStore:
    """What the port keeps. May be used by several threads, and by a second process at the same time."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        with self._database.transaction() as cursor:
            cursor.execute(
                "UPDATE fact SET value = ? WHERE name = ? AND value = ?",
                (until.isoformat(), _LIVED_UNTIL, since.isoformat()),
            )
            if cursor.rowcount:
                cursor.executemany(
                    "INSERT INTO amendment VALUES (?, ?)", [(entry_id, at.isoformat()) for entry_id, at in amendments]
                )

    def amend(self, entry_id: str, at: datetime) -> None:
        with self._database.transaction() as cursor:
            cursor.execute("INSERT INTO amendment VALUES (?, ?)", (entry_id, at.isoformat()))

    def amendments(self, entry_id: str) -> tuple[datetime, ...]:
        """When it was amended, in order."""
        rows = self._database.rows("SELECT at FROM amendment WHERE entry_id = ? ORDER BY at", (entry_id,))
        return tuple(datetime.fromisoformat(at) for (at,) in rows)

    def count_print(self, entry_id: str) -> None:
        with self._database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO print VALUES (?, 1) ON CONFLICT (entry_id) DO UPDATE SET count = count + 1", (entry_id,)
            )

    def print_counts(self, entry_ids: Sequence[str]) -> Mapping[str, int]:
        """Of those that were printed at all."""
        marks = ",".join("?" * len(entry_ids))
        query = f"SELECT entry_id, count FROM print WHERE entry_id IN ({marks})"  # noqa: S608 - question marks only
        return dict(self._database.rows(query, tuple(entry_ids)))

    def resend(self, entry_ids: Iterable[str], at: datetime) -> None:
        with self._database.transaction() as cursor:
            cursor.executemany(
                "INSERT INTO resend VALUES (?, ?)", [(entry_id, at.isoformat()) for entry_id in entry_ids]
            )

    def resends(self) -> tuple[tuple[str, datetime], ...]:
        """Every declaration that was resent and when, in order."""
        rows = self._database.rows("SELECT entry_id, at FROM resend ORDER BY rowid")
        return tuple((entry_id, datetime.fromisoformat(at)) for entry_id, at in rows)

    def register(self, certificate: IssuedCertificate) -> None:
        """From now on the port knows this card, with this standing."""
        with self._database.transaction() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO card VALUES (?, ?, ?)",
                (certificate.serial, certificate.der, certificate.standing.value),
            )

    def issued(self, serial: str) -> IssuedCertificate | None:
        """The certificate with this serial (lower-case hex), if the port knows it."""
        rows = self._database.rows("SELECT serial, certificate, standing FROM card WHERE serial = ?", (serial,))
        return IssuedCertificate(rows[0][0], rows[0][1], CertificateStatus(rows[0][2])) if rows else None

    def _fact(self, name: str, if_missing: str) -> str:
        with self._database.transaction() as cursor:
            cursor.execute("INSERT OR IGNORE INTO fact VALUES (?, ?)", (name, if_missing))
            value: str = cursor.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()[0]
            return value
