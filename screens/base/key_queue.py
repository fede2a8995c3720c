"""Keys that were typed faster than the screen changes, or that came in one packet, each go where they were meant to.

Textual forwards a key to whatever has the focus when it arrives, without waiting for what the key before it does to
the focus. An operator who knows the way types on: password, Enter, space, Enter.
"""

import asyncio
import contextlib
from collections import deque

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump

_PATIENCE_SECONDS = 0.2
"""A key waits no longer than this for the one before it: something may be busy, or closing."""

_ROUNDS = 2
"""A node answers a key with a message to itself, which then goes on to its parent."""

_LAPS = 2
"""A key that no widget takes comes back to the application, whose answer then moves the focus in its own queue."""


class KeyQueue(App[int]):
    """Takes the next key once the one before it has been answered and the focus has gone where it sent it."""

    def __init__(self, *, ansi_color: bool = False) -> None:
        super().__init__(ansi_color=ansi_color)
        self._typed: deque[events.Key] = deque()
        """The first is being answered."""
        self._patience_ends = 0.0

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or event.is_forwarded or not self.screen_stack:
            await super().on_event(event)
            return
        self._typed.append(event)
        if len(self._typed) == 1:
            self.call_later(self._answer)

    async def _answer(self) -> None:
        self._patience_ends = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        await super().on_event(self._typed[0])
        await self._lap(_LAPS)

    async def _lap(self, left: int) -> None:
        """Lets everybody between the focus and the screen handle what they have, and then the application itself."""
        if not self.screen_stack:
            return  # the program ends
        node: DOMNode | None = self.focused or self.screen
        while node is not None and node is not self:
            for _ in range(_ROUNDS):
                await _idle(node, self._patience_ends)
            node = node.parent
        if left:
            self.call_later(self._lap, left - 1)
            return
        self._typed.popleft()
        if self._typed:
            self.call_later(self._answer)


async def _idle(node: MessagePump, until: float) -> None:
    """Returns when `node` has handled what was in its queue, or it is `until` by the loop's clock."""
    if not node.is_running:
        return
    handled = asyncio.Event()
    node.call_later(handled.set)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            await handled.wait()
