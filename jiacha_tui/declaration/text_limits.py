"""How much of a text from outside is kept. What is longer is cut, and says so."""

from typing import Final

MAX_TEXT_CHARACTERS: Final = 4_000
"""The longest field of the official declaration message has 2,000 characters, most have 255 or fewer."""

CUT_MARK: Final = "…〔已截断〕"
"""The end of a text that was cut."""


def cut_text(text: str, characters: int = MAX_TEXT_CHARACTERS) -> str:
    """`text`, or its beginning and CUT_MARK if it has more than `characters`. The result has at most so many."""
    return text if len(text) <= characters else f"{text[: characters - len(CUT_MARK)]}{CUT_MARK}"


def is_cut(text: str) -> bool:
    """Whether `cut_text` has cut it."""
    return text.endswith(CUT_MARK)
