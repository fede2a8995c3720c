"""Chinese text in lines: exact in width, complete, and broken where it may be."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from screens.widgets.cjk_wrap import cjk_wrap

_TEXT = st.text(st.sampled_from("中文字，。；！）“a1-.$ 𠮷|/"), max_size=120)


@given(_TEXT, st.integers(2, 60))
def test_no_line_is_too_wide_and_nothing_is_lost_but_blanks_at_a_break(text: str, width: int) -> None:
    lines = cjk_wrap(text, width)
    assert lines
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_number_a_word_and_a_closing_mark_are_not_torn_off() -> None:
    assert cjk_wrap("重发 3-5 个工作日", 7) == ["重发", "3-5 个", "工作日"]
    assert cjk_wrap("下载失败：数据", 8) == ["下载失", "败：数据"]
    assert cjk_wrap("金额USD 1,284.00元", 10) == ["金额USD", "1,284.00元"]


def test_what_is_longer_than_a_line_is_broken_all_the_same() -> None:
    assert cjk_wrap("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]
    assert cjk_wrap("文件 " + "b" * 12, 8) == ["文件", "b" * 8, "b" * 4]


def test_an_empty_text_is_one_empty_line() -> None:
    assert cjk_wrap("", 10) == [""]
