"""A little of an answer nobody understands, for the operator to read out to somebody."""

from jiacha_tui.declaration.control_characters import escape_controls

EXCERPT_CHARACTERS = 80
MESSAGE_CHARACTERS = 300


def excerpt(answer: bytes) -> str:
    """The beginning of `answer`, every byte of it harmless on a screen. Not for answers that hold secrets."""
    beginning = answer[: 4 * EXCERPT_CHARACTERS].decode("utf-8", "replace")
    return _cut(beginning, EXCERPT_CHARACTERS)


def message(text: str) -> str:
    """What the port says to the operator, harmless on a screen."""
    return _cut(text, MESSAGE_CHARACTERS)


def _cut(text: str, length: int) -> str:
    words = " ".join(text.split())
    return escape_controls(words[:length]) + ("…" if len(words) > length else "")
