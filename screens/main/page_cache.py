"""The part of a view that the table holds: pages around what is on the screen, the least used dropped first."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from jiacha_tui.declaration.declaration_row import DeclarationRow

PAGE = 50
"""Lines fetched at a time: two screens of the smallest terminal. Not more than come with a view itself."""

KEPT = 24
"""Pages held at most."""


class PageCache:
    """Lines of one view of `total` lines. What grows with the cache is never held, only `KEPT` pages of it."""

    def __init__(self, total: int, first: Sequence[DeclarationRow]) -> None:
        self._total = total
        self._pages: OrderedDict[int, tuple[DeclarationRow, ...]] = OrderedDict()
        for page in range(-(-len(first) // PAGE)):
            lines = tuple(first[page * PAGE : (page + 1) * PAGE])
            if len(lines) == self.lines_in(page):
                self.put(page, lines)

    def lines_in(self, page: int) -> int:
        return max(0, min(PAGE, self._total - page * PAGE))

    def get(self, row: int) -> DeclarationRow | None:
        """The line of `row`, None while it is not here."""
        lines = self._pages.get(row // PAGE)
        if lines is None or row % PAGE >= len(lines):
            return None
        return lines[row % PAGE]

    def put(self, page: int, lines: tuple[DeclarationRow, ...]) -> None:
        self._pages[page] = lines
        self._pages.move_to_end(page)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    def wanted(self, first: int, rows: int) -> int | None:
        """The page to fetch next while `rows` from `first` on are on the screen: one of those, else one beside them."""
        if not self._total or rows <= 0:
            return None
        top, bottom = first // PAGE, min(first + rows, self._total) - 1
        seen = range(top, bottom // PAGE + 1)
        for page in seen:
            if page in self._pages:
                self._pages.move_to_end(page)
        return next((page for page in self._near(seen) if page not in self._pages), None)

    def _near(self, seen: range) -> Iterable[int]:
        yield from seen
        if seen.stop * PAGE < self._total:
            yield seen.stop
        if seen.start > 0:
            yield seen.start - 1

    def __len__(self) -> int:
        """How many pages are held."""
        return len(self._pages)
