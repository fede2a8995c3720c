"""The columns of the table of declarations for a given width, and their texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from rich.cells import cell_len

from jiacha_tui.declaration.declaration_row import Column, DeclarationRow, Order
from jiacha_tui.declaration.exact import EXACT
from jiacha_tui.declaration.formatting import NOTHING, format_date, format_text
from jiacha_tui.declaration.journal import Outcome
from screens.widgets.cells import fit

CURSOR = "▸"
SELECTED = "✓"
DELISTED = "×"
OUTDATED = "!"
RESENT = "↑"
DOWNLOADED = "↓"
BOTH = "↕"
UNKNOWN = "?"
_DESCENDING, _ASCENDING = "▾", "▴"
_MARGIN = 3
"""Cells before the first column: the cursor, the mark of a selected row, and that of one that the port no longer
lists or has changed since a copy was made here."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as it is drawn. `text` gives the text of a row for a width; `headers` begin with the longest."""

    column: Column
    headers: tuple[str, ...]
    width: int
    text: Callable[[DeclarationRow, int], str]
    right: bool = False

    def cell(self, row: DeclarationRow) -> str:
        """The text of a row in exactly `width` cells."""
        return fit(self.text(row, self.width), self.width, right=self.right)

    def heading(self, order: Order) -> str:
        """The header; the column by which the table is sorted has a mark for the direction."""
        text = next((header for header in self.headers if cell_len(header) <= self.width), self.headers[-1])
        if order.column is self.column:
            mark = _DESCENDING if order.descending else _ASCENDING
            while cell_len(text) >= self.width:
                text = text[:-1]
            text += mark
        return fit(text, self.width, right=self.right)


@lru_cache(maxsize=64)
def columns_for_width(width: int) -> tuple[TableColumn, ...]:
    """The columns for a table `width` cells wide.

    At 80 they are those of the official manual. Wider tables have more of them, the most useful first; what is left
    over widens the names. A table narrower than 80 has the columns of 80.
    """
    columns = list(_BASE)
    available = width - _width(columns)
    for change in _MORE:
        changed = change(columns)
        if (cost := _width(changed) - _width(columns)) > available:
            break
        columns, available = changed, available - cost
    for column, max_width in _WIDENED.items():
        columns, available = _widened(columns, column, max_width, available)
    return tuple(columns)


def header_text(columns: Sequence[TableColumn], order: Order) -> str:
    """The row above the table."""
    return " " * _MARGIN + " ".join(column.heading(order) for column in columns)


def row_text(columns: Sequence[TableColumn], row: DeclarationRow, *, cursor: bool, selected: bool) -> str:
    """The whole row as one text."""
    mark = DELISTED if row.delisted_at is not None else OUTDATED if row.is_outdated else " "
    return _margin(cursor, selected, mark) + " ".join(column.cell(row) for column in columns)


def unread_row_text(columns: Sequence[TableColumn], *, cursor: bool) -> str:
    """The text of a row that has not been read yet."""
    return _margin(cursor, selected=False) + "·" * columns[0].width


def _margin(cursor: bool, selected: bool, mark: str = " ") -> str:
    return f"{CURSOR if cursor else ' '}{SELECTED if selected else ' '}{mark}"


def _width(columns: Sequence[TableColumn]) -> int:
    return _MARGIN + sum(column.width for column in columns) + len(columns) - 1


def _widened(
    columns: list[TableColumn], column: Column, max_width: int, available: int
) -> tuple[list[TableColumn], int]:
    index = next((index for index, shown in enumerate(columns) if shown.column is column), None)
    if index is None or available <= 0:
        return columns, available
    more = min(available, max_width - columns[index].width)
    widened = replace(columns[index], width=columns[index].width + more)
    return [*columns[:index], widened, *columns[index + 1 :]], available - more


def _added(column: TableColumn, after: Column) -> Callable[[list[TableColumn]], list[TableColumn]]:
    def change(columns: list[TableColumn]) -> list[TableColumn]:
        index = next(index for index, shown in enumerate(columns) if shown.column is after) + 1
        return [*columns[:index], column, *columns[index:]]

    return change


def _widened_to(column: Column, width: int) -> Callable[[list[TableColumn]], list[TableColumn]]:
    def change(columns: list[TableColumn]) -> list[TableColumn]:
        return [replace(shown, width=width) if shown.column is column else shown for shown in columns]

    return change


