"""Declarations out of a list, served as the cache serves them, and a desk over them: screens without a cache."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from textual.pilot import Pilot

from jiacha_tui.actions.filing import FilingLink, FilingState, FilingSystem
from jiacha_tui.actions.listing import ListProgress
from jiacha_tui.actions.query import QueryOutcome, filter_for
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import CacheStatus
from jiacha_tui.actions.sync import SyncProgress, SyncSummary
from jiacha_tui.declaration.declaration_row import DeclarationRow, Order, Totals
from jiacha_tui.declaration.model import Declaration, Head, Item, Summary
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import Query
from screens.main.declaration_table import DeclarationTable
from screens.main.deeds import CardBanner, Deeds
from screens.main.filter_bar import FilterBar
from screens.main.main_screen import MainScreen
from tests.screens.harness import SMALLEST, ScreenHarness, until

if TYPE_CHECKING:
    from db.results import Result

_CUSTOMS = ("浦东机场", "北仑海关", "大鹏海关", "洋山港区", "拱北闸口", "上海浦江海关外高桥办事处")
_COUNTRIES = ("美国", "德国", "中国香港", "阿联酋", "波斯尼亚和黑塞哥维那", "越南")
_LAST_DAY = date(2025, 6, 30)
NOW = datetime(2025, 7, 1, 9, 30, tzinfo=UTC)


def line(number: int) -> DeclarationRow:
    """The line `number`, always the same."""
    day = _LAST_DAY - timedelta(days=number // 7)
    return DeclarationRow(
        entry_id=f"22332025{number:010d}",
        exported_on=day,
        exit_customs=_CUSTOMS[number % len(_CUSTOMS)],
        destination_country=_COUNTRIES[number % len(_COUNTRIES)],
        usd_amount=Decimal(number * 7919 % 2_000_000) + Decimal("0.25"),
        reported_at=datetime(day.year, day.month, day.day, 9, 12) + timedelta(days=2),  # noqa: DTZ001 - no zone on the wire
        transfer_state="修改" if number % 5 == 1 else "新增",
        print_count=number % 4,
        contract_no=f"SPX-2025-{number:04d}",
        trade_mode="一般贸易",
        item_count=number % 50 + 1,
        goods="便携式自动数据处理设备",
        has_detail=True,
        resent_at=NOW - timedelta(days=5) if number % 11 == 4 else None,
        downloaded_at=NOW - timedelta(days=2) if number % 3 == 2 else None,
    )


def lines(count: int) -> list[DeclarationRow]:
    return [line(number) for number in range(count)]


class BadFilter(Problem):
    """What the fake cache says to a filter with a `!` in it, at length to one with two."""

    def __init__(self, marks: int) -> None:
        super().__init__(
            "filter.bad", "! 不是筛选条件" if marks == 1 else "没有名为「!!」的条件；可用：" + "报关单号、" * 9
        )


class FakeBrowser:
    """A list of lines as a cache. `hold` keeps every later answer back until `release`."""

    def __init__(self, kept: Sequence[DeclarationRow]) -> None:
        self.lines = list(kept)
        self.windows: list[tuple[int, int]] = []
        self.shown: list[str] = []
        self._generation = 0
        self._open = asyncio.Event()
        self._open.set()

    def view(self, filter_text: str = "", order: Order | None = None) -> ResultView:
        """A view of the lines as they are now; each word of the filter stands somewhere in a line's texts."""
        if "!" in filter_text:
            raise BadFilter(filter_text.count("!"))
        self._generation += 1
        kept = [one for one in self.lines if all(word in _hay(one) for word in filter_text.split())]
        if order is not None and order.column.value == "usd_amount":
            kept.sort(key=lambda one: one.usd_amount or 0, reverse=order.descending)
        usd = sum((one.usd_amount or Decimal(0) for one in kept), Decimal(0))
        totals = Totals(len(kept), sum(one.item_count or 0 for one in kept), usd, items_known=True)
        rows = cast("Result", tuple(kept))  # no screen looks into it
        return ResultView(self._generation, filter_text, order or Order(), totals, tuple(kept[:60]), rows)

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    async def show(self, filter_text: str, order: Order) -> ResultView | None:
        self.shown.append(filter_text)
        view = self.view(filter_text, order)
        await self._open.wait()
        return view if view.generation == self._generation else None

    async def window(self, view: ResultView, first: int, count: int) -> tuple[DeclarationRow, ...]:
        self.windows.append((first, count))
        await self._open.wait()
        return _rows(view)[first : first + count]

    async def position_of(self, view: ResultView, entry_id: str) -> int | None:
        return next((row for row, one in enumerate(_rows(view)) if one.entry_id == entry_id), None)

    async def entry_ids(self, view: ResultView, limit: int) -> tuple[str, ...]:
        return tuple(one.entry_id for one in _rows(view)[:limit])


