"""Drivers for Textual that write only the cells that changed."""

import os
import shutil
import signal
import sys
import time
from types import FrameType
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message

from jiacha_tui.terminal.frame_buffer import FrameBuffer
from jiacha_tui.terminal.input_driver import InputDriver
from jiacha_tui.terminal.output_thread import OutputThread
from jiacha_tui.terminal.width_probe import PROBE, ambiguous_cells


class DiffDriver(InputDriver):
    """Takes modes and signals from Textual's driver; everything that is written goes through a `FrameBuffer`."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        terminal = sys.__stderr__
        if terminal is None:
            raise RuntimeError("the program has no standard error to write to")
        fileno = terminal.fileno()
        # Another program may have left the terminal without blocking, and then a full line would look like a lost one.
        os.set_blocking(fileno, True)
        self._output = OutputThread(lambda data: os.write(fileno, data), terminal.encoding)
        self._frame_buffer = FrameBuffer(self._output)

    def write(self, data: str) -> None:
        self._frame_buffer.write(data, *self._app.size)

    def redraw(self) -> None:
        """Writes the whole screen again."""
        self._frame_buffer.redraw()

    def start_application_mode(self) -> None:
        self._output.start()
        super().start_application_mode()
        self._wrap_resize_handler()
        self.redraw()  # after a suspension Textual itself draws only what changes later

    def close(self) -> None:
        super().close()
        self._output.stop()

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.Resize):
            self._output.invalidate()
        super().process_message(message)

    def _wrap_resize_handler(self) -> None:
        """Writes the whole screen after each resize: terminals differ in what they do to their cells then."""
        textual_handler = signal.getsignal(signal.SIGWINCH)

        def handle(number: int, frame: FrameType | None) -> None:
            if tuple(shutil.get_terminal_size()) == tuple(self._app.size):
                self.redraw()  # the size changed and changed back, and Textual has nothing to draw
            else:
                self._output.invalidate()
            if callable(textual_handler):
                textual_handler(number, frame)

        signal.signal(signal.SIGWINCH, handle)


class WideDiffDriver(DiffDriver):
    """For a terminal that is known to draw ambiguous characters in two cells."""

    def start_application_mode(self) -> None:
        self._frame_buffer.set_ambiguous_cells(2)
        super().start_application_mode()


class ProbingDriver(DiffDriver):
    """Asks the terminal how wide it draws ambiguous characters, and assumes one cell until it replies.

    It asks again whenever the whole screen is written.
    """

    def redraw(self) -> None:
        self._input_parser.expect_reply(time.monotonic())
        self._frame_buffer.probe(PROBE)
        super().redraw()

    def process_message(self, message: Message) -> None:
        """Takes each CursorPosition: no screen asks for one."""
        if not isinstance(message, events.CursorPosition):
            super().process_message(message)
        elif (cells := ambiguous_cells(message)) is not None:
            self._input_parser.reply_received()
            self._loop.call_soon_threadsafe(self._frame_buffer.set_ambiguous_cells, cells)
