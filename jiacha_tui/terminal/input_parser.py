"""Makes Textual's messages of what the terminal sends: typed keys, pastes, mouse and replies.

Textual's parser sees only plain characters and complete sequences that were checked (`sequences`), so nothing that a
terminal sends ends the program or is taken for typed keys. What is incomplete is held back, because on a slow line a
sequence may come in parts. Pastes are collected here and not by Textual's parser, which keeps the last one in memory
and waits for ever for the end of one. A paste without marks is found by what cannot have been typed (`burst`). Times
are seconds of a monotonic clock.
"""

import enum
import re
from typing import Final

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

from jiacha_tui.terminal.burst import MAX_TYPED_AT_ONCE, QUIET_SECONDS, BurstPaste, is_burst
from jiacha_tui.terminal.sequences import checked_sequence

MAX_PASTE_BYTES: Final = 1_000_000
"""A paste that is longer in UTF-8 is not used."""

HOLD_SECONDS: Final = 2.0
"""After this long without a byte a paste ends, and an incomplete sequence is dropped."""

MAX_HELD: Final = 256
"""The number of characters from which on an incomplete sequence is not kept any more."""

_REPLY_SECONDS: Final = 30.0
"""How long to expect a reply, so that a terminal that never replies does not slow the Escape key for ever."""

_ESCAPE: Final = "\x1b"
_PASTE_BEGIN: Final = "\x1b[200~"
_PASTE_END: Final = "\x1b[201~"

_STRING: Final = r"\x1b(?:\]\d|P[\d<=>!$+|]|_G)[^\x00-\x1f]*"
"""The beginning of a reply that is a string: OSC, DCS, or kitty's APC. Before other characters it is Alt with a key."""

_COMPLETE: Final = re.compile(
    r"\x1b\[(?:\[[^\x1b]|M[^\x1b]{3}|(?:3|7|8|2[34])\$|(?![M\[])[ -?]*[@-~])" rf"|{_STRING}(?:\x07|\x1b\\)"
)
"""A control sequence. Special forms: F1 to F5 of the Linux console, the oldest mouse reports, Shift in rxvt."""

_INCOMPLETE: Final = re.compile(rf"(?:\x1b(?:\[(?:\[|M[^\x1b]{{0,2}}|[ -?]*)?|[O\]P_])?|{_STRING}\x1b?)\Z")
_INTERRUPTED: Final = re.compile(rf"\x1b\[(?:M[^\x1b]{{0,2}}|\[|[ -?]*)|{_STRING}")
"""The beginning of a sequence, before a character that cannot belong to it."""

_ALT_KEY: Final = re.compile(r"\x1bO?[^\x1b]")
_REST_OF_SEQUENCE: Final = re.compile(r"[ -?]*(?:[@-~]|(?=[^ -~]))")
_REST_OF_STRING: Final = re.compile(r"[^\x00-\x1f]*(?:\x07|\x1b\\|(?=\x1b[^\\]|[\x00-\x06\x08-\x1a\x1c-\x1f]))")
_REST_OF_PASTE: Final = re.compile(r"[^\x1b]*(?:\x1b\[201~|(?=\x1b(?!(?:\[(?:2(?:0(?:1)?)?)?)?\Z)))")
"""Terminals remove Escape from pastes, so another sequence than the end mark is a key."""

_BEGINNING_OF_MARK: Final = re.compile(r"\x1b(?:\[(?:2(?:0(?:1)?)?)?)?\Z")


class PasteEnd(enum.Enum):
    """How a paste ended without its end mark."""

    UNFINISHED = enum.auto()
    """Nothing came for a while. What had come was pasted."""
    TOO_LONG = enum.auto()
    """Nothing of it was pasted."""
    LATE = enum.auto()
    """The rest of an unfinished one came after all. It was dropped."""


class PasteCut(Message):
    """A paste ended without its end mark."""

    def __init__(self, end: PasteEnd) -> None:
        super().__init__()
        self.end = end


