"""What the port must remember between runs: its anchor, amendments, prints, resends, and the cards that it knows."""

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
# Names in the table `fact`. Existing ports have them, so they must not change.
_ANCHOR: Final = "anchor"
_SIMULATED_UNTIL: Final = "lived until"
_ROW_KEY: Final = "key of the tokens"
_ROW_KEY_BYTES: Final = 32


class PortStore:
    """Tables of the port's database. May be used by several threads, and by a second process at the same time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def anchor(self, today: date) -> date:
        """The day on which this port was made: `today` at the first call ever."""
        return date.fromisoformat(self._fact(_ANCHOR, today.isoformat()))

    def token_key(self) -> bytes:
        """The key of the tokens in list rows: random, made at the first call ever."""
        return bytes.fromhex(self._fact(_ROW_KEY, secrets.token_hex(_ROW_KEY_BYTES)))

    def simulated_until(self, anchor: date) -> date:
        """The last day whose amendments were simulated: `anchor` at the first call ever."""
        return date.fromisoformat(self._fact(_SIMULATED_UNTIL, anchor.isoformat()))

    def record_simulation(self, since: date, until: date, amendments: Iterable[tuple[str, datetime]]) -> None:
        """Adds the simulated amendments after `since` up to `until`, unless another program has added them already."""
        with self._database.transaction() as cursor:
            cursor.execute(
                "UPDATE fact SET value = ? WHERE name = ? AND value = ?",
                (until.isoformat(), _SIMULATED_UNTIL, since.isoformat()),
            )
            if cursor.rowcount:
                cursor.executemany(
                    "INSERT INTO amendment VALUES (?, ?)", [(entry_id, at.isoformat()) for entry_id, at in amendments]
                )

    def add_amendment(self, entry_id: str, at: datetime) -> None:
        """Records that customs amended the declaration `at` this time."""
        with self._database.transaction() as cursor:
            cursor.execute("INSERT INTO amendment VALUES (?, ?)", (entry_id, at.isoformat()))

    def amendments(self, entry_id: str) -> tuple[datetime, ...]:
        """When the declaration was amended, in order."""
        rows = self._database.rows("SELECT at FROM amendment WHERE entry_id = ? ORDER BY at", (entry_id,))
        return tuple(datetime.fromisoformat(at) for (at,) in rows)

    def add_print(self, entry_id: str) -> None:
        """Counts one more print of the declaration."""
        with self._database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO print VALUES (?, 1) ON CONFLICT (entry_id) DO UPDATE SET count = count + 1", (entry_id,)
            )

    def print_counts(self, entry_ids: Sequence[str]) -> Mapping[str, int]:
        """How often each declaration was printed; those that never were are left out."""
        marks = ",".join("?" * len(entry_ids))
        query = f"SELECT entry_id, count FROM print WHERE entry_id IN ({marks})"  # noqa: S608 - question marks only
        return dict(self._database.rows(query, tuple(entry_ids)))

    def add_resends(self, entry_ids: Iterable[str], at: datetime) -> None:
        """Records that these declarations were resent to the tax bureau."""
        with self._database.transaction() as cursor:
            cursor.executemany(
                "INSERT INTO resend VALUES (?, ?)", [(entry_id, at.isoformat()) for entry_id in entry_ids]
            )

    def resends(self) -> tuple[tuple[str, datetime], ...]:
        """Every declaration that was resent and when, in order."""
        rows = self._database.rows("SELECT entry_id, at FROM resend ORDER BY rowid")
        return tuple((entry_id, datetime.fromisoformat(at)) for entry_id, at in rows)

    def add_certificate(self, certificate: IssuedCertificate) -> None:
        """Makes a card known to the port, or changes its status."""
        with self._database.transaction() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO card VALUES (?, ?, ?)",
                (certificate.serial, certificate.der, certificate.status.value),
            )

    def find_certificate(self, serial: str) -> IssuedCertificate | None:
        """The certificate with this serial number (lower-case hex); None if the port does not know it."""
        rows = self._database.rows("SELECT serial, certificate, standing FROM card WHERE serial = ?", (serial,))
        return IssuedCertificate(rows[0][0], rows[0][1], CertificateStatus(rows[0][2])) if rows else None

    def _fact(self, name: str, if_missing: str) -> str:
        with self._database.transaction() as cursor:
            cursor.execute("INSERT OR IGNORE INTO fact VALUES (?, ?)", (name, if_missing))
            value: str = cursor.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()[0]
            return value
