"""Why details could not be fetched. A reason is kept until the detail arrives (`Declarations.put_details`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from db.cache import Cache
from db.timestamps import from_column, to_column
from jiacha_tui.clock import utc_now
from jiacha_tui.declaration.problem import Problem


@dataclass(frozen=True, slots=True)
class DetailFailure:
    """The problem of the last attempt to fetch a detail: its code, message and hint. `at` has a time zone."""

    at: datetime
    code: str
    message: str
    hint: str


class DetailFailures:
    """The failures in one cache. Every method may be called from any thread."""

    def __init__(self, cache: Cache, clock: Callable[[], datetime] = utc_now) -> None:
        """`clock` returns the time with its time zone."""
        self._cache = cache
        self._clock = clock

    def record(self, entry_id: str, problem: Problem) -> None:
        """Records that `problem` has prevented the detail of a declaration. It replaces an earlier one."""
        with self._cache.write_cursor() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO detail_failure (entry_id, failed_at, code, message, hint) "
                "VALUES (?, ?, ?, ?, ?)",
                [entry_id, to_column(self._clock()), problem.code, problem.message, problem.hint],
            )

    def get(self, entry_id: str) -> DetailFailure | None:
        """Why the detail of a declaration is missing or outdated. None if it is not, or if nothing has failed."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT failed_at, code, message, hint FROM detail_failure "
                "WHERE entry_id = ? AND entry_id IN (SELECT entry_id FROM declaration WHERE detail_due)",
                [entry_id],
            ).fetchone()
        return None if found is None else DetailFailure(from_column(found[0]), *found[1:])