class InputParser:
    """Keeps nothing of what it has passed on."""

    def __init__(self) -> None:
        self._parser = XTermParser(debug=False)
        self._fed_at = 0.0
        self._probed_at: float | None = None
        self._held = ""
        self._paste: str | None = None
        self._paste_bytes = 0
        self._paste_is_unfinished = False
        self._burst: str | None = None
        self._skipped: re.Pattern[str] | None = None

    def expect_reply(self, now: float) -> None:
        """The terminal was asked something at the time `now`."""
        self._probed_at = now

    def reply_received(self) -> None:
        """The reply has come: from now on an Escape is a key."""
        self._probed_at = None

    def feed(self, text: str, now: float) -> list[Message]:
        """The messages that can be made of `text` and of what was held back before it."""
        if not text:
            return []  # the first bytes of a character
        messages: list[Message] = []
        if self._held == _ESCAPE and now - self._fed_at >= ESCAPE_DELAY and not text.startswith("["):
            self._held = ""
            messages.append(_escape_key())
        if self._paste_is_unfinished:
            text = self._drop_late_rest(text, messages)
        text, self._held, self._fed_at = self._held + text, "", now
        while text:
            if self._skipped is not None:
                text = self._skip(text, self._skipped)
            elif self._paste is not None:
                text = self._collect_paste(self._paste + text, messages, len(text.encode()))
            else:
                text = self._take(text, messages)
        return messages

    def tick(self, now: float) -> list[Message]:
        """The messages of what has waited too long for its end. Has to be called several times a second."""
        messages: list[Message] = []
        quiet = now - self._fed_at
        if quiet >= QUIET_SECONDS:
            self._end_burst(messages)
        if quiet >= HOLD_SECONDS:
            if self._skipped is _REST_OF_PASTE:
                self._paste_is_unfinished = True
            self._skipped = None
            if self._paste is not None:
                messages += [_paste(self._paste), PasteCut(PasteEnd.UNFINISHED)]
                self._paste, self._paste_is_unfinished = None, True
        if self._held and self._skipped is None and quiet >= self._patience(now):
            held, self._held = self._held, ""
            if held == _ESCAPE:
                messages.append(_escape_key())
            elif len(held) == len("\x1b["):
                messages += self._alt_key(held[1])
        return messages

    def _patience(self, now: float) -> float:
        """The seconds that the rest of what is held back may take. The beginnings of keys are keys after a moment."""
        may_be_reply = self._probed_at is not None and now - self._probed_at < _REPLY_SECONDS
        if self._held in (_ESCAPE, "\x1b["):
            return HOLD_SECONDS if may_be_reply else ESCAPE_DELAY
        return ESCAPE_DELAY if len(self._held) == len("\x1bO") else HOLD_SECONDS

    def _take(self, text: str, messages: list[Message]) -> str:
        """Adds the messages of the beginning of `text`. Returns the rest."""
        escape = text.find(_ESCAPE)
        if escape:
            plain = text if escape < 0 else text[:escape]
            self._take_plain(plain, messages)
            return text[len(plain) :]
        self._end_burst(messages)
        if (complete := _COMPLETE.match(text)) is not None:
            self._take_sequence(complete[0], messages)
            return text[complete.end() :]
        if _INCOMPLETE.match(text) is not None:
            self._hold(text)
            return ""
        if (interrupted := _INTERRUPTED.match(text)) is not None:
            return text[interrupted.end() :]
        return text[self._take_alt_key(text, messages) :]

    def _take_plain(self, plain: str, messages: list[Message]) -> None:
        if self._burst is None and not is_burst(plain):
            messages += self._parse(plain)
        elif len(self._burst or "") <= MAX_PASTE_BYTES:
            self._burst = (self._burst or "") + plain

    def _end_burst(self, messages: list[Message]) -> None:
        burst, self._burst = self._burst, None
        if burst is None:
            return
        if len(burst.encode()) > MAX_PASTE_BYTES:
            messages.append(PasteCut(PasteEnd.TOO_LONG))
        else:
            messages.append(BurstPaste(burst.replace("\0", "")))

    def _take_sequence(self, sequence: str, messages: list[Message]) -> None:
        if sequence == _PASTE_BEGIN:
            self._paste, self._paste_bytes, self._paste_is_unfinished = "", 0, False
        elif checked := checked_sequence(sequence):
            messages += self._parse(checked)

    def _take_alt_key(self, text: str, messages: list[Message]) -> int:
        """Adds the keys that `text` begins with, an Escape. Returns the number of their characters."""
        key = _ALT_KEY.match(text)
        if key is None:  # another Escape follows
            messages.append(_escape_key())
            return len(_ESCAPE)
        if key[0] in ANSI_SEQUENCES_KEYS:
            messages += self._parse(key[0])
            return key.end()
        messages += self._alt_key(text[1])
        return len("\x1bx")

    def _hold(self, text: str) -> None:
        if len(text) <= MAX_HELD:
            self._held = text
        else:
            self._skipped = _REST_OF_SEQUENCE if text.startswith("\x1b[") else _REST_OF_STRING
            if text.endswith(_ESCAPE):  # it begins what ends the string, or is a key
                self._held = _ESCAPE

    def _collect_paste(self, paste: str, messages: list[Message], added_bytes: int) -> str:
        """`paste` is what has come since the begin mark. Returns what comes after the end mark."""
        known = len(self._paste or "")
        end = paste.find(_PASTE_END, max(0, known - len(_PASTE_END)))
        self._paste, self._paste_bytes = paste, self._paste_bytes + added_bytes
        if end < 0 and self._paste_bytes <= MAX_PASTE_BYTES:
            return ""
        self._paste = None
        content = paste if end < 0 else paste[:end]
        if end < 0 or len(content.encode()) > MAX_PASTE_BYTES:
            messages.append(PasteCut(PasteEnd.TOO_LONG))
        else:
            messages.append(_paste(content))
        if end >= 0:
            return paste[end + len(_PASTE_END) :]
        self._skipped = _REST_OF_PASTE
        beginning = _BEGINNING_OF_MARK.search(paste)
        return beginning[0] if beginning else ""

    def _drop_late_rest(self, text: str, messages: list[Message]) -> str:
        """Drops what belongs to a paste that was unfinished. Nobody may take it for typed keys."""
        end, begin = text.find(_PASTE_END), text.find(_PASTE_BEGIN)
        if end >= 0 and not 0 <= begin < end:
            self._paste_is_unfinished = False
            if end:
                messages.append(PasteCut(PasteEnd.LATE))
            return text[end + len(_PASTE_END) :]
        if _ESCAPE not in text and len(text) > MAX_TYPED_AT_ONCE:
            self._skipped, self._paste_is_unfinished = _REST_OF_PASTE, False
            messages.append(PasteCut(PasteEnd.LATE))
        return text

    def _skip(self, text: str, skipped: re.Pattern[str]) -> str:
        if (rest := skipped.match(text)) is not None:
            self._skipped = None
            return text[rest.end() :]
        # Only the beginning of what ends it is kept.
        if (beginning := _BEGINNING_OF_MARK.search(text)) is not None:
            self._held = beginning[0]
        return ""

    def _alt_key(self, character: str) -> list[Message]:
        return list(self._parser._sequence_to_key_events(character, alt=True))

    def _parse(self, text: str) -> list[Message]:
        return [
            events.Key("enter", "\r") if _is_early_enter(message) else message for message in self._parser.feed(text)
        ]


def _escape_key() -> events.Key:
    return events.Key("escape", _ESCAPE)


def _paste(text: str) -> events.Paste:
    return events.Paste(text.replace("\0", ""))  # as Textual does: a line with a NUL cannot be drawn


def _is_early_enter(message: Message) -> bool:
    """Whether this is Enter pressed before the program had set its terminal up, which then turned it into Ctrl+J."""
    return isinstance(message, events.Key) and message.key == "ctrl+j"
