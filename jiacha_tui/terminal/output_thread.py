"""Writes to a terminal from a thread of its own, so that a slow line holds up nothing but what is seen."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeAlias

from jiacha_tui.terminal.cells import Frame
from jiacha_tui.terminal.terminal_state import TerminalState

_PATIENCE_SECONDS = 5.0

_Steps: TypeAlias = "SimpleQueue[Callable[[], str] | None]"


class OutputThread:
    """What is to be written, in order. While the line is busy one frame waits, the newest; older ones are not sent.

    Nothing here takes a lock, so that a signal's handler may call it too.
    """

    def __init__(self, write: Callable[[bytes], int], encoding: str = "utf-8") -> None:
        """`write` takes as many of the bytes as it can and says how many; OSError means that nobody reads any more."""
        self._write = write
        self._encoding = encoding
        self._shown = TerminalState()
        self._steps: _Steps = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._newest: Frame | None = None
        self._is_asked = False

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, args=(self._steps,), name="terminal-output", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when all is written, or the terminal has taken nothing for too long."""
        if self._thread is not None:
            if not self._thread.is_alive():
                self._shown = TerminalState()  # it shows nothing more, and the terminal is left as it should be
                self.start()
            self._steps.put(None)
            self._thread.join(_PATIENCE_SECONDS)
            if self._thread.is_alive():
                self._steps, self._is_asked = SimpleQueue(), False  # should it go on one day, it leaves the rest out
            self._thread = None

    def pass_on(self, sequence: str) -> None:
        """What changes no cell, or is not understood."""
        self._is_asked = False  # a frame that comes after this is shown after it
        self._steps.put(lambda: self._shown.passed_on(sequence))

    def show(self, frame: Frame) -> None:
        """Raises RuntimeError where the thread has failed: nobody should work before a screen that stands still."""
        if self._thread is not None and not self._thread.is_alive():
            raise RuntimeError("what writes to the terminal has failed")
        self._newest = frame
        if not self._is_asked:
            self._is_asked = True
            self._steps.put(self._show_newest)

    def ask(self, question: str) -> None:
        """What the terminal answers by input. It may change cells: the next frame is written as a whole."""
        self._is_asked = False
        self._steps.put(lambda: self._shown.asked(question))

    def forget(self) -> None:
        """The next frame is written as a whole."""
        self._steps.put(self._shown.forget)

    def hold_changes(self) -> None:
        """The terminal can be told to show a long change only when it is whole."""
        self._shown.can_hold = True

    def _show_newest(self) -> str:
        self._is_asked = False
        frame = self._newest
        return "" if frame is None else self._shown.show(frame)

    def _run(self, steps: _Steps) -> None:
        is_gone = False
        while (step := steps.get()) is not None and steps is self._steps:
            rest = step().encode(self._encoding, "replace")
            try:
                while rest and not is_gone and steps is self._steps:
                    rest = rest[self._write(rest) :]
            except OSError:
                is_gone = True
