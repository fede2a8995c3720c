"""Writes to the terminal in a thread, so that a slow line delays only what is seen, not the program."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeAlias

from jiacha_tui.terminal.cells import Frame
from jiacha_tui.terminal.terminal_state import TerminalState

_STOP_TIMEOUT_SECONDS = 5.0

_Queue: TypeAlias = "SimpleQueue[Callable[[], str] | None]"
"""Functions that return what to write, in order. None ends the thread."""


class OutputThread:
    """Writes sequences and frames in the order of the calls.

    While the line is busy only the newest frame waits; the frames before it are never sent. No method takes a lock, so
    that a signal handler may call it too.
    """

    def __init__(self, write: Callable[[bytes], int], encoding: str = "utf-8") -> None:
        """`write` takes as many bytes as it can and returns how many. It raises OSError once the terminal is gone."""
        self._write = write
        self._encoding = encoding
        self._state = TerminalState()
        self._queue: _Queue = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._newest_frame: Frame | None = None
        self._is_frame_queued = False

    def start(self) -> None:
        """Starts the thread. It can be started again after `stop`."""
        self._thread = threading.Thread(target=self._run, args=(self._queue,), name="terminal-output", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when everything is written, or after five seconds in which the terminal took nothing."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(_STOP_TIMEOUT_SECONDS)
            if not self._thread.is_alive() and not self._queue.empty():
                # It has failed. A new thread shows no frame, but still leaves the screen.
                self._state = TerminalState()
                self.start()
                self._thread.join(_STOP_TIMEOUT_SECONDS)
            if self._thread.is_alive():
                self._queue, self._is_frame_queued = SimpleQueue(), False  # what is left is never written
            self._thread = None

    def pass_through(self, sequence: str) -> None:
        """Writes a sequence that changes no cell, or whose effect is not known."""
        self._is_frame_queued = False  # a frame that comes after this is shown after it
        self._queue.put(lambda: self._state.pass_through(sequence))

    def show(self, frame: Frame) -> None:
        """Shows `frame` as soon as the line is free.

        Raises RuntimeError if the thread has failed, so that the operator does not work with a frozen screen.
        """
        if self._thread is not None and not self._thread.is_alive():
            raise RuntimeError("the thread that writes to the terminal has failed")
        self._newest_frame = frame
        if not self._is_frame_queued:
            self._is_frame_queued = True
            self._queue.put(self._show_newest_frame)

    def probe(self, sequence: str) -> None:
        """Writes a sequence that the terminal answers. It may change cells: the next frame is written as a whole."""
        self._is_frame_queued = False
        self._queue.put(lambda: self._state.probe(sequence))

    def invalidate(self) -> None:
        """Something else may have drawn on the terminal: the next frame is written as a whole."""
        self._queue.put(self._state.invalidate)

    def enable_sync_updates(self) -> None:
        """From here on long changes are written as synchronized updates, which the terminal shows at once."""
        self._state.supports_sync_updates = True

    def _show_newest_frame(self) -> str:
        self._is_frame_queued = False
        frame = self._newest_frame
        return "" if frame is None else self._state.show(frame)

    def _run(self, queue: _Queue) -> None:
        is_gone = False
        while (make_output := queue.get()) is not None and queue is self._queue:
            output = make_output().encode(self._encoding, "replace")
            try:
                while output and not is_gone and queue is self._queue:
                    output = output[self._write(output) :]
            except OSError:
                is_gone = True
