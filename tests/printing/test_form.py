"""The pages, boxes and texts of the form."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given

from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.model import Declaration, Head, Kind, Summary
from jiacha_tui.printing.form import ITEM_COLUMNS, LEFT, RIGHT, Box, FormPage, lay_out, page_count
from tests.printing.samples import DECLARATIONS, ENTRY_ID, HEAD, ITEM, declaration


def boxes(page: FormPage) -> dict[str, Box]:
    return {box.label: box for row in page.rows for box in row.boxes}


def first_boxes(**changes: object) -> dict[str, Box]:
    page, *_ = lay_out(declaration(1, replace(HEAD, **changes)))  # type: ignore[arg-type]  # fields of a Head
    return boxes(page)


@pytest.mark.parametrize(
    ("items", "items_by_page"),
    [(0, [0]), (1, [1]), (6, [6]), (7, [6, 1]), (20, [6, 14]), (21, [6, 14, 1]), (50, [6, 14, 14, 14, 2])],
)
def test_six_items_on_the_first_page_and_fourteen_on_the_next(items: int, items_by_page: list[int]) -> None:
    pages = lay_out(declaration(items))
    assert [len(page.items) for page in pages] == items_by_page
    assert len(pages) == page_count(items)
    assert [(page.number, page.page_count) for page in pages] == [(n, len(pages)) for n in range(1, len(pages) + 1)]
    assert [item.number[0] for page in pages for item in page.items] == [str(n) for n in range(1, items + 1)]


def test_only_the_first_page_has_boxes_and_signatures() -> None:
    first, second = lay_out(declaration(7))
    assert first.rows
    assert first.confirmations
    assert first.agent
    assert not second.rows
    assert not second.confirmations
    assert second.agent is None
    assert second.entry_id == first.entry_id == ENTRY_ID


def test_names_have_their_codes() -> None:
    fields = first_boxes()
    assert fields["监管方式"] == Box("监管方式", 95.0, 140.2, "0110", "一般贸易")
    assert fields["监管方式"].heading == "监管方式 (0110)"
    assert fields["运抵国（地区）"].code == "USA"
    assert fields["境内发货人"].code == "91310115MA1K4QWE0T"
    item = lay_out(declaration(1))[0].items[0]
    assert item.destination == ("美国", "(USA)")
    assert item.district == ("上海浦东新区", "(31222)")
    assert item.duty_mode == ("照章征税", "(1)")


def test_a_name_without_a_known_code_has_no_brackets() -> None:
    assert first_boxes(trade_mode="没有的方式")["监管方式"].heading == "监管方式"


def test_an_item_has_its_quantities_and_prices_as_the_form_wants_them() -> None:
    item = lay_out(declaration(1, item=replace(ITEM, manual_item="12")))[0].items[0]
    assert item.number == ("1", "12")
    assert item.quantities == ("3908台", "16980.25千克", "3908台")
    assert item.prices == ("533.7893", "2086028.65", "美元")


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("533.5", "533.5000"), ("0.12345", "0.12345"), ("1E+3", "1000.0000"), ("0", "0.0000")],
)
def test_a_price_has_four_decimals_and_is_never_rounded(amount: str, expected: str) -> None:
    item = lay_out(declaration(1, item=replace(ITEM, price=Decimal(amount))))[0].items[0]
    assert item.prices[0] == expected


@pytest.mark.parametrize(
    ("currency", "amount", "mark", "expected"),
    [
        ("美元", Decimal(500), "总价", "USD/500/3"),
        ("", Decimal("0.3"), "率", "000/0.3/1"),
        ("没有的币制", Decimal("1.50"), "", "没有的币制/1.5"),
        ("美元", Decimal(0), "总价", ""),
        ("美元", None, "总价", ""),
    ],
)
def test_a_fee_is_currency_amount_and_mark(currency: str, amount: Decimal | None, mark: str, expected: str) -> None:
    fields = first_boxes(freight_currency=currency, freight=amount, freight_mark=mark)
    assert fields["运费"].value == expected


@pytest.mark.parametrize(
    ("remarks", "count", "ids", "expected"),
    [
        ("N/M", "2", "A;B", "备注:N/M 集装箱标箱数及号码:2;A;B;"),
        ("", "0", "", ""),
        ("", "", "A", "集装箱标箱数及号码:A;"),
        ("N/M", "0", "", "备注:N/M"),
    ],
)
def test_containers_follow_the_remarks(remarks: str, count: str, ids: str, expected: str) -> None:
    fields = first_boxes(remarks=remarks, container_count=count, container_ids=ids)
    assert fields["标记唛码及备注"].value == expected


@pytest.mark.parametrize(
    ("customs", "expected"), [("浦东机场", "浦东机场海关"), ("上海海关", "上海海关"), ("", "浦东机场海关")]
)
def test_the_office_is_named_or_known_from_the_entry_number(customs: str, expected: str) -> None:
    assert lay_out(declaration(1, replace(HEAD, declaration_customs=customs)))[0].office == expected


def test_fields_that_the_port_does_not_send_stay_blank() -> None:
    fields = first_boxes()
    for label in ("境外收货人", "贸易国（地区）", "离境口岸"):
        assert fields[label].heading == label
        assert fields[label].value == ""


def test_a_departure_port_declaration_has_its_own_stamp() -> None:
    assert "启运港" not in lay_out(declaration(1))[0].marks.stamp
    assert "启运港退税" in lay_out(declaration(1, kind=Kind.DEPARTURE_PORT))[0].marks.stamp


def test_a_declaration_without_detail_is_refused() -> None:
    with pytest.raises(ValueError, match=ENTRY_ID):
        lay_out(Declaration(Summary(entry_id=ENTRY_ID)))


def test_an_empty_head_is_an_empty_form() -> None:
    (page,) = lay_out(Declaration(Summary(entry_id=""), Head()))
    assert {box.value for box in boxes(page).values()} == {""}


def test_the_boxes_fill_the_frame_without_gap_or_overlap() -> None:
    page, *_ = lay_out(declaration(1))
    for row in page.rows:
        assert row.boxes[0].left == LEFT
        assert row.boxes[-1].right == RIGHT
        assert all(left.right == right.left for left, right in pairwise(row.boxes))
    assert all(upper.bottom == lower.top for upper, lower in pairwise(page.rows))
    assert all(left.right <= right.left for left, right in pairwise(ITEM_COLUMNS))
    assert (ITEM_COLUMNS[0].left, ITEM_COLUMNS[-1].right) == (LEFT, RIGHT)


@given(DECLARATIONS)
def test_control_characters_are_escaped_in_every_text(any_declaration: Declaration) -> None:
    for page in lay_out(any_declaration):
        texts = [page.entry_id, page.pre_entry_id, page.office, page.marks.stamp]
        texts += [text for box in boxes(page).values() for text in (box.code, box.value)]
        texts += [entry for item in page.items for cell in item.cells for entry in cell]
        assert all(escape_controls(text) == text for text in texts)
