"""Characters of one cell and of two, written over each other."""

import pytest
from rich.cells import cell_len

from jiacha_tui.terminal.cells import Row, blank_frame, cells_of, overlay, resized
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
def test_a_text_takes_as_many_cells_as_textual_counts(text: str, texts: list[str]) -> None:
    assert [cell.text for cell in cells_of(text, PLAIN)] == texts
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
def test_half_a_character_becomes_a_blank(column: int, text: str, after: str) -> None:
    row = overlay(cells_of("汉国字x", RED), column, cells_of(text, PLAIN))
    assert _text(row) == after
    assert len(row) == cell_len("汉国字x")


def test_the_blank_keeps_the_background() -> None:
    row = overlay(cells_of("汉", Style(foreground="31", background="42")), 1, cells_of("a", PLAIN))
    assert row[0].style == Style(background="42")


def test_a_frame_of_another_size_keeps_its_corner() -> None:
    frame = blank_frame(4, 2)._replace(rows=(cells_of("汉字", PLAIN), cells_of("abcd", PLAIN)))
    assert [_text(row) for row in resized(frame, 3, 3).rows] == ["汉 ", "abc", "   "]
    assert [_text(row) for row in resized(frame, 5, 1).rows] == ["汉字 "]
