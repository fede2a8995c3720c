"""Feeds two terminals and compares them: one gets all that Textual writes, the other only the cells that changed.

What Textual writes may itself lack something, so both are also compared with a picture that is drawn at once.
"""

from typing import Any

from textual._context import visible_screen_stack
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

from jiacha_tui.terminal.cells import Frame, split_into_cells
from jiacha_tui.terminal.frame_buffer import FrameBuffer
from jiacha_tui.terminal.frame_parser import apply_output
from jiacha_tui.terminal.output_thread import OutputThread
from jiacha_tui.terminal.style import PLAIN, UnsupportedOutput
from jiacha_tui.terminal.terminal_state import ENTER
from tests.terminal.emulator import DisplayedCell, Emulator, is_ambiguous

_WRITES_PER_COMPARISON = (1, 3, 1, 2, 9)
"""After how many writes the second terminal catches up, in turn: on a slow line frames are left out."""

_UNTOUCHED = "\ue000"
"""A character that is on no screen."""


class ComparingDriver(HeadlessDriver):
    """Compares the two terminals whenever the second one has caught up.

    `difference` describes the first difference, "" while there is none. `is_comparing` is False from a change of size
    until the whole screen was drawn in it.
    """

    is_headless = False

    def __init__(self, app: App[Any], *, size: tuple[int, int] | None = None, **options: Any) -> None:
        super().__init__(app, size=size, **options)
        assert size is not None
        self.full_terminal, self.diff_terminal = Emulator(*size), Emulator(*size)
        self.full_bytes = self.diff_bytes = 0
        self.comparisons = 0
        self.difference = ""
        self._output = OutputThread(self._take)
        self._frame_buffer = FrameBuffer(self._output)
        self._writes = 0
        self.is_comparing = True

    def start_application_mode(self) -> None:
        self.write(ENTER)
        super().start_application_mode()

    def write(self, data: str) -> None:
        self.full_terminal.feed(data)
        self.full_bytes += len(data.encode())
        self._frame_buffer.write(data, *self._app.size)
        self._writes += 1
        if not self.is_comparing:
            self.is_comparing = self._covers_screen(data)
        elif self._writes >= _WRITES_PER_COMPARISON[self.comparisons % len(_WRITES_PER_COMPARISON)]:
            self.compare()

    def resize(self, columns: int, lines: int) -> None:
        """Changes the size of both terminals, as a user does by pulling at the window.

        Until Textual has drawn the whole screen in the new size, the terminals show different remains of the old one.
        """
        self.full_terminal.resize(columns, lines)
        self.diff_terminal.resize(columns, lines)
        self._output.invalidate()
        self.is_comparing = False

    def compare(self) -> None:
        """Lets the second terminal catch up, compares all cells, and keeps the first difference."""
        self._output.start()
        self._output.stop()
        self._writes = 0
        self.comparisons += 1
        for row, (full, diff) in enumerate(zip(self.full_terminal.rows, self.diff_terminal.rows, strict=True)):
            if full != diff and not self.difference:
                pairs = enumerate(zip(full, diff, strict=True))
                if different := [(row, column, *pair) for column, pair in pairs if not self._is_alike(*pair)]:
                    self.difference = f"{different}\n{self.full_terminal.text}\n{self.diff_terminal.text}"

    def missing(self) -> str:
        """Where the first terminal differs from the current screen as a whole, "" where it does not.

        A widget that has changed is drawn a little later, so a difference counts only if it stays.
        """
        visible_screen_stack.set(self._app._background_screens)
        columns, lines = self._app.size
        whole = Emulator(columns, lines)
        for line, strip in enumerate(self._app.screen._compositor.render_strips(), 1):
            whole.feed(f"\x1b[{line};1H{strip.render(self._app.console)}")
        if whole.rows == self.full_terminal.rows:
            return ""
        return f"{whole.text}\n{self.full_terminal.text}"

    def _covers_screen(self, data: str) -> bool:
        """Whether `data` writes every cell of the terminals."""
        rows = self.full_terminal.rows
        untouched = Frame((split_into_cells(_UNTOUCHED * len(rows[0]), PLAIN),) * len(rows))
        try:
            frame = apply_output(untouched, data)
        except UnsupportedOutput:
            return False
        return all(cell.text != _UNTOUCHED for row in frame.rows for cell in row)

    def _is_alike(self, full: DisplayedCell, diff: DisplayedCell) -> bool:
        return full == diff

    def _take(self, output: bytes) -> int:
        self.diff_terminal.feed(output.decode())
        self.diff_bytes += len(output)
        return len(output)


class WideComparingDriver(ComparingDriver):
    """The second terminal gives ambiguous characters two cells and has to be sent narrow substitutes.

    `substituted` collects the characters that were replaced.
    """

    def __init__(self, app: App[Any], *, size: tuple[int, int] | None = None, **options: Any) -> None:
        super().__init__(app, size=size, **options)
        assert size is not None
        self.diff_terminal = Emulator(*size, ambiguous_cells=2)
        self.substituted: set[str] = set()
        self._frame_buffer.set_ambiguous_cells(2)

    def _is_alike(self, full: DisplayedCell, diff: DisplayedCell) -> bool:
        if not is_ambiguous(full.text):
            return full == diff
        self.substituted.add(full.text)
        is_narrow = len(diff.text) == 1 and diff.text.isascii()
        return is_narrow and _without_underline(full) == _without_underline(diff)


def _without_underline(cell: DisplayedCell) -> tuple[Any, ...]:
    return tuple(attribute for attribute in cell.style if attribute[0] != "underscore")
