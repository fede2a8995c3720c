"""Pauses between the calls of a long run, so that it does not burden the port more than a person would."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from jiacha_tui.declaration.rules import MAX_BATCH
from jiacha_tui.eport.problems import PortBusy

_Response = TypeVar("_Response")

PAUSE_SECONDS: Final = 1.0
"""The pause after each ten calls, and after a failure. It varies a little."""

MAX_WAIT_SECONDS: Final = 60.0
"""The longest pause that is made because the port asks for it."""

_MAX_WAITS: Final = 3
_MAX_PAUSES: Final = 10


class CallPauses:
    """Counts the calls of one run and makes its pauses."""

    def __init__(self, seconds: float | None = None) -> None:
        """`seconds` is the length of a pause, by default PAUSE_SECONDS."""
        self._seconds = PAUSE_SECONDS if seconds is None else seconds
        self.calls = 0

    async def call(self, call: Callable[[], Awaitable[_Response]], on_wait: Callable[[str], None]) -> _Response:
        """Makes a call, after a pause if ten were made. Raises what `call` raises.

        If the port asks for a short pause, that is made, a few times; `on_wait` gets the reason in Chinese.
        """
        if self.calls and self.calls % MAX_BATCH == 0:
            await self._rest(1)
        for _ in range(_MAX_WAITS):
            self.calls += 1
            try:
                return await call()
            except PortBusy as busy:
                if busy.retry_after is None or busy.retry_after > MAX_WAIT_SECONDS:
                    raise
                on_wait(f"口岸要求暂停，{busy.retry_after:.0f} 秒后接着取")
                await asyncio.sleep(busy.retry_after)
        self.calls += 1
        return await call()

    async def rest_after(self, failures: int) -> None:
        """Pauses after this many failures in a row, longer after more."""
        await self._rest(min(failures, _MAX_PAUSES))

    async def _rest(self, pauses: int) -> None:
        await asyncio.sleep(self._seconds * pauses * random.uniform(0.75, 1.5))  # noqa: S311 - spreads the load, no secret
