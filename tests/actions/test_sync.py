"""Sync: everything comes once, whatever cuts it off, and what customs amends comes again."""

import asyncio
from itertools import pairwise

import httpx
import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.problems import NotOnline
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import SyncProgress, SyncSummary, months_back, sync
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import Demo
from jiacha_tui.eport.problems import PortUnreachable
from tests.actions.conftest import DECLARATIONS, open_session
from tests.app_contexts import TODAY
from tests.recording_transport import RecordingTransport, lose_connection

LIST, DETAIL = "queryEntryIdBill", "viewDetail"


async def run(session: Session) -> SyncSummary:
    return await sync(session, lambda _progress: None, lambda: None)


async def test_a_first_sync_brings_every_declaration_with_its_detail(session: Session) -> None:
    summary = await run(session)
    assert (summary.new, summary.changed, summary.failed, summary.details) == (DECLARATIONS, 0, 0, DECLARATIONS)
    assert session.declarations.count() == DECLARATIONS
    assert session.declarations.count_details_due() == 0
    assert (await session.cache_status()).last_sync is not None


async def test_a_second_sync_finds_nothing_new_and_fetches_no_detail(
    session: Session, line: RecordingTransport
) -> None:
    await run(session)
    line.calls.clear()
    summary = await run(session)
    assert (summary.new, summary.changed, summary.unchanged) == (0, 0, DECLARATIONS)
    assert line.count(DETAIL) == 0


async def test_what_customs_amended_is_fetched_again(session: Session, demo: Demo) -> None:
    await run(session)
    entry_id = (await _newest(session))[0]
    before = session.declarations.get(entry_id)
    demo.amend(entry_id)
    summary = await run(session)
    after = session.declarations.get(entry_id)
    assert (summary.new, summary.changed, summary.details) == (0, 1, 1)
    assert after is not None
    assert after.summary.transfer_state == "修改"
    assert after != before


async def test_a_line_cut_among_the_lists_is_taken_up_at_the_first_page_not_kept(
    session: Session, line: RecordingTransport
) -> None:
    line.before = lose_connection(LIST, after=4)
    with pytest.raises(PortUnreachable):
        await run(session)
    kept = session.declarations.count()
    line.before = lambda path: None
    line.calls.clear()
    summary = await run(session)
    assert 0 < kept < DECLARATIONS
    assert summary.new == DECLARATIONS - kept
    assert session.declarations.count_details_due() == 0


async def test_a_line_cut_among_the_details_keeps_those_that_came(session: Session, line: RecordingTransport) -> None:
    line.before = lose_connection(DETAIL, after=15)
    with pytest.raises(PortUnreachable):
        await run(session)
    left = session.declarations.count_details_due()
    line.before = lambda path: None
    line.calls.clear()
    summary = await run(session)
    assert 0 < left < DECLARATIONS
    assert summary.details == left


class Garbling(httpx.AsyncBaseTransport):
    """A port that answers the detail of one declaration with something that nobody understands."""

    def __init__(self, port: httpx.AsyncBaseTransport, entry_id: str) -> None:
        self._port = port
        self._entry_id = entry_id.encode()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(DETAIL) and self._entry_id in await request.aread():
            return httpx.Response(200, content=b"nobody understands this")
        return await self._port.handle_async_request(request)


async def test_a_detail_that_cannot_be_had_is_counted_passed_over_and_asked_for_again(
    session: Session, line: RecordingTransport
) -> None:
    entry_id = (await _newest(session))[0]
    port = line.port
    line.port = Garbling(port, entry_id)
    summary = await run(session)
    assert (summary.failed, summary.details) == (1, DECLARATIONS - 1)
    assert "1 票详情未取到" in summary.text()
    assert [one.entry_id for one in session.declarations.next_details_due(10)] == [entry_id]
    line.port = port
    assert (await run(session)).details == 1
    assert session.declarations.count_details_due() == 0


async def test_cancelling_gives_the_summary_so_far_and_loses_nothing(session: Session) -> None:
    enough = asyncio.Event()

    def watch(progress: SyncProgress) -> None:
        if progress.details_done >= 10:
            enough.set()

    task = asyncio.create_task(sync(session, watch, lambda: None))
    await enough.wait()
    task.cancel()
    summary = await task
    assert summary.cancelled
    assert session.declarations.count_details_due() == DECLARATIONS - summary.details
    assert (await run(session)).details == DECLARATIONS - summary.details


async def test_a_session_that_ended_is_opened_again_by_the_card(session: Session, line: RecordingTransport) -> None:
    assert session.port is not None
    session.port._transport.clear_cookies()
    assert (await run(session)).new == DECLARATIONS
    assert line.count("cas/login") == 4, "twice a page and a form: the first login and the second"


async def test_progress_only_goes_forward_and_ends_complete(session: Session) -> None:
    seen: list[SyncProgress] = []
    await sync(session, seen.append, lambda: None)
    assert [one.details_done for one in seen] == sorted(one.details_done for one in seen)
    assert [one.lists_done for one in seen] == sorted(one.lists_done for one in seen)
    last = seen[-1]
    assert (last.lists_done, last.details_done) == (last.lists_total, last.details_total)


async def test_offline_there_is_no_sync(app_context: AppContext) -> None:
    session = await open_session(app_context, offline=True)
    try:
        with pytest.raises(NotOnline):
            await run(session)
    finally:
        await session.close()


async def test_how_it_ended_is_in_the_journal(session: Session, line: RecordingTransport) -> None:
    await run(session)
    line.before = lose_connection(LIST)
    with pytest.raises(PortUnreachable):
        await run(session)
    entries = session.journal.recent(10, kind=JournalKind.SYNC)
    assert [entry.outcome for entry in entries] == [Outcome.FAILED, Outcome.DONE]


def test_months_go_back_from_today_without_a_gap() -> None:
    spans = list(months_back(TODAY.replace(month=2, day=10), 4))
    assert spans[0] == DateRange(TODAY.replace(month=2, day=1), TODAY.replace(month=2, day=10))
    assert [(span.start.year, span.start.month) for span in spans] == [(2026, 2), (2026, 1), (2025, 12), (2025, 11)]
    for later, earlier in pairwise(spans):
        assert (later.start - earlier.end).days == 1


async def _newest(session: Session) -> tuple[str, ...]:
    port = session.require_port()
    page = await port.list_page(DateRangeQuery(DateRange.month(TODAY.year, TODAY.month), Kind.CLEARED), 1)
    return tuple(row.entry_id for row in page.rows)
