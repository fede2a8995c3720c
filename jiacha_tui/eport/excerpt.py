"""Texts from the port, made short and safe to show on the screen."""

from jiacha_tui.declaration.control_characters import escape_controls

EXCERPT_CHARACTERS = 80
MESSAGE_CHARACTERS = 300

_EXAMINED = 20
"""How many times its length of a text is looked at. A text of the port may have millions of blanks."""


def excerpt(content: bytes) -> str:
    """The first EXCERPT_CHARACTERS of a response that cannot be read. Not for responses that may hold a secret."""
    beginning = content[: 4 * EXCERPT_CHARACTERS].decode("utf-8", "replace")
    return _shorten(beginning, EXCERPT_CHARACTERS)


def safe_message(text: str) -> str:
    """The port's message to the operator, at most MESSAGE_CHARACTERS long."""
    return _shorten(text, MESSAGE_CHARACTERS)


def _shorten(text: str, length: int) -> str:
    one_line = " ".join(text[: _EXAMINED * length].split())
    return escape_controls(one_line[:length]) + ("…" if len(one_line) > length else "")
