"""A declaration in a narrow column: its row of the list first, and below it as much as the cache has of its detail."""

from rich.cells import cell_len

from jiacha_tui.declaration import shown
from jiacha_tui.declaration.model import Declaration, Head, Item
from screens.widgets.cells import fit

_LABEL = 11
"""Cells for a label and the blank after it: five Chinese characters."""

_TWO_ROWS_FROM = 40
"""Cells from which an item needs two rows, not three."""


def pane_lines(declaration: Declaration, width: int) -> list[str]:
    """The number first. Lines of the items are `width` cells, the others may be longer."""
    summary, head = declaration.summary, declaration.head
    lines = [
        shown.text(summary.entry_id),
        f"{summary.kind.label}  {shown.text(summary.transfer_state)}",
        _row("出口日期", shown.day(summary.exported_on)),
        _row("出口口岸", shown.text(summary.exit_customs)),
        _row("报送时间", shown.minute(summary.reported_at)),
        _row("金额USD", shown.money(summary.usd_amount)),
    ]
    if head is None:
        return [*lines, "", "详情还不在缓存里，F4 打开"]
    return [*lines, *_head_lines(head), "", *_item_lines(declaration.items, width)]


def _head_lines(head: Head) -> list[str]:
    terms = "  ".join(filter(str.strip, (head.trade_mode, head.trans_mode)))
    packages = f"{shown.quantity(head.package_count)} {head.wrap_type}".strip()
    return [
        _row("运抵国", shown.text(head.destination_country)),
        _row("申报地海关", shown.text(head.declaration_customs)),
        _row("申报日期", shown.day(head.declared_on)),
        _row("监管 成交", shown.text(terms)),
        _row("合同协议号", shown.text(head.contract_no)),
        _row("提运单号", shown.text(head.bill_no)),
        _row("件数 包装", shown.text(packages)),
        _row("毛重", shown.quantity(head.gross_weight)),
        _row("净重", shown.quantity(head.net_weight)),
        _row("申报单位", shown.text(head.agent_name)),
    ]


def _item_lines(items: tuple[Item, ...], width: int) -> list[str]:
    """Number, code and quantity; name; total. Where there is room, the total stands beside the name."""
    lines = []
    for item in items:
        name = f"   {shown.text(item.name)}"
        total = f"{shown.money(item.total)} {shown.text(item.currency)}"
        quantity = f"{shown.quantity(item.quantity)} {shown.text(item.unit)}"
        lines.append(_apart(f"{item.number:>2} {shown.text(item.hs_code)}", quantity, width))
        lines.extend([_apart(name, total, width)] if width >= _TWO_ROWS_FROM else [name, _apart("", total, width)])
    return lines


def _apart(left: str, right: str, width: int) -> str:
    """`right` at the right edge, whole, and as much of `left` as leaves a blank between them."""
    return fit(left, max(0, width - cell_len(right) - 1)) + " " + right


def _row(label: str, value: str) -> str:
    return fit(label, _LABEL) + value
