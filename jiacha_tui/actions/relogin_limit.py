"""When to stop logging in again: a port that ends its session at nearly every call would cost a signature for each.

Two programs that use one card end each other's sessions in the same way.
"""

from collections import deque
from typing import Final

MAX_SHORT_SESSIONS: Final = 3
"""So many logins in a row whose session did not last allow no other one."""

LASTING_CALLS: Final = 20
"""A session with so many successful calls has lasted."""

WINDOW_SECONDS: Final = 600.0
"""A login counts for so long. A session that ends while the operator is away for longer is nothing unusual."""


class ReloginLimit:
    """The logins in a row whose session did not last. Times are in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._logins: deque[float] = deque()
        self._calls = 0

    def allows(self, now: float) -> bool:
        """Whether another login may be made."""
        while self._logins and self._logins[0] <= now - WINDOW_SECONDS:
            self._logins.popleft()
        return len(self._logins) < MAX_SHORT_SESSIONS

    def logged_in(self, now: float) -> None:
        """Counts a login."""
        self._logins.append(now)
        self._calls = 0

    def succeeded(self) -> None:
        """Counts a successful call. With LASTING_CALLS of them, the logins before no longer count."""
        self._calls += 1
        if self._calls == LASTING_CALLS:
            self._logins.clear()
