import pytest
from rich.cells import cell_len

from jiacha_tui.declaration.hints import hints
from jiacha_tui.declaration.model import Declaration, Head, Summary

LINE_CELLS = 74
"""The width of a line on the smallest screen, without the word 提示 before the hint."""

TAX_BUREAU = "仅税务局有误：请当地税务局向总局查询；总局也有误再重发，3-5个工作日后再问"


def declaration(transfer_state: str, customs: str | None = None) -> Declaration:
    head = None if customs is None else Head(declaration_customs=customs)
    return Declaration(Summary(entry_id="223320250000012345", transfer_state=transfer_state), head)


def test_for_new_data_the_hint_is_to_wait_for_the_amendment() -> None:
    assert hints(declaration("新增")) == (
        "如做过改单：海关重传数据尚未传到电子口岸，请于重传后次日查询",
        TAX_BUREAU,
    )


def test_for_amended_data_the_hint_names_the_customs_office() -> None:
    assert hints(declaration("修改", "浦东机场")) == (
        "修改数据已传到电子口岸；若仍不正确，请联系申报地海关（浦东机场）处理",
        TAX_BUREAU,
    )


@pytest.mark.parametrize("customs", [None, ""])
def test_an_unknown_customs_office_is_not_named(customs: str | None) -> None:
    first, _ = hints(declaration("修改", customs))
    assert first == "修改数据已传到电子口岸；若仍不正确，请联系申报地海关处理"


def test_the_state_only_has_to_contain_the_word() -> None:
    assert hints(declaration("数据修改(2)", "")) == hints(declaration("修改", ""))


@pytest.mark.parametrize("state", ["", "删除"])
def test_an_unknown_state_has_no_hint_of_its_own(state: str) -> None:
    assert hints(declaration(state)) == (TAX_BUREAU,)


def test_each_hint_fits_on_one_line_of_the_smallest_screen() -> None:
    texts = [*hints(declaration("新增")), *hints(declaration("修改", "洋山港区"))]
    assert [text for text in texts if cell_len(text) > LINE_CELLS] == []
