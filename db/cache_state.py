# ruff: noqa: S608 - statements are composed of our own text; values are parameters
"""What a cache holds, in numbers: the content of its state file, by which a later login notices what is missing.

`CacheState` names the resends too: those that may have reached the port must not be forgotten with the cache.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import duckdb

from db import timestamps
from db.outbox import Resend, ResendState
from db.statements import LOOKED_UP_AT_ONCE, placeholders

RESENDS_KEPT_DAYS: Final = 90
"""How long a state names resends that were answered. The tax bureau has processed them by then."""

MAX_RESENDS: Final = 1000
"""The most resends in a state. Those without a known outcome come first, then the newest."""


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """How many rows a cache holds. No action reduces any of these numbers."""

    declarations: int = 0
    details: int = 0
    journal_entries: int = 0
    resends: int = 0

    def lacking(self, other: "CacheCounts") -> "CacheCounts":
        """How many of the rows of `other` are missing here. No number is negative."""
        return CacheCounts(
            max(0, other.declarations - self.declarations),
            max(0, other.details - self.details),
            max(0, other.journal_entries - self.journal_entries),
            max(0, other.resends - self.resends),
        )

    @property
    def is_zero(self) -> bool:
        return self == CacheCounts()


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which record of the state the cache or the file has. `counter` rises by one with each; `mark` is random.

    The cache gets a stamp before the file does, so the file is at most one record behind.
    """

    counter: int = 0
    mark: str = ""
    previous_mark: str = ""


@dataclass(frozen=True, slots=True)
class CacheState:
    """What a cache held when it had `stamp`. `last_journal_id` is the id of its newest journal entry, 0 if it has none.

    Of a resend that is UNKNOWN, `resends` has only the declarations that the operator has not resolved. `key_files` has
    the digests of the key files that the cache was opened with, the newest last.
    """

    stamp: Stamp = Stamp()
    counts: CacheCounts = CacheCounts()
    last_journal_id: int = 0
    resends: tuple[Resend, ...] = ()
    key_files: tuple[str, ...] = ()


def read_stamp(cursor: duckdb.DuckDBPyConnection) -> Stamp:
    """The stamp of the cache."""
    ((counter, mark, previous_mark),) = cursor.execute(
        "SELECT counter, mark, previous_mark FROM recorded_state"
    ).fetchall()
    return Stamp(counter, mark, previous_mark)


def write_stamp(cursor: duckdb.DuckDBPyConnection, stamp: Stamp) -> None:
    """Replaces the stamp of the cache."""
    cursor.execute(
        "UPDATE recorded_state SET counter = ?, mark = ?, previous_mark = ?",
        [stamp.counter, stamp.mark, stamp.previous_mark],
    )


def read_counts(cursor: duckdb.DuckDBPyConnection) -> CacheCounts:
    """Counts the rows, in a few milliseconds also for a million declarations."""
    ((declarations, details, journal_entries, resends),) = cursor.execute(
        "SELECT (SELECT count(*) FROM declaration), (SELECT count(*) FROM head),"
        " (SELECT count(*) FROM journal), (SELECT count(*) FROM resend)"
    ).fetchall()
    return CacheCounts(declarations, details, journal_entries, resends)


def read_last_journal_id(cursor: duckdb.DuckDBPyConnection) -> int:
    """The id of the newest journal entry, 0 if there is none."""
    ((last,),) = cursor.execute("SELECT coalesce(max(id), 0) FROM journal").fetchall()
    return int(last)


def read_resends(cursor: duckdb.DuckDBPyConnection, now: datetime) -> tuple[Resend, ...]:
    """The resends that a state names: those whose outcome is open, and those of the last `RESENDS_KEPT_DAYS` days.

    Refused resends changed nothing and are left out. `now` has a time zone.
    """
    since = timestamps.to_column(now - timedelta(days=RESENDS_KEPT_DAYS))
    found = cursor.execute(_SELECT_RESENDS, {"since": since}).fetchall()
    marks = _read_marks(cursor, [id_ for _, entry_ids, _, state in found if state == "unknown" for id_ in entry_ids])
    named: list[Resend] = []
    for id_, entry_ids, put_at, state in found:
        # Of several resends of a declaration only the last counts as unresolved: the mark is when that one was written.
        # What the cache does not hold has no mark, and nobody can have resolved its resend.
        open_ids = [one for one in entry_ids if state != "unknown" or marks.get(one, put_at) == put_at]
        if open_ids:
            named.append(Resend(id_, tuple(open_ids), timestamps.from_column(put_at), ResendState(state), ""))
    return tuple(named[:MAX_RESENDS])


def _read_marks(cursor: duckdb.DuckDBPyConnection, entry_ids: list[str]) -> dict[str, datetime | None]:
    """By number: when the last resend of a declaration was written, None if its outcome is known or resolved."""
    marks: dict[str, datetime | None] = {}
    for first in range(0, len(entry_ids), LOOKED_UP_AT_ONCE):
        chunk = entry_ids[first : first + LOOKED_UP_AT_ONCE]
        found = cursor.execute(
            f"SELECT entry_id, resend_unknown_at FROM declaration WHERE entry_id IN ({placeholders(chunk)})", chunk
        )
        marks |= dict(found.fetchall())
    return marks


_SELECT_RESENDS = """
    SELECT resend.id, resend.entry_ids, resend.put_at, coalesce(answer.state, 'pending') AS state
    FROM resend LEFT JOIN resend_answer AS answer ON answer.resend_id = resend.id
    WHERE answer.state IS NULL OR answer.state = 'unknown' OR (answer.state = 'sent' AND resend.put_at >= $since)
    ORDER BY answer.state IS NOT DISTINCT FROM 'sent', resend.put_at DESC, resend.id
"""
