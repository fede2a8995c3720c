import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.printing.fit import ELLIPSIS, LEADING, fit_block, fit_line, text_width

SIZES = (16, 12, 9)
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200)
WIDTHS = st.floats(min_value=30, max_value=600)


@given(TEXTS, WIDTHS)
def test_a_line_is_never_wider_than_its_place(text: str, width: float) -> None:
    fitted = fit_line(text, width, SIZES)
    (line,) = fitted.lines
    assert text_width(line, fitted.size) <= width
    assert fitted.clipped == (line != text)
    assert not fitted.clipped or line.endswith(ELLIPSIS)


@given(st.lists(TEXTS, min_size=1, max_size=3), WIDTHS, st.floats(min_value=12, max_value=90))
def test_a_block_never_leaves_its_place(paragraphs: list[str], width: float, height: float) -> None:
    fitted = fit_block(paragraphs, width, height, SIZES)
    assert all(text_width(line, fitted.size) <= width for line in fitted.lines)
    assert len(fitted.lines) * fitted.size * LEADING <= height
    assert not fitted.clipped or fitted.lines[-1].endswith(ELLIPSIS)


@given(st.lists(TEXTS, min_size=1, max_size=3), WIDTHS)
def test_nothing_is_lost_where_there_is_room(paragraphs: list[str], width: float) -> None:
    fitted = fit_block(paragraphs, width, 1e6, SIZES)
    assert fitted.size == SIZES[0]
    assert not fitted.clipped
    assert "".join("".join(fitted.lines).split()) == "".join("".join(paragraphs).split())


@pytest.mark.parametrize(("characters", "size", "lines"), [(6, 16, 1), (7, 12, 1), (10, 9, 1), (20, 9, 2), (30, 9, 2)])
def test_a_longer_text_is_set_smaller_then_broken_then_clipped(characters: int, size: int, lines: int) -> None:
    fitted = fit_block(["报" * characters], 100.0, 21.0, SIZES)
    assert (fitted.size, len(fitted.lines)) == (size, lines)
    assert fitted.clipped == (characters == 30)


def test_each_paragraph_begins_a_line() -> None:
    assert fit_block(["品名", "规格"], 500.0, 100.0, SIZES).lines == ("品名", "规格")
