"""Choose the column by which the table is sorted."""

from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.widget import Widget

from jiacha_tui.declaration.declaration_row import Column, Order
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.widgets.cells import fit
from screens.widgets.choice_list import Choice, ChoiceList

COLUMNS = (
    Column.ENTRY_ID,
    Column.EXPORTED_ON,
    Column.EXIT_CUSTOMS,
    Column.DESTINATION_COUNTRY,
    Column.USD_AMOUNT,
    Column.REPORTED_AT,
    Column.TRANSFER_STATE,
    Column.PRINT_COUNT,
    Column.TRADE_MODE,
    Column.CONTRACT_NO,
    Column.GOODS,
    Column.ITEM_COUNT,
    Column.DOWNLOADED_AT,
    Column.RESENT_AT,
)

_LABEL = 14

_LARGEST_FIRST = frozenset(
    {
        Column.EXPORTED_ON,
        Column.USD_AMOUNT,
        Column.REPORTED_AT,
        Column.PRINT_COUNT,
        Column.ITEM_COUNT,
        Column.DOWNLOADED_AT,
        Column.RESENT_AT,
    }
)
"""Dates and amounts start with the newest and the largest, texts with the first."""


def chosen(order: Order, column: Column) -> Order:
    """The order after choosing `column`: turned round where it is the one already."""
    if column is order.column:
        return Order(column, not order.descending)
    return Order(column, column in _LARGEST_FIRST)


class SortDialog(Dialog[Order]):
    """The columns, with what choosing each would do."""

    TITLE = "排序"
    KEYS = "↑↓ 选择 · Enter 确定"

    DEFAULT_CSS = """
    SortDialog > #frame { width: 54; }
    SortDialog #buttons { display: none; }
    """

    def __init__(self, order: Order) -> None:
        super().__init__()
        self._order = order

    def body(self) -> Iterable[Widget]:
        yield ChoiceList([Choice(Text(self._text(column))) for column in COLUMNS])

    def help_sections(self) -> tuple[Section, ...]:
        return (Section.of("排序", "选一列排序；再选同一列则反过来排。光标和选择不会丢。"),)

    def on_mount(self) -> None:
        if self._order.column in COLUMNS:
            self.query_one(ChoiceList).move_to(COLUMNS.index(self._order.column))

    @on(ChoiceList.Chosen)
    def _chosen(self, chosen_row: ChoiceList.Chosen) -> None:
        self.dismiss(chosen(self._order, COLUMNS[chosen_row.index]))

    def _text(self, column: Column) -> str:
        if column is not self._order.column:
            return column.label
        now, then = ("从大到小", "从小到大") if self._order.descending else ("从小到大", "从大到小")
        return f"{fit(column.label, _LABEL)}现在{now}，再选则{then}"
