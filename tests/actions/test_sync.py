"""Sync: everything is fetched once, also after an interruption, and amended declarations are fetched again."""

import asyncio
import json
import threading
from collections.abc import Callable, Sequence
from itertools import pairwise

import httpx
import pytest

from db.declarations import Declarations
from db.list_checkpoints import SyncRecord
from jiacha_tui.actions import operator_activity
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.problems import NotOnline
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_plan import months_back
from jiacha_tui.actions.sync_report import SyncProgress, SyncSummary
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Declaration, Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from jiacha_tui.demo.faulty_port import FaultyPort
from jiacha_tui.eport.problems import PortUnreachable
from tests.app_contexts import NOW, TODAY
from tests.port_home import DECLARATIONS, open_session
from tests.recording_transport import DETAIL, LIST, RecordingTransport, lose_connection


async def run(session: Session) -> SyncSummary:
    return await sync(session, lambda _progress: None, lambda: None)


async def test_a_first_sync_fetches_every_declaration_with_its_detail(session: Session) -> None:
    summary = await run(session)
    assert (summary.new, summary.changed, summary.failed, summary.details) == (DECLARATIONS, 0, 0, DECLARATIONS)
    assert session.declarations.count() == DECLARATIONS
    assert session.declarations.count_details_due() == 0
    assert (await session.cache_status()).last_sync == SyncRecord(NOW, is_complete=True)


async def test_a_second_sync_finds_nothing_new_and_fetches_no_detail(
    synced: Session, transport: RecordingTransport
) -> None:
    summary = await run(synced)
    assert (summary.new, summary.changed, summary.unchanged) == (0, 0, DECLARATIONS)
    assert transport.count(DETAIL) == 0


async def test_an_amended_declaration_is_fetched_again(synced: Session, demo: Demo) -> None:
    entry_id = (await _newest(synced))[0]
    before = synced.declarations.get(entry_id)
    demo.amend(entry_id)
    summary = await run(synced)
    after = synced.declarations.get(entry_id)
    assert (summary.new, summary.changed, summary.details) == (0, 1, 1)
    assert after is not None
    assert after.summary.transfer_state == "修改"
    assert after != before


async def test_a_sync_continues_with_the_first_page_that_was_not_committed(
    session: Session, transport: RecordingTransport
) -> None:
    transport.before = lose_connection(LIST, after=4)
    with pytest.raises(PortUnreachable):
        await run(session)
    kept = session.declarations.count()
    transport.before = lambda path: None
    summary = await run(session)
    assert 0 < kept < DECLARATIONS
    assert summary.new == DECLARATIONS - kept
    assert session.declarations.count_details_due() == 0


async def test_details_that_arrived_before_a_lost_connection_are_kept(
    session: Session, transport: RecordingTransport
) -> None:
    transport.before = lose_connection(DETAIL, after=15)
    with pytest.raises(PortUnreachable):
        await run(session)
    left = session.declarations.count_details_due()
    transport.before = lambda path: None
    summary = await run(session)
    assert 0 < left < DECLARATIONS
    assert summary.details == left


class InvalidDetailTransport(httpx.AsyncBaseTransport):
    """A transport on which the detail of one declaration has invalid content."""

    def __init__(self, port: httpx.AsyncBaseTransport, entry_id: str) -> None:
        self._port = port
        self._entry_id = entry_id.encode()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(DETAIL) and self._entry_id in await request.aread():
            return httpx.Response(200, stream=httpx.ByteStream(b"not a valid answer"))
        return await self._port.handle_async_request(request)


async def test_a_detail_that_fails_is_counted_skipped_and_requested_again_in_the_next_sync(
    session: Session, transport: RecordingTransport
) -> None:
    entry_id = (await _newest(session))[0]
    port = transport.port
    transport.port = InvalidDetailTransport(port, entry_id)
    summary = await run(session)
    assert (summary.failed, summary.details) == (1, DECLARATIONS - 1)
    assert "1 票详情未取到" in summary.text()
    assert [summary.entry_id for summary in session.declarations.next_details_due(10)] == [entry_id]
    transport.port = port
    assert (await run(session)).details == 1
    assert session.declarations.count_details_due() == 0


