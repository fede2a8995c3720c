"""报关单查询: the form of the manual, which checks what is typed and is kept for the next query."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from textual.pilot import Pilot

from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.hints import WHERE_TO_LOOK_UP
from jiacha_tui.declaration.journal import JournalKind
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.declaration.query_form import Criterion, usual_periods
from screens.dialogs.query import NumbersRequested, QueryDialog, QueryDialogResult, QueryForm
from screens.widgets.line_input import LineInput
from tests.recording_transport import LIST, RecordingTransport
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_shown

pytestmark = pytest.mark.asyncio(loop_scope="module")

Harness = ScreenHarness[QueryDialogResult | NumbersRequested | None]

JUNE = QueryForm(Kind.CLEARED, Criterion.EXPORTED_ON, "", "2026-06-01", "2026-06-30")
NUMBER = "230220260000182883"
"""The number of a 启运港退税报关单 of the port."""


@pytest.fixture
def harness(shared_session: Session) -> Harness:
    return ScreenHarness(QueryDialog(shared_session, JUNE))


async def type_into(pilot: Pilot[int], field: str, text: str) -> None:
    """Replaces what is in the field, which has the focus, with `text`."""
    for key in ("ctrl+u", *text):
        pilot.app.simulate_key(key)
    await until(pilot, lambda: pilot.app.screen.query_one(f"#{field}", LineInput).value == text)


async def found_by(pilot: Pilot[int], harness: Harness) -> DateRangeQuery | NumberQuery:
    """The query that the dialog was closed with."""
    await until(pilot, lambda: bool(harness.results))
    (answer,) = harness.results
    assert isinstance(answer, QueryDialogResult)
    return answer.outcome.query


async def test_the_dialog_shows_the_form_of_the_manual(harness: Harness) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(
            pilot,
            "报关单类型   (•) 结关报关单   ( ) 启运港退税报关单",
            "查询条件     (•) 出口日期   ( ) 出口报关单号",
            "出口日期     [2026-06-01  ] 至 [2026-06-30  ]",
            "30 天，最长一个月",
            "[ 查询 ]   [ 取消 ]",
        )


async def test_enter_asks_the_port_and_gives_the_form_and_what_was_found(harness: Harness) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter", "enter")
        await until(pilot, lambda: bool(harness.results))
    (answer,) = harness.results
    assert isinstance(answer, QueryDialogResult)
    assert answer.form == JUNE
    assert answer.outcome.found == 15
    assert answer.outcome.query == DateRangeQuery(DateRange(date(2026, 6, 1), date(2026, 6, 30)), Kind.CLEARED)


async def test_the_first_typed_character_replaces_the_old_text_of_a_field(harness: Harness) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        for key in (*"20260501", "tab", *"20260531", "enter"):
            harness.simulate_key(key)
        assert await found_by(pilot, harness) == DateRangeQuery(DateRange(date(2026, 5, 1), date(2026, 5, 31)))


async def test_a_cursor_key_keeps_the_old_text_of_a_field(harness: Harness) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await pilot.press("end", "backspace", "2", "enter", "enter")
        assert await found_by(pilot, harness) == DateRangeQuery(DateRange(date(2026, 6, 2), date(2026, 6, 30)))


async def test_a_declaration_of_the_other_kind_is_queried_by_its_number(harness: Harness) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await pilot.press("up", "right", "up", "right")
        await until_shown(pilot, "( ) 结关报关单   (•) 启运港退税报关单", "(•) 出口报关单号", "0/18 位")
        for key in ("tab", "tab", *NUMBER, "enter"):
            harness.simulate_key(key)
        assert await found_by(pilot, harness) == NumberQuery(NUMBER, Kind.DEPARTURE_PORT)


@pytest.mark.parametrize(
    ("start", "end", "error"),
    [
        ("", "2026-06-30", "! 起始日期为必填"),
        ("2026-06-31", "2026-06-30", "! 起始日期不是日期"),
        ("2026-06-30", "2026-06-01", "! 截止日期不能早于起始日期"),
        ("2026-06-01", "2026-07-02", "! 最长不能超过一个月，最晚到 2026-07-01"),
    ],
)
async def test_an_error_is_shown_below_the_field_after_enter_and_the_port_is_not_asked(
    shared_session: Session, harness: Harness, start: str, end: str, error: str
) -> None:
    before = shared_session.journal.recent(1, kind=JournalKind.QUERY)
    async with harness.run_test(size=SMALLEST) as pilot:
        await type_into(pilot, "start", start)
        await pilot.press("tab")
        await type_into(pilot, "end", end)
        assert "!" not in harness.text
        await pilot.press("enter")
        await until_shown(pilot, error)
        assert harness.results == []
    assert shared_session.journal.recent(1, kind=JournalKind.QUERY) == before


async def test_an_error_is_gone_as_soon_as_it_is_corrected(shared_session: Session) -> None:
    harness = ScreenHarness(QueryDialog(shared_session, replace(JUNE, start="2026-06-31")))
    async with harness.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter", "enter")
        await until_shown(pilot, "! 起始日期不是日期")
        await type_into(pilot, "start", "20260601")
        await until(pilot, lambda: "!" not in harness.text)


async def test_dates_can_be_written_in_other_ways(harness: Harness) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await type_into(pilot, "start", "２０２６/６/１")
        await pilot.press("tab")
        await type_into(pilot, "end", "2026.6.30")
        await pilot.press("enter")
        assert await found_by(pilot, harness) == DateRangeQuery(DateRange(date(2026, 6, 1), date(2026, 6, 30)))


async def test_a_query_that_finds_nothing_says_why_and_leaves_the_form_open(shared_session: Session) -> None:
    form = replace(JUNE, start="2024-06-01", end="2024-06-30")
    harness = ScreenHarness(QueryDialog(shared_session, form))
    async with harness.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter", "enter")
        await until_shown(pilot, "! 未查询到报关单。")
        assert "".join(WHERE_TO_LOOK_UP.split()) in harness.words
        assert harness.results == []
        await pilot.press("f10")
        await until(pilot, lambda: harness.results == [None])


async def test_a_query_that_fails_says_why_and_can_be_repeated(
    shared_session: Session, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        with monkeypatch.context() as offline:
            offline.setattr(shared_session, "port", None)
            await pilot.press("enter", "enter")
            await until_shown(pilot, "! 当前为离线浏览，不能连接口岸")
        assert [notice.problem.code for notice in harness.notices if notice.problem] == ["session.offline"]
        await pilot.press("enter", "enter")
        await found_by(pilot, harness)


@pytest.mark.asyncio(loop_scope="function")
async def test_closing_the_dialog_ends_a_running_query(session: Session, transport: RecordingTransport) -> None:
    transport.run_at_request(LIST, 1, asyncio.Event().wait)
    harness = ScreenHarness(QueryDialog(session, JUNE))
    async with harness.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter", "enter")
        await until_shown(pilot, "正在查询…")
        await until(pilot, lambda: transport.count(LIST) == 1)
        await pilot.press("f10")
        await until(pilot, lambda: harness.results == [None])
        await transport.wait_until_idle()
    assert transport.count_answered(LIST) == 0


async def test_a_fresh_form_spans_as_many_days_as_one_download_may() -> None:
    query = QueryForm.default(date(2025, 7, 1)).check()
    assert isinstance(query, DateRangeQuery)
    assert (query.date_range.days, query.date_range.end) == (30, date(2025, 7, 1))


async def test_enter_in_the_first_date_leads_to_the_second_also_where_that_fits(harness: Harness) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        for key in (*"20260602", "enter", *"20260620", "enter"):
            harness.simulate_key(key)
        assert await found_by(pilot, harness) == DateRangeQuery(DateRange(date(2026, 6, 2), date(2026, 6, 20)))


async def test_typing_replaces_what_was_refused(harness: Harness) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter", *"20260831", "enter")
        await until_shown(pilot, "! 最长不能超过一个月")
        await pilot.press(*"20260619", "enter")
        assert await found_by(pilot, harness) == DateRangeQuery(DateRange(date(2026, 6, 1), date(2026, 6, 19)))


async def test_one_key_fills_in_the_last_month_this_month_and_the_last_thirty_days(shared_session: Session) -> None:
    periods = usual_periods(shared_session.app_context.clock().date())
    form = replace(JUNE, start=f"{periods[-1].start}", end=f"{periods[-1].end}")
    harness = ScreenHarness(QueryDialog(shared_session, form))
    async with harness.run_test(size=SMALLEST) as pilot:
        for period in (*periods, periods[0]):
            await pilot.press("f4")
            await until_shown(pilot, f"[{period.start}  ] 至 [{period.end}  ]")
        await pilot.press("enter")
        await until(pilot, lambda: bool(harness.results) or "未查询到" in harness.text)


@pytest.mark.asyncio(loop_scope="function")
@pytest.mark.parametrize("today", [date(2026, 11, 28), date(2026, 1, 1), date(2024, 3, 31), date(2026, 3, 30)], ids=str)
async def test_the_form_takes_each_of_the_usual_periods(today: date) -> None:
    for period in usual_periods(today):
        query = replace(JUNE, start=f"{period.start}", end=f"{period.end}").check()
        assert query == DateRangeQuery(period)
