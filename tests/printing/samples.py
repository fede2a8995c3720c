"""Declarations to print: an ordinary one, one with values that are far too long, and random ones."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, Declaration, Head, Item, Kind, Summary

ENTRY_ID = "223320250000012345"
HEAD = Head(
    entry_id=ENTRY_ID,
    pre_entry_id="E20250000000123456",
    declared_on=date(2025, 6, 27),
    exported_on=date(2025, 6, 30),
    consignor_code="91310115MA1K4QWE0T",
    consignor_name="示例（上海）进出口有限公司",
    owner_code="91330200MA2AJ8XY1K",
    owner_name="宁波示例电子科技有限公司",
    agent_code="91310115780012345X",
    agent_name="上海示例报关有限公司",
    declaration_customs="浦东机场",
    exit_customs="浦东机场",
    transport_mode="航空运输",
    transport_name="CZ",
    voyage_no="CZ0451",
    bill_no="78412345675_HAWB0012345",
    destination_country="美国",
    destination_port="洛杉矶（美国）",
    district="上海浦东新区",
    trade_mode="一般贸易",
    cut_mode="一般征税",
    trans_mode="CIF",
    contract_no="SPX-2025-0871",
    freight_mark="总价",
    freight_currency="美元",
    freight=Decimal(500),
    insurance_mark="率",
    insurance=Decimal("0.3"),
    package_count=1250,
    wrap_type="纸制或纤维板制盒/箱",
    gross_weight=Decimal("18750.50"),
    net_weight=Decimal("16980.25"),
    container_count="2",
    container_ids="TCLU1234567;MSKU7654321",
    certificates="随附单证2:发票;装箱单;合同",
    remarks="N/M",
)
ITEM = Item(
    number=1,
    hs_code="8471300000",
    name="便携式自动数据处理机",
    model="4|3|笔记本电脑用于办公|中央处理器 Intel i7、内存16GB、硬盘512GB|联想|THINKPAD X1|无",
    quantity=Decimal(3908),
    unit="台",
    first_quantity=Decimal(3908),
    first_unit="台",
    second_quantity=Decimal("16980.25"),
    second_unit="千克",
    price=Decimal("533.7893"),
    total=Decimal("2086028.65"),
    currency="美元",
    destination_country="美国",
    duty_mode="照章征税",
)
LONG = "示例很长的名称 VERY LONG NAME-WITH/SEPARATORS,AND|MORE; <b>&amp; "


def declaration(items: int, head: Head = HEAD, item: Item = ITEM, kind: Kind = Kind.CLEARED) -> Declaration:
    numbered = tuple(replace(item, number=number) for number in range(1, items + 1))
    return Declaration(Summary(entry_id=head.entry_id, kind=kind), head, numbered)


def overlong(items: int) -> Declaration:
    """A declaration with texts of five hundred characters and numbers with as many digits as the cache can hold."""
    head = {info.name: _overlong(info.type) for info in HEAD_FIELDS}
    item = {info.name: _overlong(info.type) for info in ITEM_FIELDS}
    return declaration(items, Head(**(head | {"entry_id": ENTRY_ID})), Item(**(item | {"number": 1})))


def _overlong(type_: type) -> Any:
    if type_ is str:
        return (LONG * 500)[:500]
    return {int: 10**9, Decimal: Decimal("12345678901234.12345"), date: date(2025, 6, 30)}[type_]


_ANY = {
    str: st.text(max_size=60),
    int: st.none() | st.integers(0, 10**9),
    Decimal: st.none() | st.decimals(0, 10**13, places=4),
    date: st.none() | st.dates(),
}
HEADS = st.builds(Head, **{info.name: _ANY[info.type] for info in HEAD_FIELDS})
ITEMS = st.builds(Item, **{info.name: _ANY[info.type] for info in ITEM_FIELDS} | {"number": st.integers(1, 50)})
DECLARATIONS = st.builds(
    lambda head, items: Declaration(Summary(entry_id=head.entry_id), head, tuple(items)),
    HEADS,
    st.lists(ITEMS, max_size=22),
)
