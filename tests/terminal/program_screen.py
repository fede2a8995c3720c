"""A running program and the screen of the terminal that it runs in."""

import codecs
import time
from collections.abc import Callable

from tests.cli.terminals import Terminal
from tests.terminal.emulator import Emulator

_TIMEOUT_SECONDS = 60
_STEP_SECONDS = 0.1


class ProgramScreen:
    """The terminal, and an emulator that shows what the program has written to it."""

    def __init__(self, terminal: Terminal, *, ambiguous_cells: int = 1) -> None:
        self.terminal = terminal
        self._emulator = Emulator(ambiguous_cells=ambiguous_cells)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._read = 0

    @property
    def text(self) -> str:
        output = self.terminal.output
        self._emulator.feed(self._decoder.decode(output[self._read :]))
        self._read = len(output)
        return self._emulator.text

    def take_replies(self) -> str:
        """The emulator's replies to the program since the last call; nothing sends them to the program."""
        assert self.text
        return self._emulator.take_replies()

    @property
    def is_plain(self) -> bool:
        return self._emulator.is_plain

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.text
            self.terminal.rest(_STEP_SECONDS)

    def wait_for(self, *texts: str) -> str:
        """Waits until all `texts` are on the screen; returns its whole text."""
        self.wait_until(lambda: all(text in self.text for text in texts))
        return self.text

    def overwrite(self) -> None:
        """Writes over the screen, as another program does that writes to the same terminal."""
        assert "overwritten" not in self.text
        self._emulator.feed("\x1b[H" + "overwritten " * 120)

    def resize(self, columns: int, lines: int) -> None:
        self._emulator.resize(columns, lines)
        self.terminal.resize(columns, lines)
