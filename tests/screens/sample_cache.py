"""A cache of sample declarations, filled once per test run, and sessions that work on it."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from db.cache import Cache
from db.declarations import Declarations
from db.key import CacheKey, new_key
from db.list_checkpoints import ListCheckpoints
from db.outbox import Outbox, ResendState
from db.state_recorder import StateRecorder
from jiacha_tui.actions.cards import summarize_card
from jiacha_tui.actions.reopenable_card import ReopenableCard
from jiacha_tui.actions.session import Session
from jiacha_tui.card.medium import OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.declaration.model import Declaration, Head, Item, Summary
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.app_contexts import NOW, TODAY, demo_context
from tests.recording_transport import RecordingTransport

DECLARATIONS = 2000
"""How many the sample cache holds."""

AT_PORT = 12
"""How many other declarations the embedded port has; a first sync adds them."""

LAST_SYNC = NOW - timedelta(minutes=18)
DOWNLOADED_AT = NOW - timedelta(days=2)
RESENT_AT = NOW - timedelta(days=5)
NOT_DOWNLOADED = 210
"""The newest declarations, those of the last 30 days; all others are downloaded."""

RESENT = (4, 15)

_CUSTOMS = ("浦东机场", "北仑海关", "大鹏海关", "洋山港区", "拱北闸口", "上海浦江海关外高桥办事处")
COUNTRIES = ("美国", "德国", "中国香港", "阿联酋", "波斯尼亚和黑塞哥维那", "越南")


def entry_id(number: int) -> str:
    """The number of a sample declaration. `number` is its position in the table before anybody sorts it otherwise."""
    return f"22332026{9_000_000 - number:010d}"


def item_count(number: int) -> int:
    return number % 5 + 1


def country(number: int) -> str:
    return COUNTRIES[number % len(COUNTRIES)]


def day_of(number: int) -> date:
    """The export date: seven declarations share one, that of the newest is `TODAY`."""
    return TODAY - timedelta(days=number // 7)


def summary(number: int) -> Summary:
    """The list row of a sample declaration."""
    day = day_of(number)
    return Summary(
        entry_id=entry_id(number),
        exported_on=day,
        exit_customs=_CUSTOMS[number % len(_CUSTOMS)],
        reported_at=datetime(day.year, day.month, day.day, 9, 12) + timedelta(days=2),  # noqa: DTZ001 - no zone on the wire
        usd_amount=Decimal(number * 7919 % 2_000_000) + Decimal("0.25"),
        print_count=number % 4,
        transfer_state="修改" if number % 5 == 1 else "新增",
    )


def declaration(number: int) -> Declaration:
    """A sample declaration with its head and items, always the same."""
    row = summary(number)
    head = Head(
        entry_id=row.entry_id,
        destination_country=country(number),
        contract_no=f"SPX-2026-{number:04d}",
        trade_mode="一般贸易",
        trans_mode="FOB",
        package_count=1250,
        wrap_type="纸箱",
        gross_weight=Decimal("18750.5"),
        net_weight=Decimal("16980.25"),
        agent_name="示例报关有限公司",
        declaration_customs="浦东机场",
        declared_on=row.exported_on,
    )
    items = tuple(
        Item(
            number=item_number,
            hs_code="8471300000",
            name="便携式自动数据处理设备",
            quantity=Decimal(3908),
            unit="台",
            total=Decimal("2086028.65"),
            currency="美元",
        )
        for item_number in range(1, item_count(number) + 1)
    )
    return Declaration(row, head, items)


class SharedCache(Cache):
    """The sample cache that all tests read. It refuses to be written once `closed_to_writers` is set."""

    closed_to_writers = False

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        assert not self.closed_to_writers, "this test writes into the cache: take `sessions.own()`"
        with super().write_cursor() as cursor:
            yield cursor


@dataclass(frozen=True)
class SampleCache:
    """The folder with the demo card and the filled cache, and the cache opened for all tests that only read it."""

    home: Path
    file: Path
    key: CacheKey
    card: OpenCard
    shared: SharedCache


@contextmanager
def sample_cache(home: Path, folder: Path) -> Iterator[SampleCache]:
    """Makes and fills the cache in `folder`, for the card of the embedded port in `home`."""
    demo = make_demo(home, AT_PORT, today=TODAY)
    demo.close()
    key = new_key()
    file = folder / "cache.duckdb"
    cache = Cache.open(file, key)
    _fill(cache)
    cache.close()
    shutil.copy(file, folder / "shared.duckdb")
    shared = SharedCache.open(folder / "shared.duckdb", key)
    shared.closed_to_writers = True
    card = asyncio.run(SoftCard(demo.card).open(Pin.parse(DEMO_PIN)))
    yield SampleCache(home, file, key, card, shared)
    shared.closed_to_writers = False
    shared.close()


def _fill(cache: Cache) -> None:
    declarations = Declarations(cache)
    samples = [declaration(number) for number in range(DECLARATIONS)]
    declarations.merge_rows([sample.summary for sample in samples])
    declarations.put_details(samples)
    downloaded = DateRange(day_of(DECLARATIONS - 1), day_of(NOT_DOWNLOADED))
    declarations.mark_downloaded(DateRangeQuery(downloaded), DOWNLOADED_AT)
    outbox = Outbox(cache, lambda: RESENT_AT)
    outbox.record_answer(outbox.put([entry_id(number) for number in RESENT]), ResendState.SENT)
    ListCheckpoints(cache, lambda: LAST_SYNC).record_sync(LAST_SYNC)


class SampleSessions:
    """Makes sessions for one test. Their port is an embedded one of `AT_PORT` declarations behind `transport`."""

    def __init__(self, sample: SampleCache, home: Path, resources: AsyncExitStack) -> None:
        shutil.copytree(sample.home, home)
        self.home = home
        self.demo: Demo = make_demo(home, AT_PORT, today=TODAY)
        resources.callback(self.demo.close)
        self.transport = RecordingTransport(self.demo)
        self._sample = sample
        self._resources = resources

    def read_only(self, *, online: bool = True, warnings: Sequence[str] = ()) -> Session:
        """A session on the cache that is shared by all tests."""
        return self._session(self._sample.shared, online=online, warnings=warnings)

    def own(self, *, online: bool = True) -> Session:
        """A session on a copy of the sample cache, which the test may change."""
        file = self.home / "own.duckdb"
        shutil.copy(self._sample.file, file)
        return self._session(self._open(file), online=online)

    def empty(self, *, online: bool = True) -> Session:
        """A session on a new cache."""
        return self._session(self._open(self.home / "empty.duckdb"), online=online)

    def _open(self, file: Path) -> Cache:
        cache = Cache.open(file, self._sample.key)
        self._resources.callback(cache.close)
        return cache

    def _session(self, cache: Cache, *, online: bool, warnings: Sequence[str] = ()) -> Session:
        app_context = demo_context(self.demo, self.home, offline=not online, transport=self.transport)
        port = app_context.connect() if app_context.connect is not None else None
        if port is not None:
            self._resources.push_async_callback(port.aclose)
        (medium,) = app_context.media()
        recorder = StateRecorder(
            cache,
            self.home / "state.bin",
            self._sample.key,
            known=None,
            key_file="",
            on_failure=lambda problem: None,
        )
        # The port is not logged in to yet: the first call does that, so that other tests need not wait for it.
        return Session(
            app_context=app_context,
            card_summary=summarize_card(self._sample.card.identity, NOW),
            medium=medium,
            card=ReopenableCard(self._sample.card, Pin.parse(DEMO_PIN)),
            cache=cache,
            recorder=recorder,
            port=port,
            warnings=tuple(warnings),
            resources=AsyncExitStack(),
        )
