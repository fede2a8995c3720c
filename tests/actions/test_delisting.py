"""What the port no longer lists is marked after a complete list, told, and unmarked when the port lists it again.

The port is the embedded one, over TLS sockets.
"""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from jiacha_tui.actions.delisting import FEW
from jiacha_tui.actions.detail import detail_view
from jiacha_tui.actions.failure_limit import MAX_EQUAL_FAILURES
from jiacha_tui.actions.import_files import import_paths
from jiacha_tui.actions.query import run_query
from jiacha_tui.declaration.hints import NOT_FOUND
from jiacha_tui.declaration.journal import JournalKind
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.demo.faults import FaultKind
from tests.actions.served_port import ServedPort
from tests.actions.test_import_files import ENTRY_ID, ONE
from tests.app_contexts import NOW, TODAY
from tests.faulty_port import sometimes
from tests.port_home import DECLARATIONS, open_session
from tests.recording_transport import DETAIL, LIST

LISTS = 36
"""18 months and two kinds."""

GONE = "口岸不再列出，已标记（×）"
BACK = "口岸重新列出，已去掉“不再列出”的标记"


async def test_what_was_deleted_or_got_another_number_is_marked_told_and_unmarked(port: ServedPort) -> None:
    gone, renumbered, *_ = await port.numbers("类型:结关")
    port.demo.withdraw(gone)
    new = port.demo.renumber(renumbered)
    summary = await port.sync()
    assert (summary.new, summary.delisted, summary.relisted, summary.unconfirmed) == (1, 2, 0, 0)
    assert summary.is_complete
    assert "2 票口岸不再列出，已标记（×）" in summary.text()
    assert await port.marked() == {gone, renumbered}
    assert await port.numbers(f"号:{new} -不再列出") == [new]
    assert port.session.declarations.count() == DECLARATIONS - 1
    assert not await port.marked() & set(await port.numbers("未下载"))
    found = port.session.declarations.get(gone)
    assert found is not None
    assert found.delisted_at == NOW
    texts = [message.text for message in port.app_context.messages.all()]
    assert all(any("不再列出" in text and entry_id in text for text in texts) for entry_id in (gone, renumbered))

    port.demo.restore(gone)
    summary = await port.sync()
    assert (summary.delisted, summary.relisted, summary.is_complete) == (0, 1, True)
    assert "1 票口岸重新列出" in summary.text()
    assert await port.marked() == {renumbered}
    entries = port.session.journal.recent(10, gone, JournalKind.LIST)
    assert [entry.message for entry in entries] == [BACK, GONE]


async def test_a_second_sync_tells_nothing_new_and_asks_for_nothing_that_is_marked(port: ServedPort) -> None:
    port.demo.withdraw(*(await port.numbers(""))[:2])
    await port.sync()
    summary = await port.sync()
    assert (summary.delisted, summary.relisted, summary.unchanged) == (0, 0, DECLARATIONS - 2)
    assert port.http.calls[LIST] == LISTS


@pytest.mark.parametrize("days", [-60, 60, -3])
async def test_a_declaration_that_moves_to_another_month_is_never_marked(port: ServedPort, days: int) -> None:
    entry_id, day = await port.exported_about(TODAY - timedelta(days=70))
    port.demo.move(entry_id, day + timedelta(days=days))
    summary = await port.sync()
    assert (summary.delisted, summary.unconfirmed, summary.changed) == (0, 0, 1)
    assert port.http.calls[LIST] == LISTS + 1, "one that had to be signed, and none out of doubt"
    assert port.session.journal.recent(10, entry_id, JournalKind.LIST) == []


async def test_a_declaration_that_moves_before_the_months_of_a_sync_is_found_by_its_number(port: ServedPort) -> None:
    entry_id, day = await port.exported_about(TODAY)
    port.demo.move(entry_id, day - timedelta(days=700))
    assert (await port.sync()).delisted == 0
    (row,) = port.session.declarations.summaries([entry_id])
    assert row.exported_on == day - timedelta(days=700)


async def test_a_declaration_that_moves_while_the_lists_are_read_is_never_marked(port: ServedPort) -> None:
    """From an old month, not read yet, to a newer one, which was read already: both lists lack it."""
    entry_id, _day = await port.exported_about(TODAY - timedelta(days=200))
    yesterday = TODAY - timedelta(days=1)

    async def move(_request: Request) -> None:
        if port.http.calls[LIST] == 6:
            port.demo.move(entry_id, yesterday)

    port.http.faults[LIST] = move
    assert (await port.sync()).delisted == 0
    (row,) = port.session.declarations.summaries([entry_id])
    assert row.exported_on == yesterday
    assert port.session.journal.recent(10, entry_id, JournalKind.LIST) == []


