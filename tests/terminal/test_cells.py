"""Characters of one and two cells, and what becomes of them when they overlap."""

import pytest
from rich.cells import cell_len

from jiacha_tui.terminal.cells import Row, blank_frame, overlay, resize, split_into_cells
from jiacha_tui.terminal.style import PLAIN, Style

RED = Style(foreground="31")


def _text(row: Row) -> str:
    return "".join(cell.text for cell in row)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("a汉b", ["a", "汉", "", "b"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("\u0301x", ["x"]),
        ("\u26a0\ufe0fx", ["\u26a0\ufe0f", "", "x"]),
        ("─▸✓", ["─", "▸", "✓"]),
    ],
)
def test_text_takes_as_many_cells_as_textual_counts(text: str, texts: list[str]) -> None:
    assert [cell.text for cell in split_into_cells(text, PLAIN)] == texts
    assert len(texts) == cell_len(text)


@pytest.mark.parametrize(
    ("column", "text", "after"),
    [
        (0, "ab", "ab国字x"),
        (1, "a", " a国字x"),
        (1, "ab", " ab 字x"),
        (3, "a", "汉 a字x"),
        (4, "国", "汉国国x"),
        (6, "abc", "汉国字a"),
        (6, "汉", "汉国字 "),
        (9, "a", "汉国字x"),
        (0, "abcdefghi", "abcdefg"),
        (0, "abcdef汉", "abcdef "),
    ],
)
def test_a_wide_character_that_loses_a_half_becomes_a_blank(column: int, text: str, after: str) -> None:
    row = overlay(split_into_cells("汉国字x", RED), column, split_into_cells(text, PLAIN))
    assert _text(row) == after
    assert len(row) == cell_len("汉国字x")


def test_that_blank_keeps_the_background() -> None:
    row = overlay(split_into_cells("汉", Style(foreground="31", background="42")), 1, split_into_cells("a", PLAIN))
    assert row[0].style == Style(background="42")


def test_a_resized_frame_keeps_its_upper_left_corner() -> None:
    frame = blank_frame(4, 2)._replace(rows=(split_into_cells("汉字", PLAIN), split_into_cells("abcd", PLAIN)))
    assert [_text(row) for row in resize(frame, 3, 3).rows] == ["汉 ", "abc", "   "]
    assert [_text(row) for row in resize(frame, 5, 1).rows] == ["汉字 "]
