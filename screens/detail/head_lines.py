"""The head of a declaration in a few lines. The most wanted fields come first; a wider terminal shows more of them."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from rich.cells import cell_len
from rich.text import Text

from jiacha_tui.declaration.formatting import NOTHING, format_date, format_money, format_quantity, format_text
from jiacha_tui.declaration.model import Declaration, Head, Summary
from screens.widgets.cells import fit

_COLUMNS = 4
"""Fields in one line on a terminal of 80 columns. Each gets 20 cells for its label and value."""

_CELL = 24
"""The least cells for a field on a terminal that has room for more than `_COLUMNS` of them in a line."""

_AMOUNT_MARK = "总价"
"""The mark of a fee that is a plain amount. It is not shown; the marks of a rate and of a unit price are."""


def _fee(amount: Decimal | None, currency: str, mark: str) -> str:
    if not amount:
        return NOTHING
    marks = (currency.strip(), "" if mark.strip() == _AMOUNT_MARK else mark.strip())
    return format_text(" ".join(filter(None, (format_quantity(amount), *marks))))


_FIELDS: tuple[tuple[str, Callable[[Head, Summary], str]], ...] = (
    ("出口日期", lambda head, summary: format_date(head.exported_on or summary.exported_on)),
    ("申报日期", lambda head, summary: format_date(head.declared_on)),
    ("出口口岸", lambda head, summary: format_text(head.exit_customs or summary.exit_customs)),
    ("运抵国", lambda head, summary: format_text(head.destination_country)),
    ("监管方式", lambda head, summary: format_text(head.trade_mode)),
    ("征免性质", lambda head, summary: format_text(head.cut_mode)),
    ("成交方式", lambda head, summary: format_text(head.trans_mode)),
    ("合同", lambda head, summary: format_text(head.contract_no)),
    ("件数", lambda head, summary: format_quantity(head.package_count)),
    ("毛重", lambda head, summary: format_quantity(head.gross_weight)),
    ("净重", lambda head, summary: format_quantity(head.net_weight)),
    ("USD", lambda head, summary: format_money(summary.usd_amount)),
    ("运费", lambda head, summary: _fee(head.freight, head.freight_currency, head.freight_mark)),
    ("保费", lambda head, summary: _fee(head.insurance, head.insurance_currency, head.insurance_mark)),
    ("杂费", lambda head, summary: _fee(head.other, head.other_currency, head.other_mark)),
    ("报送", lambda head, summary: format_date(summary.reported_at.date() if summary.reported_at else None)),
    ("打印次数", lambda head, summary: str(summary.print_count)),
    ("申报地海关", lambda head, summary: format_text(head.declaration_customs)),
    ("运输方式", lambda head, summary: format_text(head.transport_mode)),
    ("提运单号", lambda head, summary: format_text(head.bill_no)),
    ("指运港", lambda head, summary: format_text(head.destination_port)),
    ("境内货源地", lambda head, summary: format_text(head.district)),
    ("包装种类", lambda head, summary: format_text(head.wrap_type)),
    ("备案号", lambda head, summary: format_text(head.manual_no)),
    ("运输工具", lambda head, summary: format_text(head.transport_name)),
    ("航次", lambda head, summary: format_text(head.voyage_no)),
    ("结汇方式", lambda head, summary: format_text(head.settlement)),
    ("许可证号", lambda head, summary: format_text(head.licence_no)),
    ("集装箱号", lambda head, summary: format_text(head.container_ids)),
    ("备注", lambda head, summary: format_text(head.remarks)),
    ("统一编号", lambda head, summary: format_text(head.unified_no)),
    ("预录入编号", lambda head, summary: format_text(head.pre_entry_id)),
)


def title_text(declaration: Declaration, position: str, width: int) -> str:
    """One line of `width` cells: number and state of the declaration, and `position` at the right end."""
    summary, head = declaration.summary, declaration.head
    count = head.amendment_count if head else None
    amendments = f"（第 {count} 次）" if count else ""
    entry_id, kind = format_text(summary.entry_id), summary.kind.label.removesuffix("报关单")
    at = declaration.delisted_at
    delisted = f"  × 口岸不再列出（{format_date(at.astimezone())} 发现）" if at is not None else ""
    left = f"报关单 {entry_id}   {kind}{delisted}  数据传输状态 {format_text(summary.transfer_state)}{amendments}"
    available = width - cell_len(position)
    return f"{fit(left, available)}{position}"


def head_lines(declaration: Declaration, width: int, rows: int) -> list[Text]:
    """One line with the two companies, then `rows` lines of fields, each field always at the same place."""
    head, summary = declaration.head or Head(), declaration.summary
    # The last field of a line needs no blank after it, which is why the grid is one cell wider than the line.
    columns = max(_COLUMNS, (width + 1) // _CELL)
    cell = (width + 1) // columns
    fields = [(label, value_of(head, summary)) for label, value_of in _FIELDS[: columns * rows]]
    grid = (fields[start : start + columns] for start in range(0, len(fields), columns))
    return [_companies(head, width), *(_line([(*field, cell) for field in row]) for row in grid)]


def _companies(head: Head, width: int) -> Text:
    """Each gets half of the line. The first gets more if it needs that and the second does not."""
    consignor, agent = ("境内收发货人", _consignor(head)), ("申报单位", format_text(head.agent_name))
    left = max(width // 2, min(_length(consignor), width + 1 - _length(agent)))
    return _line([(*consignor, left), (*agent, width + 1 - left)])


def _consignor(head: Head) -> str:
    if not head.consignor_code.strip():
        return format_text(head.consignor_name)
    return f"{format_text(head.consignor_name)} ({format_text(head.consignor_code)})"


def _length(field: tuple[str, str]) -> int:
    return cell_len(field[0]) + cell_len(field[1]) + 2


def _line(cells: Sequence[tuple[str, str, int]]) -> Text:
    """A line of `cells`: the label, value and width of each. The width includes one blank at the end."""
    line = Text()
    for label, value, width in cells:
        line.append(label, "dim").append(" ").append(fit(value, width - cell_len(label) - 2)).append(" ")
    line.rstrip()
    return line
