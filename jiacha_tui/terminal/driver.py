"""Textual's driver for a terminal, with only the cells that changed written to it."""

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

from jiacha_tui.terminal.ambiguous_width import QUESTION, answered
from jiacha_tui.terminal.frame_buffer import FrameBuffer
from jiacha_tui.terminal.input_driver import InputDriver
from jiacha_tui.terminal.output_thread import OutputThread


class DiffDriver(InputDriver):
    """Modes and signals are Textual's; what it writes goes through `Pictures`."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        terminal = sys.__stderr__
        if terminal is None:
            raise RuntimeError("a terminal is written to by its standard error")
        fileno = terminal.fileno()
        self._output = OutputThread(lambda data: os.write(fileno, data), terminal.encoding)
        self._pictures = FrameBuffer(self._output)

    def write(self, data: str) -> None:
        self._pictures.write(data, *self._app.size)

    def redraw(self) -> None:
        """Writes the whole screen anew."""
        self._pictures.redraw()

    def start_application_mode(self) -> None:
        self._output.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._hear_of_resizing()
        self.redraw()  # after a suspension Textual itself draws only what changes then

    def close(self) -> None:
        self._output.stop()
        super().close()

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.Resize):
            self._output.forget()
        super().process_message(message)

    def _hear_of_resizing(self) -> None:
        """What a terminal does to its cells when its size changes is its own affair."""
        heard = signal.getsignal(signal.SIGWINCH)

        def hear(number: int, frame: FrameType | None) -> None:
            if tuple(shutil.get_terminal_size()) == tuple(self._app.size):
                self.redraw()  # it changed and changed back, and Textual has nothing to draw
            else:
                self._output.forget()
            if callable(heard):
                heard(number, frame)

        signal.signal(signal.SIGWINCH, hear)


class WideDiffDriver(DiffDriver):
    """For a terminal of which it is known that it gives ambiguous characters two cells."""

    def start_application_mode(self) -> None:
        self._pictures.give_ambiguous(2)
        super().start_application_mode()


class ProbingDriver(DiffDriver):
    """Asks the terminal, and goes by one cell until it answers. Asks again whenever everything is written anew."""

    def redraw(self) -> None:
        self._held_back.asked(time.monotonic())
        self._pictures.ask(QUESTION)
        super().redraw()

    def process_message(self, message: Message) -> None:
        """Takes what the terminal tells of its cursor: no screen asks for it."""
        if not isinstance(message, events.CursorPosition):
            super().process_message(message)
        elif (cells := answered(message)) is not None:
            self._held_back.answered()
            self._loop.call_soon_threadsafe(self._pictures.give_ambiguous, cells)
