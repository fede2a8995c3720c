"""Lines of text: none is too wide, no text is lost, and they break only where they may."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jiacha_tui.text_layout import PROSE, SPECIFICATION, count_cells, first_that_fit, wrap

_TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=120) | st.text(
    st.sampled_from("中文字，。；！）“a1-.$ 𠮷|/"), max_size=120
)
_PIECES = st.sampled_from([PROSE, SPECIFICATION])


@given(_TEXTS, st.integers(2, 60), _PIECES)
def test_no_line_is_too_wide_and_only_blanks_are_dropped(text: str, width: int, pieces: re.Pattern[str]) -> None:
    lines = wrap(text, width, cell_len, pieces)
    assert lines
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("重发 3-5 个工作日", 7, ["重发", "3-5 个", "工作日"]),
        ("下载失败：数据", 8, ["下载失", "败：数据"]),
        ("金额USD 1,284.00元", 10, ["金额USD", "1,284.00元"]),
        ("a" * 25, 10, ["a" * 10, "a" * 10, "a" * 5]),
        ("文件 " + "b" * 12, 8, ["文件", "b" * 8, "b" * 4]),
    ],
)
def test_prose_keeps_numbers_words_and_closing_marks_whole(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width, cell_len) == lines


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 8, ["one two", "three"]),
        ("one   two", 3, ["one", "two"]),
        ("报关单号码", 6, ["报关单", "号码"]),
        ("4|3|桌用|ABCDEF|无", 9, ["4|3|桌用|", "ABCDEF|无"]),
        ("ABCDEFGHIJKL", 5, ["ABCDE", "FGHIJ", "KL"]),
        ("词 ABCDEFGH", 8, ["词", "ABCDEFGH"]),
        ("2025-0871", 6, ["2025-", "0871"]),
    ],
)
def test_a_specification_breaks_after_separators_too(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width, cell_len, SPECIFICATION) == lines


@pytest.mark.parametrize("pieces", [PROSE, SPECIFICATION])
def test_a_character_wider_than_the_line_gets_a_line_of_its_own(pieces: re.Pattern[str]) -> None:
    assert wrap("报关", 1, cell_len, pieces) == ["报", "关"]


def test_the_first_characters_that_fit_are_at_least_one() -> None:
    assert first_that_fit("报关单", 5, cell_len) == "报关"
    assert first_that_fit("报关单", 1, cell_len) == "报"


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_counting_cells_without_rich_never_gives_too_few(text: str) -> None:
    assert count_cells(text) >= sum(map(cell_len, text))