async def test_a_sync_that_was_cut_marks_after_it_was_continued(port: ServedPort) -> None:
    gone, *kept = await port.numbers("")
    port.demo.withdraw(gone)

    async def cancel(_request: Request) -> None:
        if port.http.calls[LIST] == 20:
            task.cancel()

    port.http.faults[LIST] = cancel
    task = asyncio.create_task(port.sync())
    assert (await task).cancelled
    assert await port.marked() == set(), "not before all lists were read"
    del port.http.faults[LIST]
    await port.session.close()
    port.session = await open_session(port.app_context)
    assert (await port.sync()).delisted == 1
    assert port.http.calls[LIST] < LISTS, "it was continued"
    assert await port.marked() == {gone}
    assert set(await port.numbers("-不再列出")) == set(kept)


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.TOTAL_HIGH,
        FaultKind.ROWS_NULL,
        FaultKind.BAD_ROW,
        FaultKind.NULL_MEMBERS,
        FaultKind.UNAVAILABLE,
        FaultKind.FAILURE_WORDS,
        FaultKind.GARBAGE,
    ],
)
async def test_a_list_that_is_short_refused_or_has_a_bad_row_marks_nothing(port: ServedPort, kind: FaultKind) -> None:
    port.demo.withdraw((await port.numbers("2026-06 类型:结关"))[0])
    port.spoil(kind)
    summary = await port.sync(months=2)
    assert (summary.delisted, summary.is_complete) == (0, False)
    assert await port.marked() == set()
    port.faults.set_faults([])
    assert (await port.sync(months=2)).delisted == 1


@pytest.mark.parametrize("kind", [FaultKind.TOTAL_LOW, FaultKind.SHORT_PAGES_10, FaultKind.ROW_TWICE])
async def test_nothing_is_marked_that_the_port_still_has(port: ServedPort, kind: FaultKind) -> None:
    port.spoil(kind)
    await port.sync(months=3)
    assert await port.marked() == set()
    gone = (await port.numbers("2026-06 类型:结关"))[0]
    port.demo.withdraw(gone)
    await port.sync(months=3)
    assert await port.marked() <= {gone}


async def test_nothing_is_marked_that_the_port_still_gives_by_its_number(port: ServedPort) -> None:
    port.spoil(FaultKind.DROPPED_ROWS)
    summary = await port.sync(months=3)
    assert summary.unconfirmed > 0
    assert (summary.delisted, summary.is_complete) == (0, False)
    assert await port.marked() == set()
    assert any("按号却查得到" in message.text for message in port.app_context.messages.all())
    port.faults.set_faults([])
    summary = await port.sync(months=3)
    assert (summary.unconfirmed, summary.is_complete) == (0, True)


async def test_a_port_whose_lists_are_all_empty_marks_nothing_and_is_told(port: ServedPort) -> None:
    port.demo.withdraw(*await port.numbers(""))
    summary = await port.sync()
    assert (summary.delisted, summary.unconfirmed, summary.is_complete) == (0, DECLARATIONS, False)
    assert f"清单里少了 {DECLARATIONS} 票，没有核实，未标记" in summary.text()
    assert await port.marked() == set()


async def test_a_month_that_vanishes_is_read_again_before_anything_is_marked(port: ServedPort) -> None:
    june = await port.numbers("2026-06 类型:结关")
    assert len(june) > FEW
    port.demo.withdraw(*june)
    summary = await port.sync()
    assert (summary.delisted, summary.unconfirmed) == (len(june), 0)
    assert port.http.calls[LIST] > LISTS + 1, "the list again, and some of the numbers"
    port.demo.restore(*june)
    assert (await port.sync()).relisted == len(june)
    assert await port.marked() == set()


async def test_a_month_is_not_taken_for_empty_while_its_numbers_are_found(port: ServedPort) -> None:
    june = await port.numbers("2026-06 类型:结关")
    port.demo.withdraw(*june)

    async def restore_at_a_number(request: Request) -> None:
        if june[0].encode() in await request.body():
            port.demo.restore(june[0])

    port.http.faults[LIST] = restore_at_a_number
    assert await port.query(DateRangeQuery(DateRange.month(2026, 6))) == (0, 0, len(june))
    assert await port.marked() == set()


