"""Queries, filters, details, previews and prints, from the port or from the cache."""

import asyncio
import threading
from datetime import date
from pathlib import Path

import duckdb
import pytest

from db.cache import Cache
from db.filter import Filter, FilterError
from db.result_table import ResultQuery, ResultSummary
from db.results import Result, ResultReader, Results, Superseded
from jiacha_tui.actions import printing
from jiacha_tui.actions.detail import detail_view, item_fields, load_declaration
from jiacha_tui.actions.list_reader import ListProgress
from jiacha_tui.actions.problems import NotCached, NotOnline
from jiacha_tui.actions.query import run_query
from jiacha_tui.actions.result_browser import ResultBrowser
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.declaration_row import Column, Order
from jiacha_tui.declaration.hints import NOT_FOUND
from jiacha_tui.declaration.journal import JournalKind
from jiacha_tui.declaration.model import HEAD_FIELDS, ITEM_FIELDS, Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.declaration.rules import BatchTooLarge, QuerySpanTooLong
from jiacha_tui.demo.demo import Demo
from jiacha_tui.printing.printers import Printer, PrinterState
from tests.app_contexts import TODAY
from tests.filters import parse_official
from tests.recording_transport import DETAIL, RecordingTransport

JUNE = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month))


async def query_june(session: Session) -> tuple[str, ...]:
    """The declarations of June after a query: they are listed in the cache, without details."""
    outcome = await run_query(session, JUNE, lambda _listed: None)
    view = await ResultBrowser(session).show(outcome.filter_text, Order())
    assert view is not None
    assert len(view) == outcome.found > 0
    return await view.entry_ids(50)


async def test_a_query_shows_exactly_what_the_port_listed(session: Session) -> None:
    reports: list[ListProgress] = []
    outcome = await run_query(session, JUNE, reports.append)
    assert (outcome.new, outcome.changed, outcome.hint) == (outcome.found, 0, "")
    assert reports[-1].received == outcome.found
    again = await run_query(session, JUNE, reports.append)
    assert (again.new, again.found) == (0, outcome.found)


async def test_a_query_by_number_finds_one_declaration_or_returns_the_official_hint(session: Session) -> None:
    entry_id = (await query_june(session))[0]
    assert (await run_query(session, NumberQuery(entry_id), lambda _listed: None)).found == 1
    nothing = await run_query(session, NumberQuery("020120260000000000"), lambda _listed: None)
    assert (nothing.found, nothing.hint) == (0, NOT_FOUND)


async def test_a_query_of_more_than_a_month_is_refused_before_the_port_is_asked(
    session: Session, transport: RecordingTransport
) -> None:
    transport.calls.clear()
    with pytest.raises(QuerySpanTooLong):
        await run_query(session, DateRangeQuery(DateRange(date(2026, 5, 1), date(2026, 6, 2))), lambda _listed: None)
    assert transport.calls == []


async def test_the_filter_distinguishes_the_two_kinds(synced: Session) -> None:
    every = await ResultBrowser(synced).show("", Order())
    counts = []
    for kind in Kind:
        view = await ResultBrowser(synced).show(f"类型:{kind.label}", Order())
        assert view is not None
        counts.append(len(view))
    assert every is not None
    assert sum(counts) == len(every)


async def test_an_invalid_filter_reports_the_position_of_the_error(session: Session) -> None:
    with pytest.raises(FilterError) as wrong:
        await ResultBrowser(session).show("2026-06 金额:abc", Order())
    assert 0 < wrong.value.position <= len("2026-06 金额:abc")


async def test_only_the_last_requested_view_is_returned(session: Session) -> None:
    await query_june(session)
    browser = ResultBrowser(session)
    views = await asyncio.gather(*(browser.show(text, Order(Column.USD_AMOUNT)) for text in ("2", "22", "222")))
    assert [None if view is None else view.filter_text for view in views] == [None, None, "222"]


class DelayedResults(Results):
    """Results whose run for the filter `late` waits until `go_on` is set, and whose first run for `overtaken` fails."""

    def __init__(self, cache: Cache, late: str = "", overtaken: str = "") -> None:
        super().__init__(cache)
        self.go_on = threading.Event()
        self._late, self._overtaken = late, overtaken

    def run(self, filter_: Filter | str, order: Order | None = None, reader: ResultReader | None = None) -> Result:
        if self._late and filter_ == parse_official(self._late):
            assert self.go_on.wait(10)
        if self._overtaken and filter_ == parse_official(self._overtaken):
            self._overtaken = ""
            raise Superseded
        return super().run(filter_, order, reader)


async def test_a_thread_that_starts_late_does_not_return_an_older_view(session: Session) -> None:
    session.results = late = DelayedResults(session.cache, late="2026-05")
    browser = ResultBrowser(session)
    older = asyncio.create_task(browser.show("2026-05", Order()))
    await asyncio.wait([older], timeout=0)
    newer = await browser.show("2026-06", Order())
    late.go_on.set()
    assert newer is not None
    assert await older is None


