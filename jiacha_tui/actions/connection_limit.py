"""How many details are requested at the same time: few at first, more while the port answers as fast as before.

On a line with a delay, more connections fetch more in the same time. A port that is overloaded answers later instead,
or fails. Both end the growth.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

FEWEST: Final = 4
MOST: Final = 16
_STEP: Final = 4

CALLS_BEFORE_GROWTH: Final = 10
"""So many successful calls over each connection lead to more connections, unless they took longer."""

_SLOWER: Final = 1.5
"""If calls take so many times as long as with the fewest connections, more of them only wait longer."""


class ConnectionLimit:
    """The limit of one sync, in one event loop."""

    def __init__(self) -> None:
        self._allowed = FEWEST
        self._used = 0
        self._freed = asyncio.Event()
        self._usual_seconds: float | None = None
        """How long a call took with the fewest connections."""
        self._calls = 0
        self._seconds = 0.0
        self._may_grow = True

    @property
    def allowed(self) -> int:
        """How many connections there may be at the moment."""
        return self._allowed

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[None]:
        """One of the connections that are allowed, for the block; waits for it."""
        while self._used >= self._allowed:
            self._freed.clear()
            await self._freed.wait()
        self._used += 1
        try:
            yield
        finally:
            self._used -= 1
            self._freed.set()

    def record_success(self, seconds: float) -> None:
        """A call succeeded after `seconds`."""
        self._calls += 1
        self._seconds += seconds
        if self._calls < CALLS_BEFORE_GROWTH * self._allowed:
            return
        average = self._seconds / self._calls
        self._calls, self._seconds = 0, 0.0
        if self._usual_seconds is None:
            self._usual_seconds = average
        if average > _SLOWER * self._usual_seconds:
            self._allowed = max(FEWEST, self._allowed - _STEP)
            self._may_grow = False
        elif self._may_grow:
            self._allowed = min(MOST, self._allowed + _STEP)
            self._freed.set()

    def record_failure(self) -> None:
        """A call failed: from now on the fewest connections. What is under way still ends."""
        self._allowed = FEWEST
        self._may_grow = False
        self._calls, self._seconds = 0, 0.0