async def test_cancelling_returns_the_summary_so_far_and_loses_nothing(session: Session) -> None:
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


async def test_the_details_of_a_sync_are_committed_together(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[int] = []
    put_details = Declarations.put_details

    def put(declarations: Declarations, details: Sequence[Declaration]) -> None:
        put_details(declarations, details)
        commits.append(len(details))

    monkeypatch.setattr(Declarations, "put_details", put)
    monkeypatch.setattr("jiacha_tui.actions.detail_fetcher.GATHERED_AT_MOST", 20)
    monkeypatch.setattr("jiacha_tui.actions.detail_fetcher.GATHER_SECONDS", 60.0)
    assert (await run(session)).details == DECLARATIONS
    assert commits == [20] * (DECLARATIONS // 20)


async def test_a_sync_that_is_cancelled_twice_still_waits_for_the_last_commit(
    session: Session, transport: RecordingTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, started, released = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    put_details = Declarations.put_details

    def put(declarations: Declarations, details: Sequence[Declaration]) -> None:
        loop.call_soon_threadsafe(started.set)
        assert released.wait(60)
        put_details(declarations, details)

    monkeypatch.setattr(Declarations, "put_details", put)
    monkeypatch.setattr("jiacha_tui.actions.detail_fetcher.GATHERED_AT_MOST", 1)
    monkeypatch.setattr("jiacha_tui.actions.detail_fetcher.WAITING_AT_MOST", 1)
    task = asyncio.create_task(run(session))
    await started.wait()
    await transport.wait_until_idle()
    for _ in range(2):
        task.cancel()
        for _ in range(100):
            await asyncio.sleep(0)
    released.set()
    summary = await task
    assert summary.details == DECLARATIONS - session.declarations.count_details_due() == 2


async def test_a_detail_counts_only_once_it_is_committed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiacha_tui.actions.detail_fetcher.GATHER_SECONDS", 0.01)
    wrong: list[SyncProgress] = []

    def watch(progress: SyncProgress) -> None:
        if progress.details_done > DECLARATIONS - session.declarations.count_details_due():
            wrong.append(progress)

    await sync(session, watch, lambda: None)
    assert wrong == []


async def test_a_sync_makes_way_while_the_operator_presses_keys(
    session: Session, transport: RecordingTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operator_activity, "PAUSE_SECONDS", 60.0)
    monkeypatch.setattr(operator_activity, "LONGEST_WAIT_SECONDS", 60.0)
    reached = asyncio.Event()

    def watch(progress: SyncProgress) -> None:
        if progress.lists_done == 2:
            session.operator_activity.note_key()
            reached.set()

    task = asyncio.create_task(sync(session, watch, lambda: None))
    await reached.wait()
    await transport.wait_until_idle()
    task.cancel()
    assert (await task).cancelled
    assert transport.count(DETAIL) == 0


async def test_a_held_key_does_not_stop_a_sync(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_activity, "PAUSE_SECONDS", 60.0)
    monkeypatch.setattr(operator_activity, "LONGEST_WAIT_SECONDS", 0.001)
    session.operator_activity.note_key()
    assert (await run(session)).is_complete


async def test_a_session_that_the_port_has_ended_is_logged_in_again(
    session: Session, transport: RecordingTransport
) -> None:
    assert session.port is not None
    session.port._transport.clear_cookies()
    assert (await run(session)).new == DECLARATIONS
    assert transport.count("cas/login") == 4, "a page and a form for each of two logins"


async def test_progress_never_decreases_and_ends_complete(session: Session) -> None:
    reports: list[SyncProgress] = []
    await sync(session, reports.append, lambda: None)
    assert [report.details_done for report in reports] == sorted(report.details_done for report in reports)
    assert [report.lists_done for report in reports] == sorted(report.lists_done for report in reports)
    last = reports[-1]
    assert (last.lists_done, last.details_done) == (last.lists_total, last.details_total)


async def test_a_sync_needs_the_port(app_context: AppContext) -> None:
    session = await open_session(app_context, offline=True)
    try:
        with pytest.raises(NotOnline):
            await run(session)
    finally:
        await session.close()


async def test_the_outcome_of_each_sync_is_in_the_journal(synced: Session, transport: RecordingTransport) -> None:
    transport.before = lose_connection(LIST)
    with pytest.raises(PortUnreachable):
        await run(synced)
    entries = synced.journal.recent(10, kind=JournalKind.SYNC)
    assert [entry.outcome for entry in entries] == [Outcome.FAILED, Outcome.DONE]


def test_the_months_go_back_from_today_without_a_gap() -> None:
    spans = list(months_back(TODAY.replace(month=2, day=10), 4))
    assert spans[0] == DateRange(TODAY.replace(month=2, day=1), TODAY.replace(month=2, day=10))
    assert [(span.start.year, span.start.month) for span in spans] == [(2026, 2), (2026, 1), (2025, 12), (2025, 11)]
    for later, earlier in pairwise(spans):
        assert (later.start - earlier.end).days == 1


class ResizingPort(httpx.AsyncBaseTransport):
    """Gives lists in pages of `page_size` rows, whatever was asked for, and can leave pages out.

    `skip` gets the number of a list request, counted from 1, and the page that it asks for. If it returns true, the
    answer is that of a page behind the end: no rows, and the same total.
    """

    def __init__(self, port: httpx.AsyncBaseTransport, page_size: int) -> None:
        self._port = port
        self._page_size = page_size
        self.requests = 0
        self.skip: Callable[[int, int], bool] = lambda _request, _page: False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(LIST):
            return await self._port.handle_async_request(request)
        self.requests += 1
        body = json.loads(request.content)
        body["pageSize"] = self._page_size
        if self.skip(self.requests, body["curPage"]):
            body["curPage"] = 10_000
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        resized = httpx.Request(request.method, request.url, headers=headers, json=body)
        return await self._port.handle_async_request(resized)


async def test_a_port_with_smaller_pages_loses_no_row(session: Session, transport: RecordingTransport) -> None:
    transport.port = ResizingPort(transport.port, page_size=2)
    summary = await run(session)
    assert (summary.new, summary.is_complete) == (DECLARATIONS, True)
    assert session.declarations.count() == DECLARATIONS


async def test_a_sync_that_was_cut_among_smaller_pages_continues_and_loses_no_row(
    session: Session, transport: RecordingTransport
) -> None:
    transport.port = ResizingPort(transport.port, page_size=1)
    transport.before = lose_connection(LIST, after=7)
    with pytest.raises(PortUnreachable):
        await run(session)
    transport.before = lambda _path: None
    assert (await run(session)).is_complete
    assert session.declarations.count() == DECLARATIONS


async def test_a_list_that_ends_short_once_is_read_again(session: Session, transport: RecordingTransport) -> None:
    port = transport.port = ResizingPort(transport.port, page_size=1)
    skipped: list[int] = []

    def once(request: int, page: int) -> bool:
        if page == 2 and not skipped:
            skipped.append(request)
            return True
        return False

    port.skip = once
    summary = await run(session)
    assert skipped
    assert (summary.new, summary.is_complete) == (DECLARATIONS, True)
    assert session.declarations.count() == DECLARATIONS


async def test_a_list_that_stays_short_leaves_its_month_unfinished_and_says_so(
    session: Session, transport: RecordingTransport
) -> None:
    port = transport.port = ResizingPort(transport.port, page_size=1)
    port.skip = lambda _request, page: page == 2
    summary = await run(session)
    assert not summary.is_complete
    assert f"{TODAY:%Y-%m}" in summary.incomplete
    assert summary.text().startswith("同步结束，没有取全")
    assert "没有列全" in summary.text()
    assert (await session.cache_status()).last_sync == SyncRecord(NOW, is_complete=False)
    port.skip = lambda _request, _page: False
    assert (await run(session)).is_complete
    assert session.declarations.count() == DECLARATIONS


@pytest.mark.parametrize("kind", [FaultKind.ROW_COMES, FaultKind.ROW_GOES])
async def test_a_list_that_changes_between_two_pages_is_read_again(
    kind: FaultKind, session: Session, demo: Demo, transport: RecordingTransport
) -> None:
    faulty = _faulty_pages(demo, transport, PortFault(kind, CallKind.LIST, 1, 2))
    summary = await run(session)
    assert faulty.done
    assert (summary.new, summary.is_complete) == (DECLARATIONS, True)
    assert session.declarations.count() == DECLARATIONS


async def test_a_list_that_always_changes_between_two_pages_is_not_complete(
    session: Session, demo: Demo, transport: RecordingTransport
) -> None:
    _faulty_pages(demo, transport, PortFault(FaultKind.ROW_GOES, CallKind.LIST))
    summary = await run(session)
    assert f"{TODAY:%Y-%m}" in summary.incomplete
    assert (await session.cache_status()).last_sync == SyncRecord(NOW, is_complete=False)


async def test_a_list_that_changed_since_an_interrupted_sync_is_read_from_its_first_page(
    session: Session, demo: Demo, transport: RecordingTransport
) -> None:
    port = transport.port = ResizingPort(httpx.ASGITransport(demo.application), page_size=2)
    transport.before = lose_connection(LIST, after=2)
    with pytest.raises(PortUnreachable):
        await run(session)
    transport.before = lambda _path: None
    changed = FaultyPort(demo.application, [PortFault(FaultKind.ROW_GOES, CallKind.LIST, 1, 1)])
    port._port = httpx.ASGITransport(changed)
    summary = await run(session)
    assert changed.done
    assert summary.is_complete
    assert session.declarations.count() == DECLARATIONS


async def test_a_list_without_any_content_is_requested_once_more(
    session: Session, demo: Demo, transport: RecordingTransport
) -> None:
    faulty = FaultyPort(demo.application, [PortFault(FaultKind.NULL_MEMBERS, CallKind.LIST, 1, 1)])
    transport.port = httpx.ASGITransport(faulty)
    summary = await run(session)
    assert faulty.done
    assert (summary.new, summary.is_complete) == (DECLARATIONS, True)


async def test_lists_without_any_content_count_as_incomplete(
    session: Session, demo: Demo, transport: RecordingTransport
) -> None:
    faulty = FaultyPort(demo.application, [PortFault(FaultKind.NULL_MEMBERS, CallKind.LIST)])
    transport.port = httpx.ASGITransport(faulty)
    assert not (await run(session)).is_complete
    faulty.set_faults([])
    summary = await run(session)
    assert (summary.new, summary.is_complete) == (DECLARATIONS, True)


async def test_a_full_page_is_not_taken_for_the_last(
    session: Session, demo: Demo, transport: RecordingTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiacha_tui.actions.list_reader.PAGE_SIZE", 2)
    _faulty_pages(demo, transport, PortFault(FaultKind.TOTAL_LOW, CallKind.LIST, 1, 1))
    summary = await run(session)
    assert (summary.new, summary.is_complete) == (DECLARATIONS, True)


def _faulty_pages(demo: Demo, transport: RecordingTransport, fault: PortFault) -> FaultyPort:
    """Puts a port with this fault and with pages of two rows behind `transport`."""
    faulty = FaultyPort(demo.application, [fault])
    transport.port = ResizingPort(httpx.ASGITransport(faulty), page_size=2)
    return faulty


async def _newest(session: Session) -> tuple[str, ...]:
    port = session.require_port()
    page = await port.list_page(DateRangeQuery(DateRange.month(TODAY.year, TODAY.month), Kind.CLEARED), 1)
    return tuple(row.entry_id for row in page.rows)
