"""The pages that the table holds: a limited number, read in the order of their distance to the visible rows."""

from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.declaration_row import DeclarationRow
from screens.main.page_cache import MAX_PAGES, PAGE_ROWS, PageCache

ROWS = 20


def line(number: int) -> DeclarationRow:
    return DeclarationRow(entry_id=f"{number:018d}")


def lines(count: int) -> list[DeclarationRow]:
    return [line(number) for number in range(count)]


def fill(pages: PageCache, first: int) -> list[int]:
    """Reads pages until none is missing; returns them in their order."""
    fetched = []
    while (page := pages.next_to_read(first, ROWS)) is not None:
        fetched.append(page)
        pages.put(page, tuple(line(page * PAGE_ROWS + row) for row in range(pages.rows_in(page))))
        assert len(fetched) <= MAX_PAGES
    return fetched


def test_rows_that_come_with_a_view_are_not_read_again() -> None:
    pages = PageCache(60, lines(60))
    assert pages.get(59) == line(59)
    assert pages.next_to_read(0, ROWS) is None


def test_only_whole_pages_are_taken_from_the_rows_that_come_with_a_view() -> None:
    pages = PageCache(1000, lines(60))
    assert pages.get(PAGE_ROWS - 1) == line(PAGE_ROWS - 1)
    assert pages.get(PAGE_ROWS) is None


def test_visible_pages_are_read_before_the_pages_beside_them() -> None:
    pages = PageCache(10_000, lines(60))
    assert fill(pages, 5 * PAGE_ROWS - 5) == [4, 5, 6, 3]


@given(st.integers(1, 100_000), st.lists(st.integers(0, 100_000), max_size=60))
def test_no_more_than_the_limit_is_held_and_the_visible_rows_are_there(total: int, places: list[int]) -> None:
    pages = PageCache(total, lines(min(total, 60)))
    for place in places:
        first = min(place, max(0, total - ROWS))
        fill(pages, first)
        assert len(pages) <= MAX_PAGES
        assert all(pages.get(row) is not None for row in range(first, min(first + ROWS, total)))


def test_an_empty_view_has_no_page_to_read() -> None:
    pages = PageCache(0, ())
    assert pages.next_to_read(0, ROWS) is None
    assert pages.get(0) is None
