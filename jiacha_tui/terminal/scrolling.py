"""Finds rows that moved up or down between two frames, so that the terminal can move them itself."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from jiacha_tui.terminal.cells import BLANK, Row

_SAMPLES = 8
"""How many of the changed rows are searched for among the old ones."""

_MIN_CELLS = 60
"""Saving fewer cells than this is not worth the bytes of the scroll, nor the flicker."""


class Scroll(NamedTuple):
    """The rows `top` to `bottom` move up by `lines`, down if it is negative."""

    top: int
    bottom: int
    lines: int

    def apply(self, rows: Sequence[Row]) -> list[Row]:
        """Returns `rows` as they are after the scroll."""
        region = list(rows[self.top : self.bottom + 1])
        blanks: list[Row] = [(BLANK,) * len(region[0])] * abs(self.lines)
        region = [*region[self.lines :], *blanks] if self.lines > 0 else [*blanks, *region[: self.lines]]
        return [*rows[: self.top], *region, *rows[self.bottom + 1 :]]


def find_scroll(old: Sequence[Row], new: Sequence[Row]) -> Scroll | None:
    """Returns the scroll that brings `old` closest to `new`, None if none saves enough. Both have the same size."""
    changed = [row for row in range(len(new)) if old[row] != new[row] and _has_text(new[row])]
    samples = changed[:: max(len(changed) // _SAMPLES, 1)]
    distances = Counter(old_row - row for row in samples for old_row in range(len(old)) if old[old_row] == new[row])
    if not distances:
        return None
    lines = distances.most_common(1)[0][0]
    moved = [row for row in changed if 0 <= row + lines < len(old) and old[row + lines] == new[row]]
    scroll = Scroll(min(moved) + min(lines, 0), max(moved) + max(lines, 0), lines)
    saved = _count_differences(old, new, scroll) - _count_differences(scroll.apply(old), new, scroll)
    return scroll if saved >= _MIN_CELLS else None


def _has_text(row: Row) -> bool:
    return any(cell is not BLANK for cell in row)


def _count_differences(old: Sequence[Row], new: Sequence[Row], scroll: Scroll) -> int:
    """Returns how many cells differ within the rows of `scroll`."""
    rows = range(scroll.top, scroll.bottom + 1)
    return sum(before != after for row in rows for before, after in zip(old[row], new[row], strict=True))
