"""How many cells a terminal gives to ambiguous characters: asked by where its cursor stands behind some."""

from typing import Final

from textual.events import CursorPosition

_ROW: Final = 1
"""From 0. In the first row an answer could be Shift+F3."""

_PROBES: Final = "─…Ω"
"""A line, a mark and a letter: some terminals make a difference."""

QUESTION: Final = f"\x1b[{_ROW + 1};1H{_PROBES}\x1b[6n\x1b[{_ROW + 1};1H\x1b[K"
"""Leaves nothing to be seen. The answer is a CursorPosition."""


def answered(position: CursorPosition) -> int | None:
    """1, or 2 where any of them takes two; None where it is the answer to something else."""
    narrow, wide = len(_PROBES), 2 * len(_PROBES)
    if position.y != _ROW or not narrow <= position.x <= wide:
        return None
    return 1 if position.x == narrow else 2