async def test_imported_declarations_are_not_marked(port: ServedPort, tmp_path: Path) -> None:
    path = tmp_path / "one.xml"
    path.write_text(ONE, "utf-8")
    await import_paths(port.session, [path], lambda _report: None)
    assert (await port.sync()).delisted == 0
    assert await port.query(NumberQuery(ENTRY_ID)) == (0, 0, 0)
    assert await port.marked() == set()


async def test_a_query_by_date_marks_in_its_range_and_kind_only(port: ServedPort) -> None:
    entry_id, day = await port.exported_about(TODAY)
    other, _ = await port.exported_about(TODAY - timedelta(days=70))
    port.demo.withdraw(entry_id, other)
    before = DateRangeQuery(DateRange(day - timedelta(days=9), day - timedelta(days=1)))
    assert await port.query(before) == (0, 0, 0)
    assert await port.query(DateRangeQuery(DateRange.day(day), Kind.DEPARTURE_PORT)) == (0, 0, 0)
    assert await port.query(DateRangeQuery(DateRange.day(day))) == (1, 0, 0)
    assert await port.marked() == {entry_id}
    port.demo.restore(entry_id)
    assert await port.query(DateRangeQuery(DateRange.day(day))) == (0, 1, 0)


async def test_a_query_by_number_marks_what_is_not_found_only_for_its_kind(port: ServedPort) -> None:
    entry_id, _ = await port.exported_about(TODAY)
    assert await port.query(NumberQuery(entry_id, Kind.DEPARTURE_PORT)) == (0, 0, 0)
    port.demo.withdraw(entry_id)
    outcome = await run_query(port.session, NumberQuery(entry_id), lambda _listed: None)
    assert (outcome.delisted, outcome.found) == (1, 0)
    assert outcome.hint.endswith(NOT_FOUND)
    assert "不再列出" in outcome.hint
    assert await port.marked() == {entry_id}
    port.demo.restore(entry_id)
    assert await port.query(NumberQuery(entry_id)) == (0, 1, 0)
    assert await port.marked() == set()


async def test_lists_that_were_not_compared_after_failures_in_a_row_count_as_not_read(port: ServedPort) -> None:
    rows = port.session.declarations.summaries(await port.numbers("类型:结关"))
    gone = {row.exported_on.replace(day=1): row.entry_id for row in rows if row.exported_on is not None}
    assert len(gone) > MAX_EQUAL_FAILURES
    port.demo.withdraw(*gone.values())
    port.http.faults[LIST] = sometimes(Response(status_code=503), lambda body: not json.loads(body)["startDate"])
    assert not (await port.sync()).is_complete
    assert not {(month, Kind.CLEARED) for month in gone} & set(port.session.checkpoints.last_readings())
    port.http.faults.clear()
    assert (await port.sync()).delisted == len(gone)


@pytest.mark.parametrize("by_number", [False, True])
async def test_a_declaration_of_another_kind_now_is_not_marked(port: ServedPort, by_number: bool) -> None:
    entry_id, *_ = await port.numbers("类型:启运港")
    with port.session.cache.write_cursor() as cursor:
        cursor.execute("UPDATE declaration SET kind = ? WHERE entry_id = ?", [Kind.CLEARED.value, entry_id])
    (before,) = port.session.declarations.summaries([entry_id])
    assert before.exported_on is not None
    query = NumberQuery(entry_id) if by_number else DateRangeQuery(DateRange.day(before.exported_on))
    assert await port.query(query) == (0, 0, 0)
    assert await port.marked() == set()
    (after,) = port.session.declarations.summaries([entry_id])
    assert after.kind is Kind.DEPARTURE_PORT


async def test_an_unclear_answer_to_a_number_marks_nothing(port: ServedPort) -> None:
    entry_id, _ = await port.exported_about(TODAY)
    port.spoil(FaultKind.NULL_MEMBERS)
    assert await port.query(NumberQuery(entry_id)) == (0, 0, 0)
    assert await port.marked() == set()


async def test_the_port_is_not_asked_for_the_detail_of_what_it_no_longer_lists(port: ServedPort) -> None:
    entry_id, day = await port.exported_about(TODAY)
    new = port.demo.renumber(entry_id)
    assert await port.query(DateRangeQuery(DateRange.day(day))) == (1, 0, 0)
    assert (await detail_view(port.session, entry_id)).missing is None, "its detail was in the cache before"
    port.demo.withdraw(new)
    assert await port.query(NumberQuery(new)) == (1, 0, 0)
    view = await detail_view(port.session, new)
    assert view.missing is not None
    assert view.missing.code == "declaration.delisted"
    assert "清单里已没有" in view.hints[0]
    assert port.http.calls[DETAIL] == 0
