"""Holds back the beginning of a terminal's reply until its end has come.

On a slow line a reply may come in parts. Textual's parser would take the first part for the Escape key and the rest for
other keys.
"""

import re
from typing import Final

_ESCAPE: Final = "\x1b"
_ESCAPE_KEY: Final = "\x1b[27u"
"""The Escape key in kitty's protocol. It is complete: the parser does not combine it with the next key to Alt."""

_KEY_AFTER_SECONDS: Final = 0.1
"""What comes this long after an Escape is a key of its own."""

_HOLD_SECONDS: Final = 2.0
"""How long to wait for the rest of a reply."""

_REPLY_SECONDS: Final = 30.0
"""How long to expect a reply, so that a terminal that never replies does not slow the Escape key for ever."""

_REPLY_BEGINNING: Final = re.compile(r"\x1b\[2(?:;\d{0,3})?\Z")
"""The beginning of a cursor position report for row 2. No key begins like this and ends here."""

_POSSIBLE_BEGINNING: Final = re.compile(r"\x1b\[?\Z")
"""The first characters of any reply. Escape sends the first one, Alt+[ both."""


class EscapeBuffer:
    """Passes typed text on, except the incomplete replies at its end. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._held = ""
        self._held_since = 0.0
        self._probed_at: float | None = None

    def expect_reply(self, now: float) -> None:
        """The terminal was asked something at the time `now`, in seconds."""
        self._probed_at = now

    def reply_received(self) -> None:
        """The reply has come: from now on an Escape is a key."""
        self._probed_at = None

    def feed(self, text: str, now: float) -> str:
        """Returns what can be parsed, nearly always `text` itself."""
        if self._held == _ESCAPE and now - self._held_since >= _KEY_AFTER_SECONDS and not text.startswith("["):
            self._held = _ESCAPE_KEY
        if self._held:
            text, self._held = self._held + text, ""
        beginning = _REPLY_BEGINNING.search(text)
        if beginning is None and self._expects_reply(now):
            beginning = _POSSIBLE_BEGINNING.search(text)
        if beginning is not None:
            self._held, self._held_since = beginning[0], now
            text = text[: beginning.start()]
        return text

    def take_overdue(self, now: float) -> str:
        """Returns the text that was held back for too long, "" if it cannot have been a key."""
        if not self._held or now - self._held_since < _HOLD_SECONDS:
            return ""
        text, self._held = self._held, ""
        return "" if _REPLY_BEGINNING.fullmatch(text) else text.replace(_ESCAPE, _ESCAPE_KEY)

    def _expects_reply(self, now: float) -> bool:
        return self._probed_at is not None and now - self._probed_at < _REPLY_SECONDS
