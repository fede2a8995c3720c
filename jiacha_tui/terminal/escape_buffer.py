"""The beginning of a terminal's answer, held back until its end has come.

On a slow line an answer may come in parts. A parser would take the first one for an Escape and the rest for keys.
"""

import re
from typing import Final

_ESCAPE: Final = "\x1b"
_ESCAPE_KEY: Final = "\x1b[27u"
"""The same as kitty's protocol has it: whole, so that it makes no Alt of what is typed next."""

_ESCAPE_ALONE: Final = 0.1
"""Seconds after which what follows an Escape has been typed on its own."""

_PATIENCE: Final = 2.0
"""Seconds for the rest of what has begun."""

_WAIT: Final = 30.0
"""Seconds after which a question has no answer, so that a terminal that never answers does not slow the Escape key."""

_BEGINNING: Final = re.compile(r"\x1b\[2(?:;\d{0,3})?\Z")
"""No key is that."""

_MAY_BEGIN: Final = re.compile(r"\x1b\[?\Z")
"""Escape is that, and Alt+[."""


class EscapeBuffer:
    """Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._text = ""
        self._since = 0.0
        self._asked_at: float | None = None

    def asked(self, now: float) -> None:
        self._asked_at = now

    def answered(self) -> None:
        self._asked_at = None

    def typed(self, text: str, now: float) -> str:
        """What may be understood now: nearly always `text` itself."""
        if self._text == _ESCAPE and now - self._since >= _ESCAPE_ALONE and not text.startswith("["):
            self._text = _ESCAPE_KEY
        if self._text:
            text, self._text = self._text + text, ""
        beginning = _BEGINNING.search(text) or (_MAY_BEGIN.search(text) if self._is_waiting(now) else None)
        if beginning is not None:
            self._text, self._since = beginning[0], now
            text = text[: beginning.start()]
        return text

    def overdue(self, now: float) -> str:
        """What was held back for too long, if it can have been a key."""
        if not self._text or now - self._since < _PATIENCE:
            return ""
        text, self._text = self._text, ""
        return "" if _BEGINNING.fullmatch(text) else text.replace(_ESCAPE, _ESCAPE_KEY)

    def _is_waiting(self, now: float) -> bool:
        return self._asked_at is not None and now - self._asked_at < _WAIT
