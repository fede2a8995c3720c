"""A start of the program in a terminal whose screen is looked at."""

import codecs
import time
from collections.abc import Callable

from tests.cli.terminals import Terminal
from tests.terminal.emulator import Emulator

_PATIENCE_SECONDS = 60
_STEP_SECONDS = 0.1


class ObservableMedium:
    """The terminal and what it shows."""

    def __init__(self, shown: Terminal, *, ambiguous_cells: int = 1) -> None:
        self.terminal = shown
        self._emulator = Emulator(ambiguous_cells=ambiguous_cells)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._read = 0

    @property
    def text(self) -> str:
        output = self.terminal.output
        self._emulator.feed(self._decoder.decode(output[self._read :]))
        self._read = len(output)
        return self._emulator.text

    def answers(self) -> str:
        """What the terminal has to say to what it was asked since this was called last."""
        assert self.text
        return self._emulator.answers()

    @property
    def plain(self) -> bool:
        return self._emulator.plain

    def waits(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.text
            self.terminal.rest(_STEP_SECONDS)

    def sees(self, *texts: str) -> str:
        self.waits(lambda: all(text in self.text for text in texts))
        return self.text

    def spoil(self) -> None:
        """Something else writes to the terminal."""
        assert "spoilt" not in self.text
        self._emulator.feed("\x1b[H" + "spoilt " * 200)

    def resize(self, columns: int, lines: int) -> None:
        self._emulator.resize(columns, lines)
        self.terminal.resize(columns, lines)
