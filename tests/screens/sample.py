"""Whole declarations for the screens that show one, and a reading of them without a cache."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from jiacha_tui.actions.detail import DetailView, currency_totals, head_groups
from jiacha_tui.actions.problems import NotCached
from jiacha_tui.declaration.hints import hints
from jiacha_tui.declaration.journal import JournalEntry, JournalKind, Outcome
from jiacha_tui.declaration.model import Declaration, Head, Item, Summary
from jiacha_tui.declaration.problem import Problem

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


def journal_entry(entry_id: str = FIRST) -> JournalEntry:
    return JournalEntry(
        id=1,
        at=datetime(2025, 7, 5, 1, 30, tzinfo=UTC),
        kind=JournalKind.RESEND,
        outcome=Outcome.DONE,
        entry_ids=(entry_id,),
        message="1 票报关单重新发往税务总局，发送成功！",
    )


def view_of(one: Declaration, missing: Problem | None = None, journal: Sequence[JournalEntry] = ()) -> DetailView:
    """What `detail_view` makes of a declaration."""
    groups = head_groups(one.head) if one.head else ()
    return DetailView(one, missing, hints(one), groups, currency_totals(one.items), tuple(journal))


class ListedReading:
    """Reads along a list of views. `hold` keeps the next ones from being opened until `release`."""

    def __init__(self, views: Sequence[DetailView], *, online: bool = True) -> None:
        self.online = online
        self.views = {view.declaration.summary.entry_id: view for view in views}
        self.opened: list[str] = []
        self._open = asyncio.Event()
        self._open.set()

    @property
    def total(self) -> int:
        return len(self.views)

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    async def open(self, entry_id: str) -> DetailView:
        await self._open.wait()
        self.opened.append(entry_id)
        if entry_id not in self.views:
            raise NotCached(entry_id)
        return self.views[entry_id]

    async def position_of(self, entry_id: str) -> int | None:
        return list(self.views).index(entry_id) if entry_id in self.views else None

    async def neighbour(self, entry_id: str, step: int) -> tuple[str, int] | None:
        position = list(self.views).index(entry_id) + step
        return (list(self.views)[position], position) if 0 <= position < len(self.views) else None
