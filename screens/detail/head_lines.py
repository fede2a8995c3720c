"""The head of a declaration in a few lines: what a clerk looks for first, the more of it the wider the terminal."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from rich.cells import cell_len
from rich.text import Text

from jiacha_tui.declaration.formatting import NOTHING, format_date, format_money, format_quantity, format_text
from jiacha_tui.declaration.model import Declaration, Head, Summary
from screens.widgets.cells import fit

_COLUMNS = 4
"""Labels with their values beside each other at 80 columns, 20 cells each."""

_CELL = 24
"""The width of one of them where there are more than four."""

_TOTAL = "总价"
"""The mark of a fee that is an amount as it stands; only what makes it something else is worth the room."""

DeclarationValue = Callable[[Head, Summary], str]


def _fee(amount: Decimal | None, currency: str, mark: str) -> str:
    if not amount:
        return NOTHING
    marks = (currency.strip(), "" if mark.strip() == _TOTAL else mark.strip())
    return format_text(" ".join(filter(None, (format_quantity(amount), *marks))))


_PAIRS: tuple[tuple[str, DeclarationValue], ...] = (
    ("出口日期", lambda head, row: format_date(head.exported_on or row.exported_on)),
    ("申报日期", lambda head, row: format_date(head.declared_on)),
    ("出口口岸", lambda head, row: format_text(head.exit_customs or row.exit_customs)),
    ("运抵国", lambda head, row: format_text(head.destination_country)),
    ("监管方式", lambda head, row: format_text(head.trade_mode)),
    ("征免性质", lambda head, row: format_text(head.cut_mode)),
    ("成交方式", lambda head, row: format_text(head.trans_mode)),
    ("合同", lambda head, row: format_text(head.contract_no)),
    ("件数", lambda head, row: format_quantity(head.package_count)),
    ("毛重", lambda head, row: format_quantity(head.gross_weight)),
    ("净重", lambda head, row: format_quantity(head.net_weight)),
    ("USD", lambda head, row: format_money(row.usd_amount)),
    ("运费", lambda head, row: _fee(head.freight, head.freight_currency, head.freight_mark)),
    ("保费", lambda head, row: _fee(head.insurance, head.insurance_currency, head.insurance_mark)),
    ("杂费", lambda head, row: _fee(head.other, head.other_currency, head.other_mark)),
    ("报送", lambda head, row: format_date(row.reported_at.date() if row.reported_at else None)),
    ("打印次数", lambda head, row: str(row.print_count)),
    ("申报地海关", lambda head, row: format_text(head.declaration_customs)),
    ("运输方式", lambda head, row: format_text(head.transport_mode)),
    ("提运单号", lambda head, row: format_text(head.bill_no)),
    ("指运港", lambda head, row: format_text(head.destination_port)),
    ("境内货源地", lambda head, row: format_text(head.district)),
    ("包装种类", lambda head, row: format_text(head.wrap_type)),
    ("备案号", lambda head, row: format_text(head.manual_no)),
    ("运输工具", lambda head, row: format_text(head.transport_name)),
    ("航次", lambda head, row: format_text(head.voyage_no)),
    ("结汇方式", lambda head, row: format_text(head.settlement)),
    ("许可证号", lambda head, row: format_text(head.licence_no)),
    ("集装箱号", lambda head, row: format_text(head.container_ids)),
    ("备注", lambda head, row: format_text(head.remarks)),
    ("统一编号", lambda head, row: format_text(head.unified_no)),
    ("预录入编号", lambda head, row: format_text(head.pre_entry_id)),
)


def title_text(declaration: Declaration, position: str, width: int) -> str:
    """Which declaration, in which state, and the `position` at the right end."""
    summary, head = declaration.summary, declaration.head
    times = head.amendment_count if head else None
    amended = f"（第 {times} 次）" if times else ""
    kind = summary.kind.label.removesuffix("报关单")
    left = (
        f"报关单 {format_text(summary.entry_id)}   {kind}  数据传输状态 {format_text(summary.transfer_state)}{amended}"
    )
    room = width - cell_len(position)
    return f"{fit(left, room)}{position}"


def head_lines(declaration: Declaration, width: int, rows: int) -> list[Text]:
    """The parties on one line, then a grid of `rows` whose places stay the same from one declaration to the next."""
    head, summary = declaration.head or Head(), declaration.summary
    # The last cell needs no blank behind it.
    columns = max(_COLUMNS, (width + 1) // _CELL)
    cell = (width + 1) // columns
    pairs = [(label, of(head, summary)) for label, of in _PAIRS[: columns * rows]]
    grid = (pairs[start : start + columns] for start in range(0, len(pairs), columns))
    return [_parties(head, width), *(_line([(*pair, cell) for pair in row]) for row in grid)]


def _parties(head: Head, width: int) -> Text:
    """Half of the line for each, unless the first needs more and the second leaves it."""
    consignor, agent = ("境内收发货人", _consignor(head)), ("申报单位", format_text(head.agent_name))
    left = max(width // 2, min(_length(consignor), width + 1 - _length(agent)))
    return _line([(*consignor, left), (*agent, width + 1 - left)])


def _consignor(head: Head) -> str:
    if not head.consignor_code.strip():
        return format_text(head.consignor_name)
    return f"{format_text(head.consignor_name)} ({format_text(head.consignor_code)})"


def _length(pair: tuple[str, str]) -> int:
    return cell_len(pair[0]) + cell_len(pair[1]) + 2


def _line(cells: Sequence[tuple[str, str, int]]) -> Text:
    """Label, value and width of each; a blank is the last cell of each width."""
    line = Text()
    for label, value, width in cells:
        line.append(label, "dim").append(" ").append(fit(value, width - cell_len(label) - 2)).append(" ")
    line.rstrip()
    return line