async def test_an_invalid_filter_does_not_supersede_a_running_one(session: Session) -> None:
    session.results = late = DelayedResults(session.cache, late="2026-05")
    browser = ResultBrowser(session)
    older = asyncio.create_task(browser.show("2026-05", Order()))
    await asyncio.wait([older], timeout=0)
    with pytest.raises(FilterError):
        await browser.show("2026-05 金额:", Order())
    late.go_on.set()
    assert await older is not None


async def test_the_last_view_is_returned_even_if_an_earlier_run_starts_after_it(session: Session) -> None:
    session.results = DelayedResults(session.cache, overtaken="2026-06")
    view = await ResultBrowser(session).show("2026-06", Order())
    assert view is not None


class MeetingResults(Results):
    """Results whose first two runs are under way at the same time. `runs` counts all of them."""

    def __init__(self, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(cache)
        self.runs = 0
        original, both = ResultQuery.summary, threading.Barrier(2)

        def summary(query: ResultQuery, cursor: duckdb.DuckDBPyConnection) -> ResultSummary:
            self.runs += 1
            if self.runs <= both.parties:
                both.wait(10)
            return original(query, cursor)

        monkeypatch.setattr(ResultQuery, "summary", summary)


async def test_the_table_and_a_plan_that_read_at_the_same_time_do_not_stop_each_other(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.results = meeting = MeetingResults(session.cache, monkeypatch)
    table, plan = await asyncio.gather(*(ResultBrowser(session).show(text, Order()) for text in ("2026-05", "2026-06")))
    assert table is not None
    assert plan is not None
    assert meeting.runs == 2, "each stopped the other, which then ran again"


async def test_a_detail_is_fetched_once_and_then_cached(session: Session, transport: RecordingTransport) -> None:
    entry_id = (await query_june(session))[0]
    first = await load_declaration(session, entry_id)
    transport.calls.clear()
    assert await load_declaration(session, entry_id) == first
    assert transport.count(DETAIL) == 0


async def test_an_amended_detail_is_fetched_again_when_it_is_opened(
    session: Session, demo: Demo, transport: RecordingTransport
) -> None:
    entry_id = (await query_june(session))[0]
    before = await load_declaration(session, entry_id)
    demo.amend(entry_id)
    await query_june(session)
    after = await load_declaration(session, entry_id)
    assert after.summary.transfer_state == "修改"
    assert after.head != before.head
    transport.calls.clear()
    await load_declaration(session, entry_id)
    assert transport.count(DETAIL) == 0


async def test_a_detail_view_has_every_field_with_its_official_name(session: Session) -> None:
    view = await detail_view(session, (await query_june(session))[0])
    assert view.declaration.head is not None
    shown = [field.label for _group, fields in view.groups for field in fields]
    assert set(shown) >= {info.label for info in HEAD_FIELDS}
    labels = [field.label for field in item_fields(view.declaration.items[0])]
    assert labels == [info.label for info in ITEM_FIELDS]
    assert sum(total.amount for total in view.totals) == sum(item.total or 0 for item in view.declaration.items)


async def test_offline_a_missing_detail_is_explained_and_the_summary_is_shown(session: Session) -> None:
    entry_id = (await query_june(session))[0]
    session.port = None
    view = await detail_view(session, entry_id)
    assert isinstance(view.missing, NotOnline)
    assert view.declaration.summary.entry_id == entry_id
    with pytest.raises(NotCached):
        await detail_view(session, "020120260000000000")


async def test_ten_declarations_are_previewed_together_but_not_eleven(session: Session) -> None:
    entry_ids = await query_june(session)
    drawn = await printing.draw_form(session, entry_ids[:10], 80)
    assert list(dict.fromkeys(page.entry_id for page in drawn.pages)) == list(entry_ids[:10])
    with pytest.raises(BatchTooLarge):
        await printing.draw_form(session, entry_ids[:11], 80)


async def test_a_saved_pdf_is_private_counts_as_a_print_and_is_in_the_journal(session: Session, tmp_path: Path) -> None:
    entry_ids = (await query_june(session))[:2]
    before = [summary.print_count for summary in session.declarations.summaries(entry_ids)]
    saved = await printing.save_pdf(session, entry_ids, tmp_path / "out")
    assert saved.path.read_bytes().startswith(b"%PDF-")
    assert saved.path.stat().st_mode & 0o777 == 0o600
    assert [summary.print_count for summary in session.declarations.summaries(entry_ids)] == [
        count + 1 for count in before
    ]
    (entry,) = session.journal.recent(5, kind=JournalKind.PRINT)
    assert entry.entry_ids == entry_ids


async def test_where_the_printer_is_gone_a_pdf_is_saved_and_its_path_reported(session: Session) -> None:
    entry_ids = (await query_june(session))[:1]
    gone = Printer(name="gone", description="", state=PrinterState.IDLE, default=True, accepting=True, reasons=())
    report = await printing.print_now(session, entry_ids, gone, "jiacha")
    assert report.saved is not None
    assert report.saved.path.is_file()
    assert str(report.saved.path) in report.message