@dataclass
class FakeSession:
    """Stands in for the session: a shelf, and what was asked of it beside views."""

    shelf: FakeBrowser
    online: bool = True
    warnings: tuple[str, ...] = ()
    found: int = 3
    queries: list[Query] = field(default_factory=list)
    progress: Callable[[SyncProgress], None] | None = None
    status_read: asyncio.Event = field(default_factory=asyncio.Event)
    """Set as long as the status is there at once."""
    changed: Callable[[], None] | None = None
    sync_over: asyncio.Event = field(default_factory=asyncio.Event)
    sync_problem: Problem | None = None
    written_down: asyncio.Event = field(default_factory=asyncio.Event)
    """What a sync that was cancelled waits for; a second cancellation cuts it off there."""

    by_browser: bool = False
    from_files: int = 0

    def __post_init__(self) -> None:
        self.written_down.set()
        self.status_read.set()

    def deeds(self) -> Deeds:
        return Deeds(
            identity=CardBanner("示例进出口有限公司", "JJ0G900000001", self.online, demo=True),
            warnings=self.warnings,
            views=self.shelf,
            now=lambda: NOW,
            status=self._status,
            run_query=self._run_query,
            sync=self._sync,
            cached_declaration=self._glance,
            filing_state=self._filing_state,
            open_filing=self._open_filing,
        )

    async def _status(self) -> CacheStatus:
        await self.status_read.wait()
        return CacheStatus(len(self.shelf.lines), NOW - timedelta(minutes=18))

    async def _run_query(self, query: Query, on_progress: Callable[[ListProgress], None]) -> QueryOutcome:
        self.queries.append(query)
        on_progress(ListProgress(total=self.found, received=self.found))
        hint = "" if self.found else "未查询到报关单。"
        return QueryOutcome(query, "" if self.found else filter_for(query), self.found, 1, 0, hint)

    async def _sync(self, on_progress: Callable[[SyncProgress], None], on_change: Callable[[], None]) -> SyncSummary:
        self.progress, self.changed = on_progress, on_change
        cancelled = False
        try:
            await self.sync_over.wait()
            if self.sync_problem is not None:
                raise self.sync_problem
        except asyncio.CancelledError:
            cancelled = True
            await self.written_down.wait()
        return SyncSummary(12, 3, 1985, 15, 0, cancelled, 38.0)

    async def _glance(self, entry_id: str) -> Declaration | None:
        one = next((one for one in self.shelf.lines if one.entry_id == entry_id), None)
        return declaration(one) if one is not None else None

    async def _filing_state(self) -> FilingState:
        return FilingState(128, 1872, self.from_files, None)

    async def _open_filing(self, system: FilingSystem) -> FilingLink:
        return FilingLink("https://filing.example/tax", self.by_browser)


