"""When to stop logging in again: a port that ends its sessions soon would cost a login and a signature for each.

Two programs that use one card end each other's sessions in the same way.
"""

from collections import deque
from typing import Final

from jiacha_tui.eport.problems import SessionsTooShort, TooManyLogins

MAX_SHORT_SESSIONS: Final = 3
"""So many logins in a row whose session did not last allow no other one."""

LASTING_CALLS: Final = 20
"""A session with so many successful calls has lasted."""

WINDOW_SECONDS: Final = 600.0
"""A login counts for so long. A session that ends while the operator is away for longer is nothing unusual."""

MAX_LOGINS: Final = 20
"""So many logins within that time allow no other one, however long their sessions lasted."""


class ReloginLimit:
    """The logins of the last WINDOW_SECONDS. Times are in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._logins: deque[float] = deque()
        self._short = 0
        """How many of them, from the newest on, had a session that did not last."""
        self._calls = 0

    def refusal(self, now: float) -> SessionsTooShort | TooManyLogins | None:
        """Why no other login may be made; None if it may."""
        while self._logins and self._logins[0] <= now - WINDOW_SECONDS:
            self._logins.popleft()
        self._short = min(self._short, len(self._logins))
        if self._short >= MAX_SHORT_SESSIONS:
            return SessionsTooShort(self._short)
        return TooManyLogins(MAX_LOGINS) if len(self._logins) >= MAX_LOGINS else None

    def logged_in(self, now: float) -> int:
        """Counts a login. Returns how many there were within the last WINDOW_SECONDS."""
        self._logins.append(now)
        self._short += 1
        self._calls = 0
        return len(self._logins)

    def succeeded(self) -> None:
        """Counts a successful call. With LASTING_CALLS of them the session has lasted."""
        self._calls += 1
        if self._calls == LASTING_CALLS:
            self._short = 0
