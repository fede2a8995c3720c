"""The items of one declaration as rows: which columns there is room for, and the totals under them."""

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
_WIDEST_NAME = 40
_MORE_NAME = 12
"""Cells that the name gets before there is another column."""
_LONGEST_NUMBER = 24
"""A DECIMAL(19,4) with its separators: a number is never cut."""


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """One column. `width` is the least it takes; it grows up to `most` with the longest text of the declaration."""

    header: str
    width: int
    text: Callable[[Item], str]
    most: int
    is_number: bool = False

    def cell(self, item: Item) -> str:
        return fit(self.text(item), self.width, right=self.is_number)


_BASE = (
    ItemColumn("项", 2, lambda item: str(item.number), 3, is_number=True),
    ItemColumn("商品编号", 10, lambda item: format_text(item.hs_code), 13),
    ItemColumn(_NAME, 8, lambda item: format_text(item.name), 8),
    ItemColumn("数量", 8, lambda item: format_quantity(item.quantity), _LONGEST_NUMBER, is_number=True),
    ItemColumn("单位", 4, lambda item: format_text(item.unit), 8),
    ItemColumn(_TOTAL, 10, lambda item: format_money(item.total), _LONGEST_NUMBER, is_number=True),
    ItemColumn("币制", 6, lambda item: format_text(item.currency), 8),
    ItemColumn("最终目的国", 10, lambda item: format_text(item.destination_country), 14),
)

_MORE = (
    (_TOTAL, ItemColumn("单价", 10, lambda item: format_money(item.price), _LONGEST_NUMBER, is_number=True)),
    (_NAME, ItemColumn("规格型号", 24, lambda item: format_text(item.model), 24)),
    (
        "最终目的国",
        ItemColumn("统计美元价", 12, lambda item: format_money(item.usd_value), _LONGEST_NUMBER, is_number=True),
    ),
    (
        "单价",
        ItemColumn("法定数量", 10, lambda item: format_quantity(item.first_quantity), _LONGEST_NUMBER, is_number=True),
    ),
    ("单价", ItemColumn("法定单位", 8, lambda item: format_text(item.first_unit), 8)),
)
"""What more room adds, in this order: before which column, but the specification, which stands after the name."""


def plan(items: Sequence[Item], width: int) -> tuple[ItemColumn, ...]:
    """The columns for `items` in `width` cells. What is left over goes to the name of the goods."""
    columns = [_grown(column, items) for column in _BASE]
    room = width - _width(columns)
    for place, column in _MORE:
        grown = _grown(column, items)
        if grown.width + 1 + _MORE_NAME > room:
            break
        index = next(i for i, one in enumerate(columns) if one.header == place)
        columns.insert(index + (place == _NAME), grown)
        room -= grown.width + 1
    index = next(i for i, one in enumerate(columns) if one.header == _NAME)
    columns[index] = replace(columns[index], width=max(0, columns[index].width + min(room, _WIDEST_NAME)))
    return tuple(columns)


def header_text(columns: Sequence[ItemColumn]) -> str:
    return " " * _MARGIN + " ".join(fit(one.header, one.width, right=one.is_number) for one in columns)


def item_text(columns: Sequence[ItemColumn], item: Item) -> str:
    """The row of one item, without the cells of the cursor."""
    return " ".join(column.cell(item) for column in columns)


def total_texts(columns: Sequence[ItemColumn], totals: Sequence[CurrencyTotal], count: int) -> list[str]:
    """A row for each currency, its amount under the amounts."""
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
        room = max(cell_len(amount), end - cell_len(label))
        rows.append(f"{label}{fit(amount, room, right=True)} {format_text(total.currency)}")
    return rows


def _grown(column: ItemColumn, items: Sequence[Item]) -> ItemColumn:
    longest = max((cell_len(column.text(item)) for item in items), default=0)
    return replace(column, width=max(column.width, min(longest, column.most)))


def _width(columns: Sequence[ItemColumn]) -> int:
    return _MARGIN + sum(column.width for column in columns) + len(columns) - 1
