"""The form as text for the terminal."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.model import Declaration
from jiacha_tui.printing.form import TITLE, lay_out
from jiacha_tui.printing.text_form import MIN_WIDTH, text_pages
from tests.printing.samples import DECLARATIONS, ENTRY_ID, HEAD, declaration, overlong

_WITH_LINE_DOWN = set("│┌┐├┤┬┼")
_WITH_LINE_UP = set("│└┘├┤┴┼")
_RULE = set("─╌")


def cells(line: str) -> list[str]:
    """The character in each cell, "" in the second cell of a wide one."""
    all_cells: list[str] = []
    for character in line:
        all_cells += [character] + [""] * (cell_len(character) - 1) if cell_len(character) else []
    return all_cells


@given(DECLARATIONS, st.integers(min_value=MIN_WIDTH, max_value=200))
@settings(max_examples=60)
def test_every_line_has_the_requested_width(any_declaration: Declaration, width: int) -> None:
    for page in text_pages(any_declaration, width):
        assert {cell_len(line) for line in page.lines} == {width}
        assert all(escape_controls(line) == line for line in page.lines)


@pytest.mark.parametrize("width", [MIN_WIDTH, 80, 109, 110, 120, 160])
@pytest.mark.parametrize("sample", [declaration(7), overlong(7)], ids=["ordinary", "overlong"])
def test_every_vertical_line_continues_in_the_row_above_and_below(sample: Declaration, width: int) -> None:
    for page in text_pages(sample, width):
        rows = [cells(line) for line in page.lines]
        for above, below in pairwise(rows):
            for over, under in zip(above, below, strict=True):
                if over in _WITH_LINE_DOWN and under in _WITH_LINE_DOWN | _WITH_LINE_UP | _RULE:
                    assert under in _WITH_LINE_UP, (over, under)
                if under in _WITH_LINE_UP and over in _WITH_LINE_DOWN | _WITH_LINE_UP | _RULE:
                    assert over in _WITH_LINE_DOWN, (over, under)


@pytest.mark.parametrize("width", [80, 120])
def test_the_pages_are_the_same_as_on_paper(width: int) -> None:
    pages = text_pages(declaration(21), width)
    assert [(page.number, page.page_count, page.entry_id) for page in pages] == [(n, 3, ENTRY_ID) for n in (1, 2, 3)]
    for page in pages:
        text = "\n".join(page.lines)
        assert TITLE in text
        assert ENTRY_ID in text
        assert f"页码/页数：{page.number}/3" in text


@pytest.mark.parametrize("width", [MIN_WIDTH, 80, 120, 200])
@pytest.mark.parametrize("sample", [declaration(2), overlong(2)], ids=["ordinary", "overlong"])
def test_no_value_is_cut(sample: Declaration, width: int) -> None:
    """Every character of the values is on the page as often as in the values."""
    page, *_ = lay_out(sample)
    text, *_ = text_pages(sample, width)
    page_text = "".join(text.lines)
    values = [box.value for row in page.rows for box in row.boxes]
    values += [entry for item in page.items for cell in item.cells for entry in cell]
    for character in set("".join(values).replace(" ", "")) - set("│─"):
        assert page_text.count(character) >= sum(value.count(character) for value in values), character


def test_an_ordinary_form_fits_a_tall_terminal() -> None:
    (page,) = text_pages(declaration(1), 120)
    assert len(page.lines) <= 40


def test_the_wide_form_arranges_its_boxes_as_on_paper() -> None:
    (page,) = text_pages(declaration(1), 120)
    row = next(line for line in page.lines if "境内发货人" in line)
    labels = [box.strip().split(" ")[0] for box in row.strip("│").split("│")]
    assert labels == ["境内发货人", "出境关别", "出口日期", "申报日期", "备案号"]


@pytest.mark.parametrize("width", [80, 120])
def test_numbers_are_right_aligned(width: int) -> None:
    (page,) = text_pages(declaration(1), width)
    ends = {
        cell_len(line[: line.index(value)]) + cell_len(value)
        for value in ("533.7893", "2086028.65")
        for line in page.lines
        if value in line
    }
    assert len(ends) == 1


def test_a_too_narrow_width_is_refused() -> None:
    with pytest.raises(ValueError, match=str(MIN_WIDTH)):
        text_pages(declaration(1), MIN_WIDTH - 1)


def test_a_declaration_without_items_has_an_empty_form() -> None:
    (page,) = text_pages(declaration(0), 80)
    assert any("项" in line and "商品编号" in line for line in page.lines)
    assert HEAD.contract_no in "".join(page.lines)
