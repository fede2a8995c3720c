"""The outbox: every resend is here before it is sent, so that neither a crash nor a cut line can lose or double it.

A resend has one identity and is answered once. One that was never answered may have reached the port: it is PENDING
while it is under way, and UNKNOWN from the moment `recover` finds it left over by a program that was killed or whose
terminal went away.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from db import timestamps
from db.cache import Cache
from db.search import replace_surrogates
from jiacha_tui.clock import utc_now


class ResendState(enum.Enum):
    """What became of a resend; the value is stable, for the cache."""

    PENDING = "pending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Resend:
    """A resend; `at` is when it was written, aware, and `message` what the port answered."""

    id: str
    entry_ids: tuple[str, ...]
    at: datetime
    state: ResendState
    message: str


class Outbox:
    """The outbox of one cache. Methods may be called from any thread."""

    def __init__(self, cache: Cache, clock: Callable[[], datetime] = utc_now) -> None:
        """`clock` gives aware moments."""
        self._cache = cache
        self._clock = clock

    def put(self, entry_ids: Sequence[str]) -> str:
        """Writes a resend that is about to be sent and gives its id. It is on the disk when this returns."""
        resend_id = str(uuid4())
        with self._cache.writing() as cursor:
            cursor.execute(
                "INSERT INTO resend (id, entry_ids, put_at) VALUES (?, ?::VARCHAR[], ?)",
                [resend_id, list(entry_ids), timestamps.to_column(self._clock())],
            )
        return resend_id

    def record_answer(self, resend_id: str, state: ResendState, message: str = "") -> None:
        """Writes what became of a resend, and to its declarations when they were last resent or that nobody knows.

        Raises ValueError for PENDING, for a resend that is not here, and for one that has its answer.
        """
        if state is ResendState.PENDING:
            raise ValueError("pending is not an answer")
        answered_at = timestamps.to_column(self._clock())
        with self._cache.writing() as cursor:
            added = cursor.execute(
                "INSERT INTO resend_answer (resend_id, state, message, answered_at) "
                "SELECT id, ?, ?, ? FROM resend "
                "WHERE id = ? AND id NOT IN (SELECT resend_id FROM resend_answer) RETURNING resend_id",
                [state.value, replace_surrogates(message), answered_at, resend_id],
            ).fetchall()
            if not added:
                raise ValueError(f"no resend {resend_id} waits for an answer")
            if state is ResendState.SENT:
                cursor.execute(_MARK_SENT, {"id": resend_id, "answered_at": answered_at})
            elif state is ResendState.UNKNOWN:
                cursor.execute(_MARK_UNKNOWN, {"id": resend_id})

    def unresolved(self, entry_ids: Sequence[str]) -> frozenset[str]:
        """Those whose last resend is UNKNOWN, and that were not settled since."""
        with self._cache.reading() as cursor:
            found = cursor.execute(
                "SELECT entry_id FROM declaration "
                "WHERE resend_unknown_at IS NOT NULL AND entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [list(entry_ids)],
            ).fetchall()
        return frozenset(entry_id for (entry_id,) in found)

    def mark_resolved(self, entry_ids: Sequence[str]) -> None:
        """Notes that the operator knows by now what became of these; their resends stay what they were."""
        with self._cache.writing() as cursor:
            cursor.execute(
                "UPDATE declaration SET resend_unknown_at = NULL WHERE entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [list(entry_ids)],
            )

    def pending(self) -> tuple[Resend, ...]:
        """Resends without an answer, oldest first."""
        with self._cache.reading() as cursor:
            found = cursor.execute(f"{_SELECT} WHERE answer.resend_id IS NULL ORDER BY put_at, id").fetchall()
        return tuple(_resend(row) for row in found)

    def recover(self) -> tuple[Resend, ...]:
        """Marks what an earlier program left without an answer UNKNOWN and tells which these were.

        To be called before this program sends its first resend: nobody else has the cache open, so whatever is pending
        then is left over.
        """
        left_over = self.pending()
        for resend in left_over:
            self.record_answer(resend.id, ResendState.UNKNOWN, "程序中断，没有收到答复")
        return left_over

    def last_sent(self, entry_ids: Sequence[str]) -> Mapping[str, Resend]:
        """The last resend of each declaration that reached the port, or may have, by number.

        A refused one changed nothing and hides none of the earlier ones.
        """
        with self._cache.reading() as cursor:
            found = cursor.execute(
                f"{_SELECT} WHERE list_has_any(resend.entry_ids, ?::VARCHAR[]) "
                "AND answer.state IS DISTINCT FROM ? ORDER BY put_at, id",
                [list(entry_ids), ResendState.REFUSED.value],
            ).fetchall()
        wanted = set(entry_ids)
        return {
            entry_id: resend for resend in map(_resend, found) for entry_id in resend.entry_ids if entry_id in wanted
        }


_SELECT = (
    "SELECT resend.id, resend.entry_ids, resend.put_at, answer.state, answer.message "
    "FROM resend LEFT JOIN resend_answer AS answer ON answer.resend_id = resend.id"
)
# Of two resends of one declaration the one that was written last counts, whichever was answered first.
_MARK_SENT = """
    UPDATE declaration SET
        resent_at = $answered_at,
        resend_unknown_at = CASE WHEN resend_unknown_at > resend.put_at THEN resend_unknown_at END
    FROM resend WHERE resend.id = $id AND list_contains(resend.entry_ids, declaration.entry_id)
"""
_MARK_UNKNOWN = """
    UPDATE declaration SET resend_unknown_at = resend.put_at
    FROM resend WHERE resend.id = $id AND list_contains(resend.entry_ids, declaration.entry_id)
        AND NOT EXISTS (
            SELECT 1 FROM resend AS later JOIN resend_answer AS answer ON answer.resend_id = later.id
            WHERE answer.state = 'sent' AND later.put_at > resend.put_at
                AND list_contains(later.entry_ids, declaration.entry_id)
        )
"""


def _resend(row: tuple[Any, ...]) -> Resend:
    id_, entry_ids, put_at, state, message = row
    return Resend(
        id_,
        tuple(entry_ids),
        timestamps.from_column(put_at),
        ResendState.PENDING if state is None else ResendState(state),
        message or "",
    )
