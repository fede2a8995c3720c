"""Lets background work make way while the operator presses keys: it shares interpreter and cache with the screen.

A sync computes several milliseconds for each declaration. A key that had to wait for a few of them would be late.
"""

import asyncio
import time
from typing import Final

PAUSE_SECONDS: Final = 0.15
"""How long background work waits after a key: longer than a key and its frame take, shorter than between two words."""

LONGEST_WAIT_SECONDS: Final = 3.0
"""How long a step waits at most: while a key is held, a sync becomes slow and does not stop."""


class OperatorActivity:
    """When the operator pressed the last key. All methods are called in one event loop."""

    def __init__(self) -> None:
        self._quiet_from = 0.0

    def note_key(self) -> None:
        """A key was pressed, or a text pasted."""
        self._quiet_from = time.monotonic() + PAUSE_SECONDS

    async def wait_for_pause(self) -> None:
        """Returns once no key was pressed for PAUSE_SECONDS, after LONGEST_WAIT_SECONDS in any case."""
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while (left := min(self._quiet_from, deadline) - time.monotonic()) > 0:  # noqa: ASYNC110 - each key moves the end
            await asyncio.sleep(left)
