"""Textual's driver for a terminal, with only the cells that changed written to it."""

import os
import shutil
import signal
import sys
from types import FrameType
from typing import Any

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from jiacha_tui.terminal.output import Output
from jiacha_tui.terminal.pictures import Pictures


class ChangesDriver(LinuxDriver):
    """Input, modes and signals are Textual's; what it writes goes through `Pictures`."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        terminal = sys.__stderr__
        if terminal is None:
            raise RuntimeError("a terminal is written to by its standard error")
        fileno = terminal.fileno()
        self._output = Output(lambda data: os.write(fileno, data), terminal.encoding)
        self._pictures = Pictures(self._output)

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
