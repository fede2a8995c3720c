"""The declaration as typed values, one class for each thing the port's wire knows.

Each field of `Head` and `Item` names, in its metadata, the port's wire name and the official Chinese label,
so that the wire, the cache, the detail screen and the form draw on one table. Source: the observed wire
(docs/port.md). Texts are the port's Chinese names, not codes; an absent text is "", an absent number or date None.
"""

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any


class Kind(enum.Enum):
    """报关单类型; the value is the wire's `decType`."""

    CLEARED = "1"
    DEPARTURE_PORT = "2"

    @property
    def label(self) -> str:
        return "结关报关单" if self is Kind.CLEARED else "启运港退税报关单"


class Origin(enum.Enum):
    """Where the cache has a declaration from."""

    PORT = "port"
    FILE = "file"


class FieldGroup(enum.Enum):
    """The groups in which the detail screen shows the fields of a head; the value is the Chinese title."""

    NUMBERS = "编号与状态"
    PARTIES = "企业"
    JOURNEY = "运输与口岸"
    TERMS = "贸易与成交"
    CARGO = "包装与重量"
    DOCUMENTS = "单证与备注"


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What is known of one field: attribute and column `name`, `wire` names (first one preferred), Chinese `label`.

    `is_money` is set for an amount in a currency; other decimals are quantities, weights, rates, or a fee that is
    either a rate or an amount.
    """

    name: str
    wire: tuple[str, ...]
    label: str
    group: FieldGroup | None
    type: type
    is_money: bool


def _of(type_: type, wire: str, label: str, group: FieldGroup | None = None) -> Any:
    return field(default="" if type_ is str else None, metadata=_metadata(type_, wire, label, group))


def _money(wire: str, label: str) -> Any:
    return field(default=None, metadata=_metadata(Decimal, wire, label, None, is_money=True))


def _metadata(
    type_: type, wire: str, label: str, group: FieldGroup | None, *, is_money: bool = False
) -> Mapping[str, object]:
    return {"wire": tuple(wire.split()), "label": label, "group": group, "type": type_, "is_money": is_money}


_NUMBERS, _PARTIES, _JOURNEY = FieldGroup.NUMBERS, FieldGroup.PARTIES, FieldGroup.JOURNEY
_TERMS, _CARGO, _PAPERS = FieldGroup.TERMS, FieldGroup.CARGO, FieldGroup.DOCUMENTS


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """报关单表头 (`cardHeadVo`). Weights are kilograms.

    `unparsed` keeps what was sent but is not understood, as text, by wire name.
    """

    entry_id: str = _of(str, "entryId", "报关单号", _NUMBERS)
    unified_no: str = _of(str, "seqNo", "统一编号", _NUMBERS)
    pre_entry_id: str = _of(str, "preEntryId", "预录入编号", _NUMBERS)
    status: str = _of(str, "status", "报关单状态", _NUMBERS)
    a_flag: str = _of(str, "aFlag", "标志", _NUMBERS)
    amendment_count: int | None = _of(int, "modNum", "修改次数", _NUMBERS)
    rtx_type: str = _of(str, "rtxType", "启运港退税标识", _NUMBERS)
    edi_note: str = _of(str, "ediNote", "类型备注", _NUMBERS)
    declared_on: date | None = _of(date, "dDate", "申报日期", _NUMBERS)
    exported_on: date | None = _of(date, "iEDate", "出口日期", _NUMBERS)
    consignor_code: str = _of(str, "tradeCo", "境内收发货人编码", _PARTIES)
    consignor_name: str = _of(str, "tradeName", "境内收发货人", _PARTIES)
    owner_code: str = _of(str, "ownerCode", "生产销售单位编码", _PARTIES)
    owner_name: str = _of(str, "ownerName", "生产销售单位", _PARTIES)
    agent_code: str = _of(str, "agentCode", "申报单位编码", _PARTIES)
    agent_name: str = _of(str, "agentName", "申报单位", _PARTIES)
    enterprise_kind: str = _of(str, "coOwner", "企业性质", _PARTIES)
    tax_payer: str = _of(str, "paymentMark", "纳税单位", _PARTIES)
    declaration_customs: str = _of(str, "declPort", "申报地海关", _JOURNEY)
    exit_customs: str = _of(str, "iePort iEPort", "出口口岸", _JOURNEY)
    transport_mode: str = _of(str, "trafMode", "运输方式", _JOURNEY)
    transport_name: str = _of(str, "trafName", "运输工具名称", _JOURNEY)
    voyage_no: str = _of(str, "voyageNo", "航次", _JOURNEY)
    bill_no: str = _of(str, "billNo", "提运单号", _JOURNEY)
    destination_country: str = _of(str, "tradeCountry", "运抵国", _JOURNEY)
    destination_port: str = _of(str, "destinatePort", "指运港", _JOURNEY)
    district: str = _of(str, "districtCode", "境内货源地", _JOURNEY)
    trade_mode: str = _of(str, "tradeMode", "监管方式", _TERMS)
    cut_mode: str = _of(str, "cutMode", "征免性质", _TERMS)
    settlement: str = _of(str, "payWay", "结汇方式", _TERMS)
    trans_mode: str = _of(str, "transMode", "成交方式", _TERMS)
    contract_no: str = _of(str, "contrNo", "合同协议号", _TERMS)
    manual_no: str = _of(str, "manualNo", "备案号", _TERMS)
    freight_mark: str = _of(str, "feeMark", "运费标记", _TERMS)
    freight_currency: str = _of(str, "feeCurr", "运费币制", _TERMS)
    freight: Decimal | None = _of(Decimal, "feeRate", "运费", _TERMS)
    insurance_mark: str = _of(str, "insurMark", "保费标记", _TERMS)
    insurance_currency: str = _of(str, "insurCurr", "保费币制", _TERMS)
    insurance: Decimal | None = _of(Decimal, "insurRate", "保费", _TERMS)
    other_mark: str = _of(str, "otherMark", "杂费标记", _TERMS)
    other_currency: str = _of(str, "otherCurr", "杂费币制", _TERMS)
    other: Decimal | None = _of(Decimal, "otherRate", "杂费", _TERMS)
    package_count: int | None = _of(int, "packNo", "件数", _CARGO)
    wrap_type: str = _of(str, "wrapType", "包装种类", _CARGO)
    gross_weight: Decimal | None = _of(Decimal, "grossWt", "毛重", _CARGO)
    net_weight: Decimal | None = _of(Decimal, "netWt", "净重", _CARGO)
    container_count: str = _of(str, "jzxsl", "集装箱数量", _CARGO)
    container_ids: str = _of(str, "contaId", "集装箱号", _CARGO)
    licence_no: str = _of(str, "licenseNo", "许可证号", _PAPERS)
    certificates: str = _of(str, "certMark", "随附单据", _PAPERS)
    approval_no: str = _of(str, "apprNo", "批准文号", _PAPERS)
    remarks: str = _of(str, "noteS", "备注", _PAPERS)
    unparsed: Mapping[str, str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """报关单表体, one item (`cardList[]`).

    Money is in `currency` but for `usd_value` and `cny_value`; rates are per cent.
    """

    number: int = field(metadata=_metadata(int, "gNo", "项号", None))
    hs_code: str = _of(str, "codeT", "商品编号")
    hs_suffix: str = _of(str, "codeS", "附加编号")
    manual_item: str = _of(str, "contrItem", "备案序号")
    name: str = _of(str, "gName", "商品名称")
    model: str = _of(str, "gModel", "规格型号")
    quantity: Decimal | None = _of(Decimal, "gQty", "申报数量")
    unit: str = _of(str, "gUnit", "申报单位")
    first_quantity: Decimal | None = _of(Decimal, "qty1", "法定数量")
    first_unit: str = _of(str, "unit1", "法定单位")
    second_quantity: Decimal | None = _of(Decimal, "qty2", "第二数量")
    second_unit: str = _of(str, "unit2", "第二单位")
    price: Decimal | None = _money("declPrice", "单价")
    total: Decimal | None = _money("declTotal", "总价")
    currency: str = _of(str, "tradeCurr", "币制")
    destination_country: str = _of(str, "originCountry", "最终目的国")
    duty_mode: str = _of(str, "dutyMode", "征免")
    usd_value: Decimal | None = _money("usdPrice", "统计美元价")
    cny_value: Decimal | None = _money("rmbPrice", "人民币离岸价")
    freight_and_insurance: Decimal | None = _money("ybf", "运保费")
    levy_rate: Decimal | None = _of(Decimal, "zsl", "征税率")
    refund_rate: Decimal | None = _of(Decimal, "tsl", "退税率")
    producer: str = _of(str, "productName", "生产厂家")
    amendment_count: int | None = _of(int, "modNum", "修改次数")
    unparsed: Mapping[str, str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One row of the port's list (`queryEntryIdBill`). `detail_token` is the row's `encryptStr`, opaque to us."""

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


@dataclass(frozen=True, slots=True)
class Declaration:
    """A whole declaration: its row in the list, and head and items once the detail is known (`head` is None before)."""

    summary: Summary
    head: Head | None = None
    items: tuple[Item, ...] = ()
    origin: Origin = Origin.PORT


def _fields(cls: type) -> tuple[FieldInfo, ...]:
    return tuple(FieldInfo(field.name, **field.metadata) for field in dataclasses.fields(cls) if field.metadata)


HEAD_FIELDS = _fields(Head)
"""Every field of `Head` but `unparsed`, in the order of the class."""

ITEM_FIELDS = _fields(Item)
"""Every field of `Item` but `unparsed`, in the order of the class."""
