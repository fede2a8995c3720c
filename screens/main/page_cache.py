"""The rows of a view that the table holds: pages near the visible rows. The least recently used are dropped first."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from jiacha_tui.declaration.declaration_row import DeclarationRow

PAGE = 50
"""Rows read at once: two screens of the smallest terminal, and not more than a view brings along."""

KEPT = 24
"""The largest number of pages that are held."""


class PageCache:
    """Some rows of a view that has `total` rows: at most `KEPT` pages, however many declarations are cached."""

    def __init__(self, total: int, first: Sequence[DeclarationRow]) -> None:
        self._total = total
        self._pages: OrderedDict[int, tuple[DeclarationRow, ...]] = OrderedDict()
        for page in range(-(-len(first) // PAGE)):
            rows = tuple(first[page * PAGE : (page + 1) * PAGE])
            if len(rows) == self.rows_in(page):
                self.put(page, rows)

    def rows_in(self, page: int) -> int:
        return max(0, min(PAGE, self._total - page * PAGE))

    def get(self, row: int) -> DeclarationRow | None:
        """The row at a position of the view; None while it is not held."""
        rows = self._pages.get(row // PAGE)
        if rows is None or row % PAGE >= len(rows):
            return None
        return rows[row % PAGE]

    def put(self, page: int, rows: tuple[DeclarationRow, ...]) -> None:
        self._pages[page] = rows
        self._pages.move_to_end(page)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    def wanted(self, first: int, rows: int) -> int | None:
        """The page to read next while `rows` rows from `first` on are visible: one of theirs, else one beside them.

        None where all of these are held.
        """
        if not self._total or rows <= 0:
            return None
        top, bottom = first // PAGE, min(first + rows, self._total) - 1
        visible = range(top, bottom // PAGE + 1)
        for page in visible:
            if page in self._pages:
                self._pages.move_to_end(page)
        return next((page for page in self._near(visible) if page not in self._pages), None)

    def _near(self, visible: range) -> Iterable[int]:
        yield from visible
        if visible.stop * PAGE < self._total:
            yield visible.stop
        if visible.start > 0:
            yield visible.start - 1

    def __len__(self) -> int:
        """The number of pages that are held."""
        return len(self._pages)