@dataclass
class FakeNavigator:
    """Stands in for the application: keeps where the desk wanted to go."""

    gone: list[tuple[str, object]] = field(default_factory=list)
    last_seen: str = ""
    picked: tuple[str, ...] = ()
    """What was picked when a download was last asked for."""

    async def open_detail(self, view: ResultView, entry_id: str) -> str:
        self.gone.append(("detail", entry_id))
        return self.last_seen or entry_id

    async def open_download(self, what: ResultView | Query | str, picked: Sequence[str] = ()) -> None:
        self.gone.append(("download", what))
        self.picked = tuple(picked)

    async def open_resend(self, entry_ids: Sequence[str]) -> None:
        self.gone.append(("resend", tuple(entry_ids)))

    async def open_preview(self, entry_ids: Sequence[str]) -> None:
        self.gone.append(("preview", tuple(entry_ids)))

    async def open_print(self, entry_ids: Sequence[str]) -> None:
        self.gone.append(("print", tuple(entry_ids)))

    async def open_sync_summary(self, summary: SyncSummary) -> None:
        self.gone.append(("sync summary", summary))

    async def open_messages(self) -> None:
        self.gone.append(("messages", None))

    def leave(self) -> None:
        self.gone.append(("leave", None))


@dataclass
class Scene:
    """A desk on a stage, with who stands in for the session and the application."""

    clerk: FakeSession
    ways: FakeNavigator
    desk: MainScreen
    stage: ScreenHarness[None]

    @property
    def table(self) -> DeclarationTable:
        return self.desk.query_one(DeclarationTable)

    @property
    def bar(self) -> FilterBar:
        return self.desk.query_one(FilterBar)

    @property
    def state(self) -> str:
        """The line of state."""
        return self.stage.lines[-2]

    @property
    def footer(self) -> str:
        return self.stage.lines[-1]


def scene(count: int = 2000, **clerk: Any) -> Scene:
    """A desk over `count` declarations; the rest is what a test wants its clerk to be."""
    someone, ways = FakeSession(FakeBrowser(lines(count)), **clerk), FakeNavigator()
    desk = MainScreen(someone.deeds(), ways)
    return Scene(someone, ways, desk, ScreenHarness(desk))


@asynccontextmanager
async def on_stage(scene: Scene, size: tuple[int, int] = SMALLEST) -> AsyncIterator[Pilot[int]]:
    """The desk as it stands once its first declarations are there."""
    async with scene.stage.run_test(size=size) as pilot:
        await until(pilot, lambda: scene.table.view is not None)
        await pilot.pause()
        yield pilot


def declaration(one: DeclarationRow) -> Declaration:
    """A whole declaration that fits the line."""
    summary = Summary(
        entry_id=one.entry_id,
        exported_on=one.exported_on,
        exit_customs=one.exit_customs,
        reported_at=one.reported_at,
        usd_amount=one.usd_amount,
        transfer_state=one.transfer_state,
    )
    head = Head(
        entry_id=one.entry_id,
        destination_country=one.destination_country,
        contract_no=one.contract_no,
        trade_mode=one.trade_mode,
        trans_mode="FOB",
        package_count=1250,
        wrap_type="纸箱",
        gross_weight=Decimal("18750.5"),
        net_weight=Decimal("16980.25"),
        agent_name="示例报关有限公司",
        declaration_customs="浦东机场",
        declared_on=one.exported_on,
    )
    items = tuple(
        Item(
            number=number,
            hs_code="8471300000",
            name="便携式自动数据处理设备",
            quantity=Decimal(3908),
            unit="台",
            total=Decimal("2086028.65"),
            currency="美元",
        )
        for number in range(1, (one.item_count or 0) + 1)
    )
    return Declaration(summary, head, items)


def _hay(one: DeclarationRow) -> str:
    return " ".join((one.entry_id, one.destination_country, one.exit_customs, str(one.exported_on)))


def _rows(view: ResultView) -> tuple[DeclarationRow, ...]:
    return cast("tuple[DeclarationRow, ...]", view.result)
