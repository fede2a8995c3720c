"""Reads what the user types and keeps none of it in memory, because a PIN is typed too."""

import codecs
import os
import selectors
import signal
import termios
import time
import tty
from typing import Any, Final

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from jiacha_tui.terminal.burst import GAP_SECONDS, NEXT_GAP_SECONDS, gather_seconds
from jiacha_tui.terminal.input_parser import InputParser
from jiacha_tui.terminal.sequences import bounded_size

_BUFFER_BYTES: Final = 4096

_POLL_SECONDS: Final = 0.1
"""After this long without input a lone Escape is taken for the key, and the end of the program is noticed."""

_ESCAPE: Final = b"\x1b"

_NO_MOUSE_PIXELS: Final = "\x1b[?1016l"


class InputDriver(LinuxDriver):
    """Textual's driver, except that it overwrites what it has read.

    Textual's own input thread leaves typed text in freed memory, and its parser keeps the last paste. The size of the
    terminal is bounded, wherever it is reported.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._size = size or self._get_terminal_size()
        self._input_parser = InputParser()
        self._is_in_application_mode = False

    def start_application_mode(self) -> None:
        self._is_in_application_mode = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self.attrs_before is not None:
            # The program was started without echo, but what is typed while it is suspended is for the shell.
            self.attrs_before[tty.LFLAG] |= termios.ECHO

    def stop_application_mode(self) -> None:
        self._is_in_application_mode = False
        if self._mouse_pixels:
            self.write(_NO_MOUSE_PIXELS)  # Textual switches them on and never off
        super().stop_application_mode()

    def close(self) -> None:
        """Leaves the terminal clean, also after an error between start and stop."""
        if self._is_in_application_mode:
            self.stop_application_mode()
        super().close()

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.Resize):
            columns, lines = bounded_size(*message.size)
            message = events.Resize.from_dimensions((columns, lines), message.pixel_size)
        super().process_message(message)

    def _get_terminal_size(self) -> tuple[int, int]:
        return bounded_size(*super()._get_terminal_size())

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:  # noqa: BLE001 - the application ends and reports it; a thread has no caller
            self._app.call_later(self._app._handle_exception, error)

    def run_input_thread(self) -> None:
        # A terminal set to GBK sends bytes that are not UTF-8. They become replacement characters, not an error.
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        buffer = bytearray(_BUFFER_BYTES)
        with selectors.SelectSelector() as terminal:
            terminal.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if terminal.select(_POLL_SECONDS):
                    length = self._read(memoryview(buffer))
                    if not length:
                        signal.raise_signal(signal.SIGHUP)  # as if the terminal had hung up
                        return
                    length = self._gather(terminal, buffer, length)
                    for message in self._input_parser.feed(decoder.decode(buffer[:length]), time.monotonic()):
                        self.process_message(message)
                    buffer[:length] = bytes(length)
                for message in self._input_parser.tick(time.monotonic()):
                    self.process_message(message)

    def _gather(self, terminal: selectors.BaseSelector, buffer: bytearray, length: int) -> int:
        """Adds to the `length` bytes what follows at once, and returns how many there are then.

        A slow line brings a paste in small parts, which are told from keys only together.
        """
        room = memoryview(buffer)
        begin = time.monotonic()
        while length < len(buffer) and buffer.find(_ESCAPE, 0, length) < 0:
            if time.monotonic() - begin >= gather_seconds(room[:length]):
                break
            is_one = length == 1 or not buffer[:1].isascii()
            if not terminal.select(GAP_SECONDS if is_one else NEXT_GAP_SECONDS):
                break
            more = self._read(room[length:])
            if not more:
                break  # the next read finds it too
            length += more
        return length

    def _read(self, buffer: memoryview) -> int:
        """Returns how many bytes were read into `buffer`, 0 if the terminal is gone."""
        try:
            return os.readv(self.fileno, [buffer])
        except OSError:
            return 0
