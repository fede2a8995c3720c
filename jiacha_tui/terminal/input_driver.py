"""Reads what the user types and keeps none of it in memory, because a PIN is typed too."""

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

_BUFFER_BYTES: Final = 4096

_POLL_SECONDS: Final = 0.1
"""After this long without input a lone Escape is taken for the key, and the end of the program is noticed."""

_EMPTY_PASTE: Final = "\x1b[200~\x1b[201~"


class InputDriver(LinuxDriver):
    """Textual's driver, except that it overwrites what it has read.

    Textual's own input thread leaves typed text in freed memory, and its parser keeps the last paste.
    """

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._escape_buffer = EscapeBuffer()

    def run_input_thread(self) -> None:
        # A terminal set to GBK sends bytes that are not UTF-8. They become replacement characters, not an error.
        parser, decoder = XTermParser(debug=False), codecs.getincrementaldecoder("utf-8")("replace")
        buffer = bytearray(_BUFFER_BYTES)
        with selectors.SelectSelector() as terminal:
            terminal.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if terminal.select(_POLL_SECONDS):
                    length = self._read(buffer)
                    if not length:
                        signal.raise_signal(signal.SIGHUP)  # as if the terminal had hung up
                        return
                    text = self._escape_buffer.feed(decoder.decode(buffer[:length]), time.monotonic())
                    for message in parse_input(parser, text):
                        self.process_message(message)
                    del text
                    buffer[:length] = bytes(length)
                overdue = self._escape_buffer.take_overdue(time.monotonic())
                for message in (*parser.tick(), *parse_input(parser, overdue)):
                    self.process_message(message)

    def _read(self, buffer: bytearray) -> int:
        """Returns how many bytes were read into `buffer`, 0 if the terminal is gone."""
        try:
            return os.readv(self.fileno, [buffer])
        except OSError:
            return 0


def parse_input(parser: XTermParser, text: str) -> Iterator[Message]:
    """Yields the messages that `text` means.

    `parser` keeps the text of a paste until the next paste, so it is fed an empty one afterwards.
    """
    if not text:
        return  # the first bytes of a character; to the parser an empty text would mean the end of input
    for message in parser.feed(text):
        yield events.Key("enter", "\r") if _is_early_enter(message) else message
        if isinstance(message, events.Paste):
            for _empty_paste in parser.feed(_EMPTY_PASTE):
                pass


def _is_early_enter(message: Message) -> bool:
    """Whether this is Enter pressed before the program had set its terminal up, which then turned it into Ctrl+J."""
    return isinstance(message, events.Key) and message.key == "ctrl+j"
