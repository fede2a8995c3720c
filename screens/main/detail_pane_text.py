"""A declaration as lines for the detail pane: its row of the list, then its detail as far as it is cached."""

from rich.cells import cell_len

from jiacha_tui.declaration.formatting import format_date, format_minute, format_money, format_quantity, format_text
from jiacha_tui.declaration.hints import outdated_texts
from jiacha_tui.declaration.model import Declaration, Head, Item
from screens.widgets.cells import fit

_LABEL = 12
"""Cells for a label and at least one blank after it; the longest is 报关金额USD."""

_TWO_ROWS_FROM = 40
"""From this width on, an item takes two rows instead of three."""


def detail_pane_text(declaration: Declaration, width: int) -> list[str]:
    """The number comes first. Lines of items are `width` cells wide, the others may be longer."""
    summary, head = declaration.summary, declaration.head
    delisted_at = declaration.delisted_at
    lines = [
        format_text(summary.entry_id),
        *([f"× 口岸不再列出 {format_date(delisted_at.astimezone())}"] if delisted_at is not None else []),
        *declaration.marks.texts,
        *(f"! {text}" for text in outdated_texts(declaration)),
        f"{summary.kind.label}  {format_text(summary.transfer_state)}",
        _row("出口日期", format_date(summary.exported_on)),
        _row("出口口岸", format_text(summary.exit_customs)),
        _row("报送时间", format_minute(summary.reported_at)),
        _row("报关金额USD", format_money(summary.usd_amount)),
    ]
    if head is None:
        return [*lines, "", "详情还不在缓存里，F4 打开"]
    return [*lines, *_head_lines(head), "", *_item_lines(declaration.items, width)]


def _head_lines(head: Head) -> list[str]:
    terms = "  ".join(filter(str.strip, (head.trade_mode, head.trans_mode)))
    packages = f"{format_quantity(head.package_count)} {head.wrap_type}".strip()
    return [
        _row("运抵国", format_text(head.destination_country)),
        _row("申报地海关", format_text(head.declaration_customs)),
        _row("申报日期", format_date(head.declared_on)),
        _row("监管 成交", format_text(terms)),
        _row("合同协议号", format_text(head.contract_no)),
        _row("提运单号", format_text(head.bill_no)),
        _row("件数 包装", format_text(packages)),
        _row("毛重", format_quantity(head.gross_weight)),
        _row("净重", format_quantity(head.net_weight)),
        _row("申报单位", format_text(head.agent_name)),
    ]


def _item_lines(items: tuple[Item, ...], width: int) -> list[str]:
    """Number, code and quantity; name; total. If there is room, name and total share a row."""
    lines = []
    for item in items:
        name = f"   {format_text(item.name)}"
        total = f"{format_money(item.total)} {format_text(item.currency)}"
        quantity = f"{format_quantity(item.quantity)} {format_text(item.unit)}"
        lines.append(_spread(f"{item.number:>2} {format_text(item.hs_code)}", quantity, width))
        lines.extend([_spread(name, total, width)] if width >= _TWO_ROWS_FROM else [name, _spread("", total, width)])
    return lines


def _spread(left: str, right: str, width: int) -> str:
    """`right` whole at the right edge, and as much of `left` as fits with a blank between them."""
    return fit(left, max(0, width - cell_len(right) - 1)) + " " + right


def _row(label: str, value: str) -> str:
    return fit(label, _LABEL) + value
