"""Takes what Textual writes and passes it on to the terminal, as frames where possible."""

import re

from jiacha_tui.terminal.ambiguous_substitutes import narrow
from jiacha_tui.terminal.cells import Frame, blank_frame, resize
from jiacha_tui.terminal.frame_parser import apply_output
from jiacha_tui.terminal.output_thread import OutputThread
from jiacha_tui.terminal.style import UnsupportedOutput
from jiacha_tui.terminal.terminal_state import BEGIN_SYNC_UPDATE, END_SYNC_UPDATE

_CHANGES_NO_CELL = re.compile(
    r"(?:\x07"
    r"|\x1b\[[?<=>][0-9;]*\$?[A-Za-z]"  # modes and queries
    r"|\x1b[P\]][^\x07\x1b]*(?:\x07|\x1b\\)"  # clipboard, pointer
    r")+"
)


class FrameBuffer:
    """Draws Textual's output into a frame and shows it.

    Output that it does not understand goes to the terminal as it is, and so does everything after it, because from then
    on it is not known what the terminal shows.
    """

    def __init__(self, output: OutputThread) -> None:
        self._output = output
        self._frame: Frame | None = blank_frame(0, 0)
        self._narrows_ambiguous = False

    def write(self, data: str, width: int, height: int) -> None:
        """Takes output that is meant for a terminal of `width` columns and `height` lines."""
        if self._frame is None:
            self._output.pass_through(data)
        elif data in (BEGIN_SYNC_UPDATE, END_SYNC_UPDATE):
            self._output.enable_sync_updates()
        elif _CHANGES_NO_CELL.fullmatch(data):
            self._output.pass_through(data)
        elif data:
            self._draw(self._frame, data, width, height)

    def redraw(self) -> None:
        """Writes the whole frame again."""
        if self._frame is not None and self._frame.rows:
            self._output.invalidate()
            self._show(self._frame)

    def probe(self, sequence: str) -> None:
        """Writes a sequence that the terminal answers. It may change cells: the next frame is written as a whole."""
        if self._frame is not None:
            self._output.probe(sequence)

    def set_ambiguous_cells(self, cells: int) -> None:
        """Draws for a terminal that gives ambiguous characters `cells` cells, one or two."""
        narrows = cells > 1
        if narrows != self._narrows_ambiguous:
            self._narrows_ambiguous = narrows
            self.redraw()

    def _draw(self, frame: Frame, data: str, width: int, height: int) -> None:
        try:
            self._frame = apply_output(resize(frame, width, height), data)
        except UnsupportedOutput:
            self._frame = None
            self._output.pass_through(data)
        else:
            self._show(self._frame)

    def _show(self, frame: Frame) -> None:
        self._output.show(narrow(frame) if self._narrows_ambiguous else frame)
