"""Declarations with every kind of field, for the screens that show one of them."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from jiacha_tui.declaration.model import Declaration, Head, Item, Summary

REMARK_END = "发票号 INV-2025-0871-A、INV-2025-0871-B"
FIRST, SECOND, THIRD = "223320250000012345", "310120250000147213", "531620250000204411"

_GOODS = ("便携式自动数据处理设备", "针织男式T恤衫", "LED灯具", "不锈钢厨房用刀具及套装（礼盒装，含磨刀石一块）")
_MODELS = ("3|2|笔记本电脑|便携式|15.6英寸|品牌：无|型号：NB-2025", "3|2|针织|男式|100%棉", "", "0|3|厨房用|不锈钢")


def item(number: int) -> Item:
    return Item(
        number=number,
        hs_code=f"84713000{number:02d}",
        name=_GOODS[number % len(_GOODS)],
        model=_MODELS[number % len(_MODELS)],
        quantity=Decimal(3908 * number),
        unit="台" if number % 2 else "件",
        first_quantity=Decimal(3908 * number),
        first_unit="台",
        second_quantity=Decimal("16980.25"),
        second_unit="千克",
        price=Decimal("533.784"),
        total=Decimal("2086028.65"),
        currency="美元",
        destination_country="美国",
        duty_mode="照章征税",
        usd_value=Decimal("2086029"),
        refund_rate=Decimal(13),
    )


def declaration(entry_id: str = FIRST, items: int = 2) -> Declaration:
    head = Head(
        entry_id=entry_id,
        unified_no="000000002025000123",
        pre_entry_id="E20250000000123456",
        amendment_count=2,
        rtx_type="000",
        declared_on=date(2025, 6, 27),
        exported_on=date(2025, 6, 30),
        consignor_code="3122960ABC",
        consignor_name="示例进出口有限公司",
        agent_code="3122980001",
        agent_name="示例报关有限公司",
        declaration_customs="浦东机场",
        exit_customs="浦东机场",
        transport_mode="航空运输",
        bill_no="999-12345678",
        destination_country="美国",
        destination_port="洛杉矶",
        trade_mode="一般贸易",
        cut_mode="一般征税",
        trans_mode="FOB",
        contract_no="SPX-2025-0871",
        package_count=1250,
        wrap_type="纸箱",
        gross_weight=Decimal("18750.5"),
        net_weight=Decimal("16980.25"),
        other=Decimal(0),
        remarks="N/M 随附清单一份；货物分两批装运，第一批 625 件已入库，余下随后；" + REMARK_END,
        unparsed={"newField": "[b]x"},
    )
    summary = Summary(
        entry_id=entry_id,
        exported_on=date(2025, 6, 30),
        exit_customs="浦东机场",
        reported_at=datetime(2025, 7, 2, 9, 12),  # noqa: DTZ001 - no zone on the wire
        usd_amount=Decimal("2801912.15"),
        print_count=1,
        transfer_state="修改",
    )
    return Declaration(summary, head, tuple(item(number) for number in range(1, items + 1)))


def without_detail(entry_id: str = FIRST) -> Declaration:
    return replace(declaration(entry_id), head=None, items=())
