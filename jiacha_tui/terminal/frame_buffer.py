"""What Textual writes, on its way to the terminal."""

import re

from jiacha_tui.terminal.ambiguous import narrow
from jiacha_tui.terminal.cells import Frame, blank_frame, resized
from jiacha_tui.terminal.frame_parser import apply
from jiacha_tui.terminal.output_thread import OutputThread
from jiacha_tui.terminal.problems import UnsupportedOutput
from jiacha_tui.terminal.terminal_state import BEGIN_SYNC_UPDATE, END_SYNC_UPDATE

_ASIDE = re.compile(
    r"(?:\x07"
    r"|\x1b\[[?<=>][0-9;]*\$?[A-Za-z]"  # modes and questions
    r"|\x1b[P\]][^\x07\x1b]*(?:\x07|\x1b\\)"  # clipboard, pointer
    r")+"
)
"""Sequences that change no cell."""


class FrameBuffer:
    """Draws into a picture of the screen and has that shown.

    What it does not understand goes on unchanged, and so does all that follows: it no longer knows what is seen.
    """

    def __init__(self, output: OutputThread) -> None:
        self._output = output
        self._frame: Frame | None = blank_frame(0, 0)
        self._only_one_cell = False

    def write(self, data: str, width: int, height: int) -> None:
        """Takes what was written for a terminal of that size."""
        if self._frame is None:
            self._output.pass_on(data)
        elif data in (BEGIN_SYNC_UPDATE, END_SYNC_UPDATE):
            self._output.hold_changes()
        elif _ASIDE.fullmatch(data):
            self._output.pass_on(data)
        elif data:
            self._draw(self._frame, data, width, height)

    def redraw(self) -> None:
        """Writes the whole picture anew."""
        if self._frame is not None and self._frame.rows:
            self._output.forget()
            self._show(self._frame)

    def ask(self, question: str) -> None:
        """Asks the terminal something; what the question writes over has to be drawn anew."""
        if self._frame is not None:
            self._output.ask(question)

    def give_ambiguous(self, cells: int) -> None:
        """Draws for a terminal that gives ambiguous characters one or two cells."""
        is_news = self._only_one_cell != (cells > 1)
        self._only_one_cell = cells > 1
        if is_news:
            self.redraw()

    def _draw(self, frame: Frame, data: str, width: int, height: int) -> None:
        try:
            self._frame = apply(resized(frame, width, height), data)
        except UnsupportedOutput:
            self._frame = None
            self._output.pass_on(data)
        else:
            self._show(self._frame)

    def _show(self, frame: Frame) -> None:
        self._output.show(narrow(frame) if self._only_one_cell else frame)
