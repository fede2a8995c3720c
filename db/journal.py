"""The journal: every action and its outcome. Entries are only added, never changed or removed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec

from db import timestamps
from db.cache import Cache
from db.search import replace_surrogates
from jiacha_tui.clock import utc_now
from jiacha_tui.declaration.journal import JournalEntry, JournalKind, JournalValue, Outcome


class Journal:
    """The journal of one cache. Every method may be called from any thread."""

    def __init__(
        self, cache: Cache, clock: Callable[[], datetime] = utc_now, on_write: Callable[[], None] | None = None
    ) -> None:
        """`clock` returns the time with its time zone. `on_write` is called after each entry, in the same thread."""
        self._cache = cache
        self._clock = clock
        self._on_write = on_write

    def write(
        self,
        kind: JournalKind,
        entry_ids: Sequence[str],
        outcome: Outcome,
        message: str = "",
        detail: Mapping[str, JournalValue] | None = None,
        *,
        needs_confirmation: bool = False,
    ) -> int:
        """Adds an entry and returns its id. Ids increase. The entry is on the disk when this returns.

        One that `needs_confirmation` stays in `unconfirmed` until it is given to `confirm`, over logins too.
        """
        with self._cache.write_cursor() as cursor:
            found = cursor.execute(
                "INSERT INTO journal (written_at, kind, outcome, entry_ids, message, detail) "
                "VALUES (?, ?, ?, ?::VARCHAR[], ?, ?) RETURNING id",
                [
                    timestamps.to_column(self._clock()),
                    kind.value,
                    outcome.value,
                    list(entry_ids),
                    replace_surrogates(message),
                    _json(detail or {}),
                ],
            ).fetchall()
            ((id_,),) = found
            if needs_confirmation:
                cursor.execute("INSERT INTO unconfirmed_entry VALUES (?)", [id_])
        if self._on_write is not None:
            self._on_write()
        return int(id_)

    def recent(
        self, limit: int, entry_id: str | None = None, kind: JournalKind | None = None, outcome: Outcome | None = None
    ) -> list[JournalEntry]:
        """The newest `limit` entries, newest first, optionally only those of one declaration, kind or outcome."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                f"{_SELECT} WHERE ($entry_id IS NULL OR list_contains(entry_ids, $entry_id)) "
                "AND ($kind IS NULL OR kind = $kind) AND ($outcome IS NULL OR outcome = $outcome) "
                "ORDER BY id DESC LIMIT $limit",
                {
                    "entry_id": entry_id,
                    "kind": kind and kind.value,
                    "outcome": outcome and outcome.value,
                    "limit": limit,
                },
            ).fetchall()
        return [_entry(row) for row in found]

    def unconfirmed(self) -> list[JournalEntry]:
        """The entries that the operator has to confirm and has not yet, oldest first."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(_SELECT_UNCONFIRMED)
            return [_entry(row) for row in found.fetchall()]

    def confirm(self, ids: Sequence[int]) -> None:
        """Notes that the operator has confirmed these entries."""
        with self._cache.write_cursor() as cursor:
            cursor.execute("DELETE FROM unconfirmed_entry WHERE list_contains(?::BIGINT[], journal_id)", [list(ids)])


_SELECT = "SELECT id, written_at, kind, outcome, entry_ids, message, detail FROM journal"
_SELECT_UNCONFIRMED = f"{_SELECT} WHERE id IN (SELECT journal_id FROM unconfirmed_entry) ORDER BY id"  # noqa: S608 - only our own text


def _entry(row: tuple[Any, ...]) -> JournalEntry:
    id_, written_at, kind, outcome, entry_ids, message, detail = row
    return JournalEntry(
        id=id_,
        at=timestamps.from_column(written_at),
        kind=JournalKind(kind),
        outcome=Outcome(outcome),
        entry_ids=tuple(entry_ids),
        message=message,
        detail=MappingProxyType(msgspec.json.decode(detail, type=dict[str, JournalValue])),
    )


def _json(detail: Mapping[str, JournalValue]) -> str:
    texts = {name: replace_surrogates(value) if isinstance(value, str) else value for name, value in detail.items()}
    return msgspec.json.encode(texts).decode()
