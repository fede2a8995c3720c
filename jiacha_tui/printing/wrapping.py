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
    return next(_pieces(text, width, measure))


def _pieces(text: str, width: float, measure: Measure) -> Iterator[str]:
    """`text` cut wherever a line is full."""
    start, used = 0, 0.0
    for at, character in enumerate(text):
        needed = measure(character)
        if used + needed > width and at > start:
            yield text[start:at]
            start, used = at, 0.0
        used += needed
    yield text[start:]
