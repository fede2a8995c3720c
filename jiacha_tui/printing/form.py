"""Lays a declaration out in the pages and boxes of the export form (海关总署公告 2018年第61号).

This gives texts and positions; `drawing` and `text_form` draw them, on paper and in the terminal. Page 1 has the header
boxes and six items, each further page fourteen items (as printed by the single window). The fields that the port does
not send (境外收货人, 贸易国, 离境口岸, 原产国, the declaring persons) stay blank.
"""

import math
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from jiacha_tui.declaration.codes import CodeTable, code_of, name_of
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.declaration.exact import EXACT
from jiacha_tui.declaration.model import Declaration, Head, Item, Kind

TITLE = "中华人民共和国海关出口货物报关单"


@dataclass(frozen=True, slots=True)
class FormMarks:
    """What a form says of itself: the stamp at the top left, the watermark across the page, and the note below it."""

    stamp: str
    watermark: str
    note: str


DRAWN_HERE = FormMarks(
    "仅供核对用", "仅供核对用", "本单据由 jiacha 按口岸结关数据绘制，不是口岸的打印，仅供核对用；口岸不提供的栏目留空。"
)
"""The marks of a form that this program draws."""

ITEMS_ON_FIRST_PAGE = 6
ITEMS_ON_NEXT_PAGES = 14


@dataclass(frozen=True, slots=True)
class Box:
    """One field with its label. `left` and `right` are millimetres from the left edge of the paper."""

    label: str
    left: float
    right: float
    code: str = ""
    value: str = ""

    @property
    def heading(self) -> str:
        """The label, with the code in brackets after it if there is one."""
        return f"{self.label} ({self.code})" if self.code else self.label


@dataclass(frozen=True, slots=True)
class FormRow:
    """Boxes next to each other. `top` and `bottom` are millimetres from the top edge of the paper."""

    top: float
    bottom: float
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class FormColumn:
    """One column of the items. If `wraps` is set, its entries use all the lines of an item."""

    label: str
    left: float
    right: float
    numeric: bool = False
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class FormItem:
    """One item: for each column the entries below each other."""

    number: tuple[str, ...]
    hs_code: tuple[str, ...]
    goods: tuple[str, ...]
    quantities: tuple[str, ...]
    prices: tuple[str, ...]
    origin: tuple[str, ...]
    destination: tuple[str, ...]
    district: tuple[str, ...]
    duty_mode: tuple[str, ...]

    @property
    def cells(self) -> tuple[tuple[str, ...], ...]:
        """The columns in the order of `ITEM_COLUMNS`."""
        return (
            self.number,
            self.hs_code,
            self.goods,
            self.quantities,
            self.prices,
            self.origin,
            self.destination,
            self.district,
            self.duty_mode,
        )


@dataclass(frozen=True, slots=True)
class FormPage:
    """One page.

    `item_slots` is how many items have space on the page. After the first page there is more space for items: `rows`
    and `confirmations` are empty, and `agent` is None.
    """

    entry_id: str
    pre_entry_id: str
    office: str
    number: int
    page_count: int
    marks: FormMarks
    rows: tuple[FormRow, ...]
    items: tuple[FormItem, ...]
    item_slots: int
    confirmations: tuple[str, ...]
    agent: Box | None

    @property
    def is_first(self) -> bool:
        return self.number == 1


# Millimetres: the edges of the frame, the left edges of its other columns, the top edges of its rows.
LEFT, RIGHT = 9.6, 284.8
_COLUMN_2, _COLUMN_3, _COLUMN_4, _COLUMN_5 = 95.0, 140.2, 192.8, 234.6
_ROW_TOPS = (32.9, 40.7, 48.5, 56.4, 64.2, 72.0, 79.8, 99.4)

ITEM_COLUMNS = (
    FormColumn("项号", LEFT, 17.5),
    FormColumn("商品编号", 17.5, 36.5),
    FormColumn("商品名称及规格型号", 36.5, 101.0, wraps=True),
    FormColumn("数量及单位", 101.0, 130.0, numeric=True),
    FormColumn("单价/总价/币制", 130.0, 159.0, numeric=True),
    FormColumn("原产国（地区）", 162.0, 186.0),
    FormColumn("最终目的国（地区）", 186.0, 217.0),
    FormColumn("境内货源地", 217.0, 260.0),
    FormColumn("征免", 260.0, RIGHT),
)
CONFIRMATIONS = (
    "特殊关系确认：",
    "价格影响确认：",
    "支付特许权使用费确认：",
    "公式定价确认：",
    "暂定价格确认：",
    "自报自缴：",
)
"""Exports do not answer these (公告 2018年第60号), so they are printed without an answer."""

