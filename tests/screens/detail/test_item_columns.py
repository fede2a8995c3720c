"""The columns of the items: as wide as the terminal, numbers whole, each column of a row under its header."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jiacha_tui.actions.detail import CurrencyTotal, currency_totals
from jiacha_tui.declaration.formatting import format_money, format_quantity
from jiacha_tui.declaration.model import Item
from screens.detail.item_columns import item_columns_for_width, item_header_text, item_text, total_texts
from tests.screens.sample import item

_MONEY = st.decimals(Decimal(0), Decimal(10) ** 11, places=4)
_NAMES = st.text(st.sampled_from("货物名称abc （）𠮷"), max_size=60)
_ITEMS = st.lists(
    st.builds(
        lambda number, name, total, quantity: replace(item(number), name=name, total=total, quantity=quantity),
        st.integers(1, 50),
        _NAMES,
        _MONEY,
        _MONEY,
    ),
    max_size=5,
)


@given(_ITEMS, st.integers(78, 220))
def test_every_row_is_as_wide_as_its_header_and_no_wider_than_the_terminal(items: list[Item], width: int) -> None:
    columns = item_columns_for_width(items, width)
    header = item_header_text(columns)
    assert cell_len(header) <= width
    for shown in items:
        row = item_text(columns, shown)
        assert cell_len(row) + 2 == cell_len(header)
        assert format_money(shown.total) in row
        assert format_quantity(shown.quantity) in row


@given(_ITEMS, st.integers(78, 220))
def test_a_total_ends_where_the_amounts_end(items: list[Item], width: int) -> None:
    columns = item_columns_for_width(items, width)
    header = item_header_text(columns)
    end = cell_len(header[: header.index("总价") + 2])
    for total, row in zip(
        currency_totals(items), total_texts(columns, currency_totals(items), len(items)), strict=True
    ):
        amount = format_money(total.amount)
        position = cell_len(row[: row.index(amount)]) + cell_len(amount)
        assert position == end or (position > end and cell_len(amount) > end - cell_len("  合计 5 项"))


def test_wider_terminals_add_price_then_specification_then_the_statistical_value() -> None:
    items = [item(1)]
    headers = {width: item_header_text(item_columns_for_width(items, width)) for width in (78, 100, 118, 138)}
    assert [("单价" in headers[width]) for width in headers] == [False, True, True, True]
    assert [("规格型号" in headers[width]) for width in headers] == [False, False, True, True]
    assert [("统计美元价" in headers[width]) for width in headers] == [False, False, False, True]


def test_each_currency_has_its_row_and_only_the_first_is_labelled() -> None:
    rows = total_texts(
        item_columns_for_width([], 78), [CurrencyTotal("美元", Decimal(1)), CurrencyTotal("欧元", Decimal("2.5"))], 3
    )
    assert rows[0].startswith("  合计 3 项")
    assert rows[0].endswith("1.00 美元")
    assert rows[1].strip() == "2.50 欧元"
