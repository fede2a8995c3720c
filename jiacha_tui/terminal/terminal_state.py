"""What a terminal shows, by what was written to it."""

from jiacha_tui.terminal.cells import Frame
from jiacha_tui.terminal.frame_diff import diff

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
"""The terminal's other screen, which full-screen programs draw on."""

BEGIN_SYNC_UPDATE, END_SYNC_UPDATE = "\x1b[?2026h", "\x1b[?2026l"
"""Between them a terminal that knows them shows nothing new."""

_LONG = 512
"""Bytes from which on a change could be seen half done."""


class TerminalState:
    """Makes the output for each frame from the one before."""

    def __init__(self) -> None:
        self._frame: Frame | None = None
        self._is_entered = False
        self.can_hold = False

    def show(self, frame: Frame) -> str:
        """What makes the terminal show `frame`: nothing while its other screen is not entered."""
        if not self._is_entered:
            return ""
        output = diff(self._frame, frame)
        self._frame = frame
        return f"{BEGIN_SYNC_UPDATE}{output}{END_SYNC_UPDATE}" if self.can_hold and len(output) >= _LONG else output

    def passed_on(self, sequence: str) -> str:
        """`sequence`, which changes no cell unless it enters or leaves the other screen."""
        if sequence in (ENTER, LEAVE):
            self._is_entered = sequence == ENTER
            self.forget()
        return sequence

    def asked(self, question: str) -> str:
        """`question`, which may write over what is shown: nothing while the other screen is not entered."""
        self.forget()
        return question if self._is_entered else ""

    def forget(self) -> str:
        """Somebody else may have drawn on the terminal: the next frame is written as a whole."""
        self._frame = None
        return ""
