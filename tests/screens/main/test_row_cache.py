"""The blocks of rows that the table holds: a limited number, the ones near the visible rows read first."""

from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.declaration_row import DeclarationRow
from screens.main.row_cache import BLOCK_ROWS, MAX_BLOCKS, RowCache

ROWS = 20


def line(number: int) -> DeclarationRow:
    return DeclarationRow(entry_id=f"{number:018d}")


def lines(count: int) -> list[DeclarationRow]:
    return [line(number) for number in range(count)]


def fill(cache: RowCache, first: int) -> list[int]:
    """Reads blocks until none is missing; returns them in their order."""
    fetched = []
    while (block := cache.next_to_read(first, ROWS)) is not None:
        fetched.append(block)
        cache.put(block, tuple(line(block * BLOCK_ROWS + row) for row in range(cache.rows_in(block))))
        assert len(fetched) <= MAX_BLOCKS
    return fetched


def test_rows_that_come_with_a_view_are_not_read_again() -> None:
    cache = RowCache(60, lines(60))
    assert cache.get(59) == line(59)
    assert cache.next_to_read(0, ROWS) is None


def test_only_whole_blocks_are_taken_from_the_rows_that_come_with_a_view() -> None:
    cache = RowCache(1000, lines(60))
    assert cache.get(BLOCK_ROWS - 1) == line(BLOCK_ROWS - 1)
    assert cache.get(BLOCK_ROWS) is None


def test_visible_blocks_are_read_before_the_blocks_beside_them() -> None:
    cache = RowCache(10_000, lines(60))
    assert fill(cache, 5 * BLOCK_ROWS - 5) == [4, 5, 6, 3]


@given(st.integers(1, 100_000), st.lists(st.integers(0, 100_000), max_size=60))
def test_no_more_than_the_limit_is_held_and_the_visible_rows_are_there(total: int, places: list[int]) -> None:
    cache = RowCache(total, lines(min(total, 60)))
    for place in places:
        first = min(place, max(0, total - ROWS))
        fill(cache, first)
        assert len(cache) <= MAX_BLOCKS
        assert all(cache.get(row) is not None for row in range(first, min(first + ROWS, total)))


def test_an_empty_view_has_no_block_to_read() -> None:
    cache = RowCache(0, ())
    assert cache.next_to_read(0, ROWS) is None
    assert cache.get(0) is None
