"""排序: the dialog that chooses the column by which the table is sorted."""

from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.widget import Widget

from jiacha_tui.declaration.declaration_row import Column, Order
from screens.base.dialog import Dialog
from screens.commands.help_sections import Section
from screens.widgets.cells import fit
from screens.widgets.choice_list import Choice, ChoiceList

SORTABLE_COLUMNS = (
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

_DESCENDING_FIRST = frozenset(
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
"""Dates and numbers are sorted in descending order first, texts in ascending order."""


def _order_after(order: Order, column: Column) -> Order:
    """The order after `column` was chosen: the reverse if `order` is by this column already."""
    if column is order.column:
        return Order(column, not order.descending)
    return Order(column, column in _DESCENDING_FIRST)


class SortDialog(Dialog[Order]):
    """Lists the columns. At the current one it shows the order, and the order after choosing it again."""

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
        yield ChoiceList([Choice(Text(self._text(column))) for column in SORTABLE_COLUMNS])

    def help_sections(self) -> tuple[Section, ...]:
        return (Section.of("排序", "选一列排序；再选同一列则反过来排。光标和选择不会丢。"),)

    def on_mount(self) -> None:
        if self._order.column in SORTABLE_COLUMNS:
            self.query_one(ChoiceList).move_to(SORTABLE_COLUMNS.index(self._order.column))

    @on(ChoiceList.Chosen)
    def _chosen(self, chosen: ChoiceList.Chosen) -> None:
        self.dismiss(_order_after(self._order, SORTABLE_COLUMNS[chosen.index]))

    def _text(self, column: Column) -> str:
        if column is not self._order.column:
            return column.label
        before, after = ("从大到小", "从小到大") if self._order.descending else ("从小到大", "从大到小")
        return f"{fit(column.label, _LABEL)}现在{before}，再选则{after}"
