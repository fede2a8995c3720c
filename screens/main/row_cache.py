"""The rows of a view that the table holds: blocks near the visible rows. The least recently used are dropped first."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from jiacha_tui.declaration.declaration_row import DeclarationRow

BLOCK_ROWS = 50
"""Rows read at once: two screens of the smallest terminal, and no more than a view has read already."""

MAX_BLOCKS = 24
"""The largest number of blocks that are held."""


class RowCache:
    """Some rows of a view that has `total` rows: at most `MAX_BLOCKS` blocks, however many declarations are cached."""

    def __init__(self, total: int, first: Sequence[DeclarationRow]) -> None:
        self._total = total
        self._blocks: OrderedDict[int, tuple[DeclarationRow, ...]] = OrderedDict()
        for block in range(-(-len(first) // BLOCK_ROWS)):
            rows = tuple(first[block * BLOCK_ROWS : (block + 1) * BLOCK_ROWS])
            if len(rows) == self.rows_in(block):
                self.put(block, rows)

    def rows_in(self, block: int) -> int:
        """How many rows the block has: fewer than `BLOCK_ROWS` on the last one, 0 after it."""
        return max(0, min(BLOCK_ROWS, self._total - block * BLOCK_ROWS))

    def get(self, row: int) -> DeclarationRow | None:
        """The row at a position of the view; None while it is not held."""
        rows = self._blocks.get(row // BLOCK_ROWS)
        if rows is None or row % BLOCK_ROWS >= len(rows):
            return None
        return rows[row % BLOCK_ROWS]

    def put(self, block: int, rows: tuple[DeclarationRow, ...]) -> None:
        """Holds the rows of a block, and drops the block that was not used for the longest time."""
        self._blocks[block] = rows
        self._blocks.move_to_end(block)
        while len(self._blocks) > MAX_BLOCKS:
            self._blocks.popitem(last=False)

    def next_to_read(self, first: int, rows: int) -> int | None:
        """The block to read next while `rows` rows from `first` on are visible: one of theirs, else one beside them.

        None if all of these are held.
        """
        if not self._total or rows <= 0:
            return None
        top, bottom = first // BLOCK_ROWS, min(first + rows, self._total) - 1
        visible = range(top, bottom // BLOCK_ROWS + 1)
        for block in visible:
            if block in self._blocks:
                self._blocks.move_to_end(block)
        return next((block for block in self._near(visible) if block not in self._blocks), None)

    def _near(self, visible: range) -> Iterable[int]:
        yield from visible
        if visible.stop * BLOCK_ROWS < self._total:
            yield visible.stop
        if visible.start > 0:
            yield visible.start - 1

    def __len__(self) -> int:
        """The number of blocks that are held."""
        return len(self._blocks)
