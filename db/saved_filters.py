"""Filters that the operator has given a name, and those that were used last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from db import timestamps
from db.cache import Cache
from db.search import replace_surrogates
from jiacha_tui.clock import utc_now

MAX_HISTORY: Final = 50
"""The number of used filters that are kept, and that Up and Down in the filter bar bring back."""

_MAX_LENGTH: Final = 20_000
"""Characters of a longer filter are not kept in the history: it is a pasted list."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter with its name."""

    name: str
    text: str


class SavedFilters:
    """The named filters and the history of one cache. Every method may be called from any thread."""

    def __init__(self, cache: Cache, clock: Callable[[], datetime] = utc_now) -> None:
        """`clock` returns the time with its time zone."""
        self._cache = cache
        self._clock = clock

    def all(self) -> tuple[SavedFilter, ...]:
        """The named filters, the one that was saved last first."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute("SELECT name, text FROM saved_filter ORDER BY saved_at DESC, name").fetchall()
        return tuple(SavedFilter(name, text) for name, text in found)

    def save(self, name: str, text: str) -> None:
        """Saves a filter under a name. One that had the name is replaced."""
        name = replace_surrogates(name)
        with self._cache.write_cursor() as cursor:
            cursor.execute("DELETE FROM saved_filter WHERE name = ?", [name])
            cursor.execute(
                "INSERT INTO saved_filter VALUES (?, ?, ?)",
                [name, replace_surrogates(text), timestamps.to_column(self._clock())],
            )

    def rename(self, name: str, new_name: str) -> None:
        """Gives a filter another name. One that had that name is replaced."""
        new_name = replace_surrogates(new_name)
        with self._cache.write_cursor() as cursor:
            if new_name != name and cursor.execute("SELECT 1 FROM saved_filter WHERE name = ?", [name]).fetchall():
                cursor.execute("DELETE FROM saved_filter WHERE name = ?", [new_name])
                cursor.execute("UPDATE saved_filter SET name = ? WHERE name = ?", [new_name, name])

    def delete(self, name: str) -> None:
        """Deletes the filter with this name, if there is one."""
        with self._cache.write_cursor() as cursor:
            cursor.execute("DELETE FROM saved_filter WHERE name = ?", [name])

    def history(self) -> tuple[str, ...]:
        """The filters that were used last, the newest at the end."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute("SELECT text FROM filter_history ORDER BY used_at").fetchall()
        return tuple(text for (text,) in found)

    def remember(self, text: str) -> None:
        """Notes that a filter was used now. Of more than MAX_HISTORY the oldest is forgotten."""
        if len(text) > _MAX_LENGTH:
            return
        text = replace_surrogates(text)
        with self._cache.write_cursor() as cursor:
            cursor.execute("DELETE FROM filter_history WHERE text = ?", [text])
            cursor.execute(
                "DELETE FROM filter_history WHERE used_at < "
                "(SELECT used_at FROM filter_history ORDER BY used_at DESC OFFSET ? LIMIT 1)",
                [MAX_HISTORY - 2],
            )
            cursor.execute("INSERT INTO filter_history VALUES (?, ?)", [text, timestamps.to_column(self._clock())])