def _usd(row: DeclarationRow, width: int) -> str:
    """The amount, never cut: if it does not fit, without separators, else in 万 or 亿."""
    usd = row.usd_amount
    if usd is None:
        return NOTHING
    texts = (f"{usd:,.2f}", f"{usd:.2f}", f"{EXACT.scaleb(usd, -4):,.2f}万", f"{EXACT.scaleb(usd, -8):,.2f}亿")
    return next((text for text in texts if cell_len(text) <= width), "#" * width)


def _moment(moment: datetime | None, width: int) -> str:
    if moment is None:
        return NOTHING
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d"):
        if cell_len(text := moment.strftime(form)) <= width:
            return text
    return moment.strftime("%m-%d")


def _state(row: DeclarationRow, _width: int) -> str:
    """数据传输状态, and a mark for what was done on this machine: resent `↑`, downloaded `↓`, both `↕`.

    A resend with unknown outcome, `?`, has to be checked and hides the other marks.
    """
    if row.resend_unknown_at is not None:
        return format_text(row.transfer_state) + UNKNOWN
    mark = {(True, False): RESENT, (False, True): DOWNLOADED, (True, True): BOTH}.get(
        (row.resent_at is not None, row.downloaded_at is not None), ""
    )
    return format_text(row.transfer_state) + mark


def _resent(row: DeclarationRow, width: int) -> str:
    return _moment(row.resent_at, width) if row.resend_unknown_at is None else Outcome.UNKNOWN.label


def _detail_text(get: Callable[[DeclarationRow], str]) -> Callable[[DeclarationRow, int], str]:
    """The text of a field of the detail: blank while the detail is not cached, a dash if the field is empty."""
    return lambda row, _width: format_text(get(row)) if row.has_detail else ""


_EXIT = TableColumn(Column.EXIT_CUSTOMS, ("出口口岸",), 8, lambda row, _: format_text(row.exit_customs))
_COUNTRY = TableColumn(Column.DESTINATION_COUNTRY, ("运抵国",), 8, _detail_text(lambda row: row.destination_country))
_GOODS = TableColumn(Column.GOODS, ("商品名称",), 12, _detail_text(lambda row: row.goods))

_BASE = (
    TableColumn(Column.ENTRY_ID, ("报关单号",), 18, lambda row, _: format_text(row.entry_id)),
    TableColumn(Column.EXPORTED_ON, ("出口日期",), 10, lambda row, _: format_date(row.exported_on)),
    _EXIT,
    _COUNTRY,
    TableColumn(Column.USD_AMOUNT, ("报关金额USD",), 12, _usd, right=True),
    TableColumn(Column.REPORTED_AT, ("报送时间", "报送"), 5, lambda row, width: _moment(row.reported_at, width)),
    TableColumn(Column.TRANSFER_STATE, ("数据传输状态", "状态"), 5, _state),
    TableColumn(Column.PRINT_COUNT, ("打印次数", "打印"), 4, lambda row, _: str(row.print_count), right=True),
)

_MORE = (
    _widened_to(Column.REPORTED_AT, 10),
    _added(
        TableColumn(
            Column.ITEM_COUNT,
            ("条数",),
            4,
            lambda row, _: "" if row.item_count is None else str(row.item_count),
            True,
        ),
        Column.USD_AMOUNT,
    ),
    _added(
        TableColumn(Column.TRADE_MODE, ("监管方式",), 8, _detail_text(lambda row: row.trade_mode)),
        Column.DESTINATION_COUNTRY,
    ),
    _added(
        TableColumn(Column.CONTRACT_NO, ("合同协议号",), 14, _detail_text(lambda row: row.contract_no)),
        Column.TRADE_MODE,
    ),
    _added(_GOODS, Column.TRADE_MODE),
    _widened_to(Column.REPORTED_AT, 16),
    _added(
        TableColumn(Column.DOWNLOADED_AT, ("下载时间",), 10, lambda row, width: _moment(row.downloaded_at, width)),
        Column.TRANSFER_STATE,
    ),
    _added(
        TableColumn(Column.RESENT_AT, ("重发时间",), 10, _resent),
        Column.TRANSFER_STATE,
    ),
)
"""How a wider table is changed, the most useful change first."""

_WIDENED = {Column.EXIT_CUSTOMS: 12, Column.DESTINATION_COUNTRY: 12, Column.CONTRACT_NO: 20, Column.GOODS: 60}
"""The columns that get the rest of the width, and their largest width."""
