"""The sync after a login reads few lists, and loses nothing by it; older months are fetched once."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from db.list_checkpoints import SyncRecord
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_plan import NEWEST_MONTHS, READ_AGAIN_AFTER, SyncScope, months_back
from jiacha_tui.actions.sync_report import SyncSummary
from jiacha_tui.config import Config, SyncConfig
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRangeQuery
from jiacha_tui.demo.demo import Demo
from jiacha_tui.eport.problems import PortUnreachable
from tests.app_contexts import NOW, TODAY, demo_context
from tests.port_home import DECLARATIONS, open_session
from tests.recording_transport import DETAIL, LIST, RecordingTransport, lose_connection

ALL_MONTHS = 18


class ListedMonths(httpx.AsyncBaseTransport):
    """Notes the first day of each list that is asked for, in order and without repetitions."""

    def __init__(self, port: httpx.AsyncBaseTransport) -> None:
        self._port = port
        self.days: list[date] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(LIST) and (start := json.loads(await request.aread())["startDate"]):
            day = date(int(start[:4]), int(start[4:6]), int(start[6:]))
            if day not in self.days:
                self.days.append(day)
        return await self._port.handle_async_request(request)


class SettableClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def listed(transport: RecordingTransport) -> ListedMonths:
    listed = ListedMonths(transport.port)
    transport.port = listed
    return listed


@pytest.fixture
def app_context(demo: Demo, home: Path, transport: RecordingTransport, clock: SettableClock) -> AppContext:
    return replace(demo_context(demo, home, transport=transport), clock=clock)


@pytest.fixture
def day_after(synced: Session, clock: SettableClock) -> Session:
    """A session whose cache was synced the day before."""
    clock.now = NOW + timedelta(days=1)
    return synced


async def run(session: Session, scope: SyncScope, months: int | None = None) -> SyncSummary:
    return await sync(session, lambda _progress: None, lambda: None, months, scope)


def first_days(count: int) -> list[date]:
    return [month.start for month in months_back(TODAY, count)]


async def test_on_the_next_day_only_the_newest_months_are_listed(day_after: Session, listed: ListedMonths) -> None:
    newest_then = [month.start for month in months_back(TODAY + timedelta(days=1), NEWEST_MONTHS)]
    summary = await run(day_after, SyncScope.CHANGES)
    assert listed.days == newest_then
    assert (summary.is_complete, summary.left_out) == (True, ALL_MONTHS - NEWEST_MONTHS)
    assert "没有再列" in summary.text()
    status = await day_after.cache_status()
    assert status.last_sync == SyncRecord(NOW + timedelta(days=1), is_complete=True)


async def test_a_sync_that_the_operator_starts_reads_every_list(day_after: Session, listed: ListedMonths) -> None:
    summary = await run(day_after, SyncScope.ALL)
    assert len(listed.days) == ALL_MONTHS
    assert summary.left_out == 0


async def test_after_a_week_the_older_months_are_listed_again(
    synced: Session, listed: ListedMonths, clock: SettableClock
) -> None:
    clock.now = NOW + READ_AGAIN_AFTER
    assert (await run(synced, SyncScope.CHANGES)).left_out == 0
    assert len(listed.days) == ALL_MONTHS
    listed.days.clear()
    clock.now += timedelta(days=1)
    assert (await run(synced, SyncScope.CHANGES)).left_out == ALL_MONTHS - NEWEST_MONTHS


async def test_an_empty_cache_gets_everything(session: Session, listed: ListedMonths) -> None:
    summary = await run(session, SyncScope.CHANGES)
    assert (summary.new, summary.details, summary.left_out) == (DECLARATIONS, DECLARATIONS, 0)
    assert listed.days == first_days(ALL_MONTHS)


async def test_what_an_interrupted_sync_has_not_read_is_read_by_the_next_one(
    session: Session, transport: RecordingTransport, listed: ListedMonths
) -> None:
    transport.before = lose_connection(LIST, after=20)
    with pytest.raises(PortUnreachable):
        await run(session, SyncScope.CHANGES)
    transport.before = lambda _path: None
    summary = await run(session, SyncScope.CHANGES)
    assert summary.is_complete
    assert session.declarations.count() == DECLARATIONS
    assert session.declarations.count_details_due() == 0


async def test_details_that_are_due_are_fetched_whatever_their_month(
    day_after: Session, transport: RecordingTransport
) -> None:
    with day_after.cache.write_cursor() as cursor:
        cursor.execute("UPDATE declaration SET detail_due = true")
    assert (await run(day_after, SyncScope.CHANGES)).details == DECLARATIONS
    assert transport.count(DETAIL) >= DECLARATIONS


async def test_if_more_are_absent_than_can_be_asked_for_every_list_is_read_before_any_is_marked(
    day_after: Session, demo: Demo, listed: ListedMonths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may have moved to a month that was left out: their 出口日期 was amended."""
    newest = DateRangeQuery(next(months_back(TODAY, 1)), Kind.CLEARED)
    rows = (await day_after.require_port().list_page(newest, 1)).rows
    older = first_days(ALL_MONTHS)[6]
    for module in ("sync", "delisting"):
        monkeypatch.setattr(f"jiacha_tui.actions.{module}.FEW", len(rows) - 1)
    for row in rows:
        demo.move(row.entry_id, older)
    summary = await run(day_after, SyncScope.CHANGES)
    assert (summary.delisted, summary.changed, summary.left_out) == (0, len(rows), 0)
    assert older in listed.days


async def test_older_months_are_read_once_and_do_not_count_as_a_sync(
    app_context: AppContext, listed: ListedMonths
) -> None:
    config = Config(sync=SyncConfig(at_login=False, months=6))
    session = await open_session(replace(app_context, config=config))
    try:
        await run(session, SyncScope.ALL)
        within = session.declarations.count()
        last = (await session.cache_status()).last_sync
        listed.days.clear()
        summary = await run(session, SyncScope.OLDER, ALL_MONTHS)
        assert listed.days == first_days(ALL_MONTHS)[6:]
        assert summary.is_complete
        assert within < session.declarations.count() == DECLARATIONS
        assert (await session.cache_status()).last_sync == last
        assert session.checkpoints.current_pass() is None, "a sync that follows at once reads its lists anew"
        listed.days.clear()
        assert (await run(session, SyncScope.ALL)).is_complete
        assert listed.days == first_days(6)
        assert session.declarations.count() == DECLARATIONS
    finally:
        await session.close()
