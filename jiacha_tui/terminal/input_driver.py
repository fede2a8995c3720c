"""Reads what is typed and keeps none of it, for a PIN is typed too."""

import codecs
import os
import selectors
import signal
import time
from collections.abc import Iterator
from typing import Any, Final

from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from jiacha_tui.terminal.escape_buffer import EscapeBuffer

_AT_ONCE: Final = 4096
"""Bytes that are read at once."""

_LOOK_UP: Final = 0.1
"""Seconds after which an Escape that nothing followed is one, and the end of the program is noticed."""

_NOTHING_PASTED: Final = "\x1b[200~\x1b[201~"


class InputDriver(LinuxDriver):
    """Textual's own driver, which would leave what it read in memory that it has freed, and keep the last paste."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._held_back = EscapeBuffer()

    def run_input_thread(self) -> None:
        # What is no UTF-8, as a terminal sends that is set to GBK, is a character that nobody takes, not the end.
        parser, decoder = XTermParser(debug=False), codecs.getincrementaldecoder("utf-8")("replace")
        room = bytearray(_AT_ONCE)
        with selectors.SelectSelector() as terminal:
            terminal.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if terminal.select(_LOOK_UP):
                    length = self._read(room)
                    if not length:
                        signal.raise_signal(signal.SIGHUP)  # as a terminal does that is closed
                        return
                    typed = self._held_back.typed(decoder.decode(room[:length]), time.monotonic())
                    for message in messages(parser, typed):
                        self.process_message(message)
                    del typed
                    room[:length] = bytes(length)
                overdue = self._held_back.overdue(time.monotonic())
                for message in (*parser.tick(), *messages(parser, overdue)):
                    self.process_message(message)

    def _read(self, room: bytearray) -> int:
        """How many bytes are in `room` now; none where the terminal has gone."""
        try:
            return os.readv(self.fileno, [room])
        except OSError:
            return 0


def messages(parser: XTermParser, typed: str) -> Iterator[Message]:
    """What `typed` means. `parser` holds the text of the last paste until the next one, so it is given an empty one."""
    if not typed:
        return  # the first half of a character; to the parser it would be the end
    for message in parser.feed(typed):
        yield message
        if isinstance(message, events.Paste):
            for _nothing in parser.feed(_NOTHING_PASTED):
                pass
