"""Tracks what a terminal shows by what was written to it."""

from jiacha_tui.terminal.cells import Frame
from jiacha_tui.terminal.frame_diff import diff

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
"""Enter and leave the alternate screen, on which full-screen programs draw."""

BEGIN_SYNC_UPDATE, END_SYNC_UPDATE = "\x1b[?2026h", "\x1b[?2026l"
"""A terminal that supports synchronized updates shows what is written between them at once, at the end."""

_LONG_OUTPUT = 512
"""Bytes. A longer change could be seen half drawn."""


class TerminalState:
    """Makes the output for each frame from the frame before it.

    `supports_sync_updates` is set once the terminal is known to support synchronized updates.
    """

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._is_entered = False
        self.supports_sync_updates = False

    def show(self, frame: Frame) -> str:
        """Returns the output after which the terminal shows `frame`; "" outside of the alternate screen."""
        if not self._is_entered:
            return ""
        output = diff(self._frame, frame)
        self._frame = frame
        if self.supports_sync_updates and len(output) >= _LONG_OUTPUT:
            return f"{BEGIN_SYNC_UPDATE}{output}{END_SYNC_UPDATE}"
        return output

    def pass_through(self, sequence: str) -> str:
        """Returns `sequence`, which changes no cell unless it enters or leaves the alternate screen."""
        if sequence in (ENTER, LEAVE):
            self._is_entered = sequence == ENTER
            self.invalidate()
        return sequence

    def probe(self, sequence: str) -> str:
        """Returns `sequence`, which asks the terminal something and may change cells; "" outside of the alternate
        screen."""
        self.invalidate()
        return sequence if self._is_entered else ""

    def invalidate(self) -> str:
        """Something else may have drawn on the terminal: the next frame is written as a whole. Returns ""."""
        self._frame = None
        return ""
