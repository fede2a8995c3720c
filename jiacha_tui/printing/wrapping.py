"""Breaking a text into lines, for paper and for the terminal alike: only how wide a text is differs."""

import re
from collections.abc import Callable, Iterator

Measure = Callable[[str], float]
"""How wide a text is. The width of a text is the sum of the widths of its characters."""

_CHUNK = re.compile(r"[!-~]*?[|,;/\-]+|[!-~]+|.", re.DOTALL)
"""What stays together on a line: words, and in long specifications what stands between separators."""


def wrap(text: str, width: float, measure: Measure) -> tuple[str, ...]:
    """`text` in lines no wider than `width`, broken between words and Chinese characters where possible.

    There is always one line. A single character wider than `width` gets a line to itself.
    """
    lines: list[str] = []
    line, room = "", width
    for chunk in _CHUNK.findall(text):
        needed = measure(chunk)
        if needed > room and line:
            lines.append(line.rstrip())
            line, room = "", width
            if chunk.isspace():
                continue
        *full, rest = _pieces(chunk, width, measure) if needed > width else (chunk,)
        lines.extend(full)
        line += rest
        room -= measure(rest)
    return (*lines, line.rstrip()) if line.strip() or not lines else tuple(lines)


def head(text: str, width: float, measure: Measure) -> str:
    """As many of the first characters as fit into `width`, one at least."""
    used = 0.0
    for count, character in enumerate(text):
        used += measure(character)
        if used > width and count:
            return text[:count]
    return text


def _pieces(chunk: str, width: float, measure: Measure) -> Iterator[str]:
    """A chunk too wide for any line, cut wherever a line is full."""
    while chunk:
        piece = head(chunk, width, measure)
        yield piece
        chunk = chunk[len(piece) :]