DECLARANT = ("报关人员", "报关人员证号", "电话")
PLEDGE = "兹申明对以上内容承担如实申报、依法纳税之法律责任"
SIGNATURE = "申报单位（签章）"
APPROVAL = "海关批注及签章"


def page_count(items: int) -> int:
    """Returns how many pages a form with so many items has."""
    return 1 + max(0, math.ceil((items - ITEMS_ON_FIRST_PAGE) / ITEMS_ON_NEXT_PAGES))


def lay_out(declaration: Declaration, marks: FormMarks = DRAWN_HERE) -> tuple[FormPage, ...]:
    """Returns the pages of the form of `declaration`; `escape_controls` was applied to every text in them.

    Raises ValueError if the declaration has no detail.
    """
    head = declaration.head
    if head is None:
        raise ValueError(f"{declaration.summary.entry_id} has no detail to print")
    items = tuple(_item(item, head) for item in declaration.items)
    first, rest = items[:ITEMS_ON_FIRST_PAGE], items[ITEMS_ON_FIRST_PAGE:]
    next_pages = [rest[start : start + ITEMS_ON_NEXT_PAGES] for start in range(0, len(rest), ITEMS_ON_NEXT_PAGES)]
    if declaration.summary.kind is Kind.DEPARTURE_PORT:
        marks = replace(marks, stamp=f"{marks.stamp}　启运港退税".strip())
    if count := declaration.items_left_out:
        marks = replace(
            marks, stamp=f"{marks.stamp}　表体不全".strip(), note=f"表体另有 {count} 项没有收下。{marks.note}"
        )
    return tuple(
        FormPage(
            entry_id=escape_controls(head.entry_id),
            pre_entry_id=escape_controls(head.pre_entry_id),
            office=escape_controls(_office(head)),
            number=number,
            page_count=page_count(len(items)),
            marks=marks,
            rows=_rows(head) if number == 1 else (),
            items=page_items,
            item_slots=ITEMS_ON_FIRST_PAGE if number == 1 else ITEMS_ON_NEXT_PAGES,
            confirmations=CONFIRMATIONS if number == 1 else (),
            agent=_agent(head) if number == 1 else None,
        )
        for number, page_items in enumerate((first, *next_pages), 1)
    )


def _rows(head: Head) -> tuple[FormRow, ...]:
    transport = "/".join(part for part in (head.transport_name, head.voyage_no) if part)
    boxes = (
        (
            _box("境内发货人", LEFT, _COLUMN_2, head.consignor_code, head.consignor_name),
            _coded("出境关别", _COLUMN_2, _COLUMN_3, CodeTable.CUSTOMS, head.exit_customs),
            _box("出口日期", _COLUMN_3, _COLUMN_4, value=_day(head.exported_on)),
            _box("申报日期", _COLUMN_4, _COLUMN_5, value=_day(head.declared_on)),
            _box("备案号", _COLUMN_5, RIGHT, value=head.manual_no),
        ),
        (
            _box("境外收货人", LEFT, _COLUMN_2),
            _coded("运输方式", _COLUMN_2, _COLUMN_3, CodeTable.TRAF_MODE, head.transport_mode),
            _box("运输工具名称及航次号", _COLUMN_3, _COLUMN_4, value=transport),
            _box("提运单号", _COLUMN_4, RIGHT, value=head.bill_no),
        ),
        (
            _box("生产销售单位", LEFT, _COLUMN_2, head.owner_code, head.owner_name),
            _coded("监管方式", _COLUMN_2, _COLUMN_3, CodeTable.TRADE_MODE, head.trade_mode),
            _coded("征免性质", _COLUMN_3, _COLUMN_4, CodeTable.CUT_MODE, head.cut_mode),
            _box("许可证号", _COLUMN_4, RIGHT, value=head.licence_no),
        ),
        (
            _box("合同协议号", LEFT, _COLUMN_2, value=head.contract_no),
            _box("贸易国（地区）", _COLUMN_2, _COLUMN_3),
            _coded("运抵国（地区）", _COLUMN_3, _COLUMN_4, CodeTable.COUNTRY, head.destination_country),
            _coded("指运港", _COLUMN_4, _COLUMN_5, CodeTable.PORT, head.destination_port),
            _box("离境口岸", _COLUMN_5, RIGHT),
        ),
        (
            _coded("包装种类", LEFT, _COLUMN_2, CodeTable.WRAP_TYPE, head.wrap_type),
            _box("件数", _COLUMN_2, 107.8, value="" if head.package_count is None else str(head.package_count)),
            _box("毛重(千克)", 107.8, _COLUMN_3, value=_quantity(head.gross_weight)),
            _box("净重(千克)", _COLUMN_3, 172.3, value=_quantity(head.net_weight)),
            _coded("成交方式", 172.3, _COLUMN_4, CodeTable.TRANS_MODE, head.trans_mode),
            _box("运费", _COLUMN_4, 223.5, value=_fee(head.freight_currency, head.freight, head.freight_mark)),
            _box("保费", 223.5, 254.1, value=_fee(head.insurance_currency, head.insurance, head.insurance_mark)),
            _box("杂费", 254.1, RIGHT, value=_fee(head.other_currency, head.other, head.other_mark)),
        ),
        (_box("随附单证及编号", LEFT, RIGHT, value=head.certificates),),
        (_box("标记唛码及备注", LEFT, RIGHT, value=_remarks(head)),),
    )
    return tuple(FormRow(top, bottom, row) for (top, bottom), row in zip(pairwise(_ROW_TOPS), boxes, strict=True))


