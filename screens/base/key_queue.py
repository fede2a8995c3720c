"""Handles keys one after the other, so that each goes to the widget that has the focus after the key before it.

Keys that are pressed while no screen can take them, before the first one is there and between two, are kept.

Textual forwards a key to the widget that has the focus when the key arrives, without waiting until the key before it
has moved the focus. Operators type ahead (PIN, Enter, space, Enter), and several keys may arrive in one packet.
"""

import asyncio
import contextlib
from collections import deque

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump

_TIMEOUT_SECONDS = 0.2
"""A key waits at most so long for the one before it: a widget may be busy, or about to close."""

_ROUNDS = 2
"""How often the queue of a widget is emptied: the key posts a message to the widget, which then goes to its parent."""

_LAPS = 2
"""How often all widgets are visited: a key that no widget handles comes back to the application, which may then move
the focus with a message in its own queue."""


_STEP_SECONDS = 0.02
"""The interval between two checks whether a screen can take keys."""


class KeyQueue(App[int]):
    """Handles a key, or a paste, once the one before it has been handled and the focus has moved."""

    def __init__(self, *, ansi_color: bool = False) -> None:
        super().__init__(ansi_color=ansi_color)
        self._typed: deque[events.Key | events.Paste] = deque()
        """The first is being handled."""
        self._deadline = 0.0

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not self.screen_stack:
            return  # the program ends, and a key is still on its way
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if len(self._typed) == 1:
            self.call_later(self._handle)

    @property
    def takes_keys(self) -> bool:
        """Whether there is a screen whose widgets are mounted."""
        return bool(self.screen_stack) and self.screen.is_mounted

    def key_begins(self) -> None:
        """Called before a key is handled."""

    def keys_handled(self) -> None:
        """Called when no key is left."""

    async def _handle(self) -> None:
        if not self.takes_keys:
            self.set_timer(_STEP_SECONDS, self._handle)
            return
        self.key_begins()
        self._deadline = asyncio.get_running_loop().time() + _TIMEOUT_SECONDS
        await super().on_event(self._typed[0])
        await self._visit_widgets(_LAPS)

    async def _visit_widgets(self, left: int) -> None:
        """Waits until the focused widget, those around it and the application have emptied their message queues."""
        if not self.screen_stack:
            return  # the program ends
        node: DOMNode | None = self.focused or self.screen
        while node is not None and node is not self:
            for _ in range(_ROUNDS):
                await _wait_until_idle(node, self._deadline)
            node = node.parent
        if left:
            self.call_later(self._visit_widgets, left - 1)
            return
        self._typed.popleft()
        if self._typed:
            self.call_later(self._handle)
        else:
            self.keys_handled()


async def _wait_until_idle(node: MessagePump, until: float) -> None:
    """Waits until `node` has handled what was in its queue, at most to the time `until` of the event loop."""
    if not node.is_running:
        return
    handled = asyncio.Event()
    node.call_later(handled.set)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            await handled.wait()
