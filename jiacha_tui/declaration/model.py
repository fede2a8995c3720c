"""The declaration as typed values: one class for each object in the port's JSON.

The metadata of each field of `Head` and `Item` holds its name in the port's JSON and its official Chinese label. The
JSON reader, the cache, the detail screen and the form all use this one table. Source: observed responses of the port
(docs/port.md).

Texts are the port's Chinese names, not codes. An absent text is "", an absent number or date is None.
"""

import dataclasses
import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from jiacha_tui.declaration.clerk_marks import ClerkMarks
from jiacha_tui.declaration.kind import Kind, Origin
from jiacha_tui.declaration.text_limits import is_cut

__all__ = [
    "HEAD_FIELDS",
    "ITEMS_LEFT_OUT",
    "ITEM_FIELDS",
    "MAX_ITEMS",
    "Declaration",
    "FieldGroup",
    "FieldInfo",
    "Head",
    "Item",
    "Kind",
    "Origin",
    "Summary",
]

MAX_ITEMS: Final = 1_000
"""The most items of a declaration that are kept. The form allows 50."""

ITEMS_LEFT_OUT: Final = "表体未收下项数"
"""The name in `Head.unparsed` under which the number of items is kept that are not."""


class FieldGroup(enum.Enum):
    """A group of head fields on the detail screen. The value is its Chinese title."""

    NUMBERS = "编号与状态"
    PARTIES = "企业"
    JOURNEY = "运输与口岸"
    TERMS = "贸易与成交"
    CARGO = "包装与重量"
    DOCUMENTS = "单证与备注"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """The description of one field of `Head` or `Item`.

    `name` is the attribute and the database column, `wire` the names in the port's JSON (the preferred one first),
    `label` the official Chinese name. `group` is None for the fields of an item. `is_money` is true for an amount in
    a currency. Other decimals are quantities, weights, rates, or fees, which are either a rate or an amount.
    """

    name: str
    wire: tuple[str, ...]
    label: str
    group: FieldGroup | None
    type: type
    is_money: bool


def _field(type_: type, wire: str, label: str, group: FieldGroup | None = None) -> Any:
    return field(default="" if type_ is str else None, metadata=_metadata(type_, wire, label, group))


def _money(wire: str, label: str) -> Any:
    return field(default=None, metadata=_metadata(Decimal, wire, label, None, is_money=True))


def _metadata(
    type_: type, wire: str, label: str, group: FieldGroup | None, *, is_money: bool = False
) -> Mapping[str, object]:
    return {"wire": tuple(wire.split()), "label": label, "group": group, "type": type_, "is_money": is_money}


_NUMBERS, _PARTIES, _JOURNEY = FieldGroup.NUMBERS, FieldGroup.PARTIES, FieldGroup.JOURNEY
_TERMS, _CARGO, _DOCUMENTS = FieldGroup.TERMS, FieldGroup.CARGO, FieldGroup.DOCUMENTS