def _item(item: Item, head: Head) -> FormItem:
    quantities = (
        _quantity(item.first_quantity, item.first_unit),
        _quantity(item.second_quantity, item.second_unit),
        _quantity(item.quantity, item.unit),
    )
    return FormItem(
        number=_entries(str(item.number), item.manual_item),
        hs_code=_entries(item.hs_code),
        goods=_entries(item.name, item.model),
        quantities=_entries(*quantities),
        prices=_entries(_amount(item.price, 4), _amount(item.total, 2), item.currency),
        origin=(),
        destination=_entries(*_name_and_code(CodeTable.COUNTRY, item.destination_country)),
        district=_entries(*_name_and_code(CodeTable.DISTRICT, head.district)),
        duty_mode=_entries(*_name_and_code(CodeTable.DUTY_MODE, item.duty_mode)),
    )


def _entries(*entries: str) -> tuple[str, ...]:
    return tuple(escape_controls(entry) for entry in entries)


def _agent(head: Head) -> Box:
    return _box("申报单位", LEFT, _COLUMN_4, head.agent_code, head.agent_name)


def _box(label: str, left: float, right: float, code: str = "", value: str = "") -> Box:
    return Box(label, left, right, escape_controls(code), escape_controls(value))


def _coded(label: str, left: float, right: float, table: CodeTable, name: str) -> Box:
    return _box(label, left, right, code_of(table, name) or "", name)


def _name_and_code(table: CodeTable, name: str) -> tuple[str, ...]:
    code = code_of(table, name)
    return (name, f"({code})") if code else (name,)


def _office(head: Head) -> str:
    """Returns the customs office that accepted the declaration. Its code is the first four digits of the 报关单号."""
    office = head.declaration_customs or name_of(CodeTable.CUSTOMS, head.entry_id[:4]) or ""
    return office if not office or office.endswith(("海关", "关区")) else f"{office}海关"


def _remarks(head: Head) -> str:
    remarks = f"备注:{head.remarks}" if head.remarks else ""
    containers = ";".join(part for part in (head.container_count, head.container_ids) if part not in ("", "0"))
    return " ".join(part for part in (remarks, f"集装箱标箱数及号码:{containers};" if containers else "") if part)


def _fee(currency: str, amount: Decimal | None, mark: str) -> str:
    """Returns 币制/值/标记 as customs prints it: USD/500/3, for a rate 000/0.3/1; "" if there is no fee."""
    if not amount:
        return ""
    code = code_of(CodeTable.CURRENCY, currency) or currency or "000"
    return "/".join(part for part in (code, _quantity(amount), code_of(CodeTable.FEE_MARK, mark) or mark) if part)


def _day(value: date | None) -> str:
    return "" if value is None else f"{value:%Y%m%d}"


def _quantity(value: Decimal | None, unit: str = "") -> str:
    """Returns the number without trailing zeros, followed by the unit."""
    if value is None:
        return ""
    number = f"{value:f}"
    return (number.rstrip("0").rstrip(".") if "." in number else number) + unit


def _amount(value: Decimal | None, decimals: int) -> str:
    """Returns the number with at least `decimals` decimals, and with more if it would be rounded otherwise."""
    if value is None:
        return ""
    exponent = EXACT.normalize(value).as_tuple().exponent
    return f"{value:.{max(decimals, -exponent if isinstance(exponent, int) else 0)}f}"
