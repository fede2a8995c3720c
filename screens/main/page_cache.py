"""The rows of a view that the table holds: pages near the visible rows. The least recently used are dropped first."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from jiacha_tui.declaration.declaration_row import DeclarationRow

PAGE_ROWS = 50
"""Rows read at once: two screens of the smallest terminal, and no more than a view has read already."""

MAX_PAGES = 24
"""The largest number of pages that are held."""


class PageCache:
    """Some rows of a view that has `total` rows: at most `MAX_PAGES` pages, however many declarations are cached."""

    def __init__(self, total: int, first: Sequence[DeclarationRow]) -> None:
        self._total = total
        self._pages: OrderedDict[int, tuple[DeclarationRow, ...]] = OrderedDict()
        for page in range(-(-len(first) // PAGE_ROWS)):
            rows = tuple(first[page * PAGE_ROWS : (page + 1) * PAGE_ROWS])
            if len(rows) == self.rows_in(page):
                self.put(page, rows)

    def rows_in(self, page: int) -> int:
        """How many rows the page has: fewer than `PAGE_ROWS` on the last one, 0 after it."""
        return max(0, min(PAGE_ROWS, self._total - page * PAGE_ROWS))

    def get(self, row: int) -> DeclarationRow | None:
        """The row at a position of the view; None while it is not held."""
        rows = self._pages.get(row // PAGE_ROWS)
        if rows is None or row % PAGE_ROWS >= len(rows):
            return None
        return rows[row % PAGE_ROWS]

    def put(self, page: int, rows: tuple[DeclarationRow, ...]) -> None:
        """Holds the rows of a page, and drops the page that was not used for the longest time."""
        self._pages[page] = rows
        self._pages.move_to_end(page)
        while len(self._pages) > MAX_PAGES:
            self._pages.popitem(last=False)

    def next_to_read(self, first: int, rows: int) -> int | None:
        """The page to read next while `rows` rows from `first` on are visible: one of theirs, else one beside them.

        None if all of these are held.
        """
        if not self._total or rows <= 0:
            return None
        top, bottom = first // PAGE_ROWS, min(first + rows, self._total) - 1
        visible = range(top, bottom // PAGE_ROWS + 1)
        for page in visible:
            if page in self._pages:
                self._pages.move_to_end(page)
        return next((page for page in self._near(visible) if page not in self._pages), None)

    def _near(self, visible: range) -> Iterable[int]:
        yield from visible
        if visible.stop * PAGE_ROWS < self._total:
            yield visible.stop
        if visible.start > 0:
            yield visible.start - 1

    def __len__(self) -> int:
        """The number of pages that are held."""
        return len(self._pages)