def _empty_mapping() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """报关单表头, the head of a declaration (`cardHeadVo`). Weights are in kilograms.

    `unparsed` holds, as text by JSON name, the values that the port sent but that could not be read.
    """

    entry_id: str = _field(str, "entryId", "报关单号", _NUMBERS)
    unified_no: str = _field(str, "seqNo", "统一编号", _NUMBERS)
    pre_entry_id: str = _field(str, "preEntryId", "预录入编号", _NUMBERS)
    status: str = _field(str, "status", "报关单状态", _NUMBERS)
    a_flag: str = _field(str, "aFlag", "标志", _NUMBERS)
    amendment_count: int | None = _field(int, "modNum", "修改次数", _NUMBERS)
    rtx_type: str = _field(str, "rtxType", "启运港退税标识", _NUMBERS)
    edi_note: str = _field(str, "ediNote", "类型备注", _NUMBERS)
    declared_on: date | None = _field(date, "dDate", "申报日期", _NUMBERS)
    exported_on: date | None = _field(date, "iEDate", "出口日期", _NUMBERS)
    consignor_code: str = _field(str, "tradeCo", "境内收发货人编码", _PARTIES)
    consignor_name: str = _field(str, "tradeName", "境内收发货人", _PARTIES)
    owner_code: str = _field(str, "ownerCode", "生产销售单位编码", _PARTIES)
    owner_name: str = _field(str, "ownerName", "生产销售单位", _PARTIES)
    agent_code: str = _field(str, "agentCode", "申报单位编码", _PARTIES)
    agent_name: str = _field(str, "agentName", "申报单位", _PARTIES)
    enterprise_kind: str = _field(str, "coOwner", "企业性质", _PARTIES)
    tax_payer: str = _field(str, "paymentMark", "纳税单位", _PARTIES)
    declaration_customs: str = _field(str, "declPort", "申报地海关", _JOURNEY)
    exit_customs: str = _field(str, "iePort iEPort", "出口口岸", _JOURNEY)
    transport_mode: str = _field(str, "trafMode", "运输方式", _JOURNEY)
    transport_name: str = _field(str, "trafName", "运输工具名称", _JOURNEY)
    voyage_no: str = _field(str, "voyageNo", "航次", _JOURNEY)
    bill_no: str = _field(str, "billNo", "提运单号", _JOURNEY)
    destination_country: str = _field(str, "tradeCountry", "运抵国", _JOURNEY)
    destination_port: str = _field(str, "destinatePort", "指运港", _JOURNEY)
    district: str = _field(str, "districtCode", "境内货源地", _JOURNEY)
    trade_mode: str = _field(str, "tradeMode", "监管方式", _TERMS)
    cut_mode: str = _field(str, "cutMode", "征免性质", _TERMS)
    settlement: str = _field(str, "payWay", "结汇方式", _TERMS)
    trans_mode: str = _field(str, "transMode", "成交方式", _TERMS)
    contract_no: str = _field(str, "contrNo", "合同协议号", _TERMS)
    manual_no: str = _field(str, "manualNo", "备案号", _TERMS)
    freight_mark: str = _field(str, "feeMark", "运费标记", _TERMS)
    freight_currency: str = _field(str, "feeCurr", "运费币制", _TERMS)
    freight: Decimal | None = _field(Decimal, "feeRate", "运费", _TERMS)
    insurance_mark: str = _field(str, "insurMark", "保费标记", _TERMS)
    insurance_currency: str = _field(str, "insurCurr", "保费币制", _TERMS)
    insurance: Decimal | None = _field(Decimal, "insurRate", "保费", _TERMS)
    other_mark: str = _field(str, "otherMark", "杂费标记", _TERMS)
    other_currency: str = _field(str, "otherCurr", "杂费币制", _TERMS)
    other: Decimal | None = _field(Decimal, "otherRate", "杂费", _TERMS)
    package_count: int | None = _field(int, "packNo", "件数", _CARGO)
    wrap_type: str = _field(str, "wrapType", "包装种类", _CARGO)
    gross_weight: Decimal | None = _field(Decimal, "grossWt", "毛重", _CARGO)
    net_weight: Decimal | None = _field(Decimal, "netWt", "净重", _CARGO)
    container_count: str = _field(str, "jzxsl", "集装箱数量", _CARGO)
    container_ids: str = _field(str, "contaId", "集装箱号", _CARGO)
    licence_no: str = _field(str, "licenseNo", "许可证号", _DOCUMENTS)
    certificates: str = _field(str, "certMark", "随附单据", _DOCUMENTS)
    approval_no: str = _field(str, "apprNo", "批准文号", _DOCUMENTS)
    remarks: str = _field(str, "noteS", "备注", _DOCUMENTS)
    unparsed: Mapping[str, str] = field(default_factory=_empty_mapping)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the 报关单表体 (`cardList[]`).

    Amounts are in `currency`, except `usd_value` (US dollars) and `cny_value` (yuan). Rates are in per cent.
    `unparsed` is as in `Head`.
    """

    number: int = field(metadata=_metadata(int, "gNo", "项号", None))
    hs_code: str = _field(str, "codeT", "商品编号")
    hs_suffix: str = _field(str, "codeS", "附加编号")
    manual_item: str = _field(str, "contrItem", "备案序号")
    name: str = _field(str, "gName", "商品名称")
    model: str = _field(str, "gModel", "规格型号")
    quantity: Decimal | None = _field(Decimal, "gQty", "申报数量")
    unit: str = _field(str, "gUnit", "申报单位")
    first_quantity: Decimal | None = _field(Decimal, "qty1", "法定数量")
    first_unit: str = _field(str, "unit1", "法定单位")
    second_quantity: Decimal | None = _field(Decimal, "qty2", "第二数量")
    second_unit: str = _field(str, "unit2", "第二单位")
    price: Decimal | None = _money("declPrice", "单价")
    total: Decimal | None = _money("declTotal", "总价")
    currency: str = _field(str, "tradeCurr", "币制")
    destination_country: str = _field(str, "originCountry", "最终目的国")
    duty_mode: str = _field(str, "dutyMode", "征免")
    usd_value: Decimal | None = _money("usdPrice", "统计美元价")
    cny_value: Decimal | None = _money("rmbPrice", "人民币离岸价")
    freight_and_insurance: Decimal | None = _money("ybf", "运保费")
    levy_rate: Decimal | None = _field(Decimal, "zsl", "征税率")
    refund_rate: Decimal | None = _field(Decimal, "tsl", "退税率")
    producer: str = _field(str, "productName", "生产厂家")
    amendment_count: int | None = _field(int, "modNum", "修改次数")
    unparsed: Mapping[str, str] = field(default_factory=_empty_mapping)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One row of the port's list (`queryEntryIdBill`).

    `reported_at` is the port's local time (Beijing), without a time zone. `detail_token` is the row's `encryptStr`:
    the detail call sends it back, nothing else uses it. `unparsed` is as in `Head`.
    """

    entry_id: str
    kind: Kind = Kind.CLEARED
    exported_on: date | None = None
    exit_customs: str = ""
    reported_at: datetime | None = None
    usd_amount: Decimal | None = None
    print_count: int = 0
    transfer_state: str = ""
    dec_flag: str = ""
    container_flag: str = ""
    detail_token: str = ""
    unparsed: Mapping[str, str] = field(default_factory=_empty_mapping)


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration: its row in the list and, once the detail was fetched, head and items. Before, `head` is None.

    `delisted_at` tells when the port's list was found to lack it, with a time zone; None while the port lists it.
    `file_outdated_at` and `print_outdated_at` tell when it was noticed that the port had changed the data after the
    last download or print here, also with a time zone; None while these are as the port has it.
    `marks` are the clerk's own.
    """

    summary: Summary
    head: Head | None = None
    items: tuple[Item, ...] = ()
    origin: Origin = Origin.PORT
    delisted_at: datetime | None = None
    file_outdated_at: datetime | None = None
    print_outdated_at: datetime | None = None
    marks: ClerkMarks = ClerkMarks()

    @property
    def items_left_out(self) -> int:
        """How many items of the port's detail are not in `items`, because it had too many or too long ones."""
        count = self.head.unparsed.get(ITEMS_LEFT_OUT, "") if self.head is not None else ""
        return int(count) if count.isdecimal() else 0

    @property
    def is_cut(self) -> bool:
        """Whether something of it was not kept: items, or the end of a text that was too long."""
        if self.items_left_out or any(map(is_cut, _texts(self.summary, _SUMMARY_TEXTS))):
            return True
        if self.head is not None and any(map(is_cut, _texts(self.head, _HEAD_TEXTS))):
            return True
        return any(is_cut(text) for item in self.items for text in _texts(item, _ITEM_TEXTS))


def _texts(record: Summary | Head | Item, names: Iterable[str]) -> Iterator[str]:
    yield from (getattr(record, name) for name in names)
    yield from record.unparsed.values()


def _fields(cls: type) -> tuple[FieldInfo, ...]:
    return tuple(FieldInfo(field.name, **field.metadata) for field in dataclasses.fields(cls) if field.metadata)


HEAD_FIELDS = _fields(Head)
"""All fields of `Head` except `unparsed`, in the order of the class."""

ITEM_FIELDS = _fields(Item)
"""All fields of `Item` except `unparsed`, in the order of the class."""

_HEAD_TEXTS = tuple(info.name for info in HEAD_FIELDS if info.type is str)
_ITEM_TEXTS = tuple(info.name for info in ITEM_FIELDS if info.type is str)
_SUMMARY_TEXTS = ("exit_customs", "transfer_state", "dec_flag", "container_flag")
