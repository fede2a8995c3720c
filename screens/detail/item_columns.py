"""The columns of the list of items: which fit into the terminal, and the totals below them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from jiacha_tui.actions.detail import CurrencyTotal
from jiacha_tui.declaration.formatting import format_money, format_quantity, format_text
from jiacha_tui.declaration.model import Item
from screens.widgets.cells import fit

_MARGIN = 2
"""Cells before the first column: the cursor and a blank."""

_NAME, _TOTAL = "商品名称", "总价"
_MAX_NAME_GROWTH = 40
_NAME_BEFORE_MORE = 12
"""Cells that the name must be able to grow by beside a further column; else that column is left out."""
_MAX_NUMBER_WIDTH = 24
"""Cells of the longest DECIMAL(19,4) with its separators, so that a number is never cut."""


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """One column. `width` is its least width in cells; the longest text widens it up to `max_width`."""

    header: str
    width: int
    text: Callable[[Item], str]
    max_width: int
    is_number: bool = False

    def cell(self, item: Item) -> str:
        """The text of an item in exactly `width` cells."""
        return fit(self.text(item), self.width, right=self.is_number)


_BASE = (
    ItemColumn("项", 2, lambda item: str(item.number), 3, is_number=True),
    ItemColumn("商品编号", 10, lambda item: format_text(item.hs_code), 13),
    ItemColumn(_NAME, 8, lambda item: format_text(item.name), 8),
    ItemColumn("数量", 8, lambda item: format_quantity(item.quantity), _MAX_NUMBER_WIDTH, is_number=True),
    ItemColumn("单位", 4, lambda item: format_text(item.unit), 8),
    ItemColumn(_TOTAL, 10, lambda item: format_money(item.total), _MAX_NUMBER_WIDTH, is_number=True),
    ItemColumn("币制", 6, lambda item: format_text(item.currency), 8),
    ItemColumn("最终目的国", 10, lambda item: format_text(item.destination_country), 14),
)

_MORE = (
    (_TOTAL, ItemColumn("单价", 10, lambda item: format_money(item.price), _MAX_NUMBER_WIDTH, is_number=True)),
    (_NAME, ItemColumn("规格型号", 24, lambda item: format_text(item.model), 24)),
    (
        "最终目的国",
        ItemColumn("统计美元价", 12, lambda item: format_money(item.usd_value), _MAX_NUMBER_WIDTH, is_number=True),
    ),
    (
        "单价",
        ItemColumn(
            "法定数量", 10, lambda item: format_quantity(item.first_quantity), _MAX_NUMBER_WIDTH, is_number=True
        ),
    ),
    ("单价", ItemColumn("法定单位", 8, lambda item: format_text(item.first_unit), 8)),
)
"""Columns for wider terminals, in the order in which they are added, each with the column that it goes before.

规格型号 is the exception: it goes after 商品名称.
"""


def item_columns_for_width(items: Sequence[Item], width: int) -> tuple[ItemColumn, ...]:
    """The columns for `items` in `width` cells. 商品名称 gets the cells that are left over."""
    columns = [_grown(column, items) for column in _BASE]
    available = width - _width(columns)
    for neighbour, column in _MORE:
        grown = _grown(column, items)
        if grown.width + 1 + _NAME_BEFORE_MORE > available:
            break
        index = next(i for i, shown in enumerate(columns) if shown.header == neighbour)
        columns.insert(index + (neighbour == _NAME), grown)
        available -= grown.width + 1
    index = next(i for i, shown in enumerate(columns) if shown.header == _NAME)
    columns[index] = replace(columns[index], width=max(0, columns[index].width + min(available, _MAX_NAME_GROWTH)))
    return tuple(columns)


def item_header_text(columns: Sequence[ItemColumn]) -> str:
    return " " * _MARGIN + " ".join(fit(column.header, column.width, right=column.is_number) for column in columns)


def item_text(columns: Sequence[ItemColumn], item: Item) -> str:
    """The row of one item, without the two cells of the cursor at its start."""
    return " ".join(column.cell(item) for column in columns)


def total_texts(columns: Sequence[ItemColumn], totals: Sequence[CurrencyTotal], count: int) -> list[str]:
    """A row for each currency, with its amount below the amounts of the items. `count` is the number of items."""
    before = _MARGIN
    for column in columns:
        if column.header == _TOTAL:
            break
        before += column.width + 1
    end = before + next(column.width for column in columns if column.header == _TOTAL)
    rows = []
    for index, total in enumerate(totals):
        label = f"  合计 {count} 项" if index == 0 else ""
        amount = format_money(total.amount)
        available = max(cell_len(amount), end - cell_len(label))
        rows.append(f"{label}{fit(amount, available, right=True)} {format_text(total.currency)}")
    return rows


def _grown(column: ItemColumn, items: Sequence[Item]) -> ItemColumn:
    longest = max((cell_len(column.text(item)) for item in items), default=0)
    return replace(column, width=max(column.width, min(longest, column.max_width)))


def _width(columns: Sequence[ItemColumn]) -> int:
    return _MARGIN + sum(column.width for column in columns) + len(columns) - 1
