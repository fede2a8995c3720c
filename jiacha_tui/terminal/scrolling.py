"""Finds rows that stand elsewhere than before, so that the terminal can move them."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from jiacha_tui.terminal.cells import BLANK, Row

_PROBES = 8
"""Rows that are looked for among the old ones."""

_FEWEST_CELLS = 60
"""Scrolling for fewer cells than these is not worth its own bytes, nor the unrest."""


class Scroll(NamedTuple):
    """The rows from `top` to `bottom` move up by `lines`, or down by as many below 0."""

    top: int
    bottom: int
    lines: int

    def of(self, rows: Sequence[Row]) -> list[Row]:
        """The rows afterwards."""
        part = list(rows[self.top : self.bottom + 1])
        blanks: list[Row] = [(BLANK,) * len(part[0])] * abs(self.lines)
        part = [*part[self.lines :], *blanks] if self.lines > 0 else [*blanks, *part[: self.lines]]
        return [*rows[: self.top], *part, *rows[self.bottom + 1 :]]


def find(old: Sequence[Row], new: Sequence[Row]) -> Scroll | None:
    """What brings `old` closest to `new`, both of one size, if that is worth it."""
    changed = [row for row in range(len(new)) if old[row] != new[row] and _has_text(new[row])]
    probes = changed[:: max(len(changed) // _PROBES, 1)]
    found = Counter(place - row for row in probes for place in range(len(old)) if old[place] == new[row])
    if not found:
        return None
    lines = found.most_common(1)[0][0]
    moved = [row for row in changed if 0 <= row + lines < len(old) and old[row + lines] == new[row]]
    scroll = Scroll(min(moved) + min(lines, 0), max(moved) + max(lines, 0), lines)
    saved = _differences(old, new, scroll) - _differences(scroll.of(old), new, scroll)
    return scroll if saved >= _FEWEST_CELLS else None


def _has_text(row: Row) -> bool:
    return any(cell is not BLANK for cell in row)


def _differences(old: Sequence[Row], new: Sequence[Row], within: Scroll) -> int:
    rows = range(within.top, within.bottom + 1)
    return sum(before != after for row in rows for before, after in zip(old[row], new[row], strict=True))
