"""The outbox: every resend is written here before it is sent, so that no crash loses or repeats one.

A resend has one id and gets one answer. It is PENDING while it is sent. One without an answer may have reached the
port: `recover` makes it UNKNOWN if a killed program left it behind.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from db import timestamps
from db.cache import Cache
from db.search import replace_surrogates
from jiacha_tui.clock import utc_now


class ResendState(enum.Enum):
    """The outcome of a resend. The cache stores the values, so they never change."""

    PENDING = "pending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Resend:
    """A resend. `at` is when it was written, with its time zone; `message` is the port's answer."""

    id: str
    entry_ids: tuple[str, ...]
    at: datetime
    state: ResendState
    message: str


class Outbox:
    """The outbox of one cache. Every method may be called from any thread."""

    def __init__(self, cache: Cache, clock: Callable[[], datetime] = utc_now) -> None:
        """`clock` returns the time with its time zone."""
        self._cache = cache
        self._clock = clock

    def put(self, entry_ids: Sequence[str]) -> str:
        """Writes a resend that will be sent next and returns its id. It is on the disk when this returns."""
        resend_id = str(uuid4())
        with self._cache.write_cursor() as cursor:
            cursor.execute(
                "INSERT INTO resend (id, entry_ids, put_at) VALUES (?, ?::VARCHAR[], ?)",
                [resend_id, list(entry_ids), timestamps.to_column(self._clock())],
            )
        return resend_id

    def record_answer(self, resend_id: str, state: ResendState, message: str = "") -> None:
        """Writes the outcome of a resend. Its declarations then show when they were resent, or that it is unknown.

        Raises ValueError for PENDING, for an id that is not in the outbox, and for a resend that has an answer.
        """
        if state is ResendState.PENDING:
            raise ValueError("a resend cannot become pending")
        answered_at = timestamps.to_column(self._clock())
        with self._cache.write_cursor() as cursor:
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
        """Those of `entry_ids` whose last resend is UNKNOWN and was not resolved since."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT entry_id FROM declaration "
                "WHERE resend_unknown_at IS NOT NULL AND entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [list(entry_ids)],
            ).fetchall()
        return frozenset(entry_id for (entry_id,) in found)

    def mark_resolved(self, entry_ids: Sequence[str]) -> None:
        """Records that the operator has found out what happened to these. Their resends keep their state."""
        with self._cache.write_cursor() as cursor:
            cursor.execute(
                "UPDATE declaration SET resend_unknown_at = NULL WHERE entry_id IN (SELECT unnest(?::VARCHAR[]))",
                [list(entry_ids)],
            )

    def pending(self) -> tuple[Resend, ...]:
        """The resends without an answer, oldest first."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(f"{_SELECT} WHERE answer.resend_id IS NULL ORDER BY put_at, id").fetchall()
        return tuple(_resend(row) for row in found)

    def recover(self) -> tuple[Resend, ...]:
        """Makes the resends UNKNOWN that an earlier program left without an answer, and returns them.

        Call it before the first resend of this program. Only this program has the cache open, so all pending resends
        are then from an earlier one.
        """
        abandoned = self.pending()
        for resend in abandoned:
            self.record_answer(resend.id, ResendState.UNKNOWN, "程序中断，没有记下答复")
        return abandoned

    def restore_unknown(self, resends: Sequence[Resend]) -> tuple[Resend, ...]:
        """Adds resends that a record outside this cache names and whose outcome is not known. Returns those added.

        Each becomes UNKNOWN, whatever its `state` is. One whose id is already in the outbox stays as it is here, so
        that a second call adds nothing. The declarations show it, also those that the cache gets later.
        """
        added = []
        answered_at = timestamps.to_column(self._clock())
        with self._cache.write_cursor() as cursor:
            for resend in resends:
                new = cursor.execute(
                    "INSERT INTO resend (id, entry_ids, put_at) SELECT ?, ?::VARCHAR[], ? "
                    "WHERE ? NOT IN (SELECT id FROM resend) RETURNING id",
                    [resend.id, list(resend.entry_ids), timestamps.to_column(resend.at), resend.id],
                ).fetchall()
                if not new:
                    continue
                message = replace_surrogates(resend.message) or _RESTORED
                restored = replace(resend, state=ResendState.UNKNOWN, message=message)
                cursor.execute(
                    "INSERT INTO resend_answer (resend_id, state, message, answered_at) VALUES (?, ?, ?, ?)",
                    [restored.id, restored.state.value, restored.message, answered_at],
                )
                cursor.execute(_MARK_UNKNOWN, {"id": restored.id})
                added.append(restored)
        return tuple(added)

    def restore_sent(self, resends: Sequence[Resend]) -> None:
        """Adds resends that a record outside this cache names and that were sent. Their time of the answer is lost.

        Also records the answer of those that are in the outbox without one.
        """
        with self._cache.write_cursor() as cursor:
            for resend in resends:
                at = timestamps.to_column(resend.at)
                cursor.execute(
                    "INSERT INTO resend (id, entry_ids, put_at) VALUES (?, ?::VARCHAR[], ?) ON CONFLICT DO NOTHING",
                    [resend.id, list(resend.entry_ids), at],
                )
                added = cursor.execute(
                    "INSERT INTO resend_answer (resend_id, state, message, answered_at) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT DO NOTHING RETURNING resend_id",
                    [resend.id, ResendState.SENT.value, replace_surrogates(resend.message), at],
                ).fetchall()
                if added:
                    cursor.execute(_MARK_SENT, {"id": resend.id, "answered_at": at})

    def last_sent(self, entry_ids: Sequence[str]) -> Mapping[str, Resend]:
        """The last resend of each declaration that reached the port or may have reached it, by number.

        Refused resends do not count: they changed nothing.
        """
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                f"{_SELECT} WHERE list_has_any(resend.entry_ids, ?::VARCHAR[]) "
                "AND answer.state IS DISTINCT FROM ? ORDER BY put_at, id",
                [list(entry_ids), ResendState.REFUSED.value],
            ).fetchall()
        wanted = set(entry_ids)
        return {
            entry_id: resend for resend in map(_resend, found) for entry_id in resend.entry_ids if entry_id in wanted
        }


_RESTORED: Final = "从旧缓存带来，没有收到答复"
_SELECT = (
    "SELECT resend.id, resend.entry_ids, resend.put_at, answer.state, answer.message "
    "FROM resend LEFT JOIN resend_answer AS answer ON answer.resend_id = resend.id"
)
# Of two resends of one declaration the one written last counts, even if it was answered first.
_MARK_SENT = """
    UPDATE declaration SET
        resent_at = $answered_at,
        resend_unknown_at = CASE WHEN resend_unknown_at > resend.put_at THEN resend_unknown_at END
    FROM resend WHERE resend.id = $id AND list_contains(resend.entry_ids, declaration.entry_id)
"""
_MARK_UNKNOWN = """
    UPDATE declaration SET resend_unknown_at = greatest(resend_unknown_at, resend.put_at)
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
