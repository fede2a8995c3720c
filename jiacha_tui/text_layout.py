"""Breaks text into lines, for the screen, for paper and for the report of `jiacha doctor`.

It imports nothing, so that the doctor can write its report even if packages are missing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

Measure: TypeAlias = Callable[[str], float]
"""Returns the width of a text, in the unit of the caller: cells of a terminal, or dots on paper."""

PROSE: Final = re.compile(r"(?:[!-~]+|.)[，。；：、！？》」』）】”’…]*", re.DOTALL)
"""Pieces of Chinese sentences that stay on one line: a number or a Latin word, and any closing marks with what is
before them. Between two Chinese characters a line may break."""

SPECIFICATION: Final = re.compile(r"[!-~]*?[|,;/\-]+|[!-~]+|.", re.DOTALL)
"""Pieces of goods specifications and paths: as in `PROSE`, but a line may also break after a separator like `|`, and
before a closing mark."""


def wrap(text: str, width: float, measure: Measure, pieces: re.Pattern[str] = PROSE) -> list[str]:
    """Breaks `text` into lines no wider than `width`, without blanks at their ends.

    Lines break between the matches of `pieces`; a piece wider than `width` is broken between its characters. There is
    always at least one line, and a character wider than `width` gets a line of its own.
    """
    lines = [""]
    for piece in pieces.findall(text):
        if measure((lines[-1] + piece).rstrip()) <= width:
            lines[-1] += piece
        elif measure(piece) <= width:
            lines.append(piece.lstrip())
        else:
            lines.extend(_split(piece, width, measure))
    lines = [line.rstrip() for line in lines]
    return lines[1:] if len(lines) > 1 and not lines[0] else lines


def first_that_fit(text: str, width: float, measure: Measure) -> str:
    """Returns as many of the first characters of `text` as fit into `width`, at least one."""
    return next(_split(text, width, measure))


def count_cells(text: str) -> int:
    """Returns at most how many cells a terminal needs for `text`: combining marks count as one cell each.

    Rich's `cell_len` is exact; this one works without it.
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _split(text: str, width: float, measure: Measure) -> Iterator[str]:
    """Breaks `text` wherever a line is full."""
    start, used = 0, 0.0
    for index, character in enumerate(text):
        needed = measure(character)
        if used + needed > width and index > start:
            yield text[start:index]
            start, used = index, 0.0
        used += needed
    yield text[start:]
