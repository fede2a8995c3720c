"""报关单查询: the form as the manual has it, checked beside the field, and kept for the next time."""

import asyncio
from datetime import date

import pytest
from textual.pilot import Pilot

from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery, Query
from jiacha_tui.declaration.query_form import Criterion
from screens.dialogs.query import QueryAnswer, QueryDialog, QueryForm, RunQuery
from tests.screens.fakes import FakeSession
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_shown

JUNE = QueryForm(Kind.CLEARED, Criterion.EXPORTED_ON, "", "2025-06-01", "2025-06-30")
NUMBER = "223320250000012345"


def staged(
    form: QueryForm = JUNE, *, found: int = 3, run: RunQuery | None = None
) -> tuple[ScreenHarness[QueryAnswer | None], FakeSession]:
    clerk = FakeSession(found=found)
    return ScreenHarness(QueryDialog(form, run or clerk.run_query)), clerk


async def retype(pilot: Pilot[int], text: str) -> None:
    await pilot.press("ctrl+u", *text)


async def test_it_is_the_form_of_the_manual() -> None:
    stage, _ = staged()
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(
            pilot,
            "报关单类型   (•) 结关报关单   ( ) 启运港退税报关单",
            "查询条件     (•) 出口日期   ( ) 出口报关单号",
            "出口日期     [2025-06-01  ] 至 [2025-06-30  ]",
            "30 天，最长一个月",
            "[ 查询 ]   [ 取消 ]",
        )


async def test_enter_asks_the_port_and_gives_back_form_and_answer() -> None:
    stage, clerk = staged()
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results))
        answer = stage.results[0]
        assert answer is not None
        assert answer.form == JUNE
        assert answer.outcome.found == 3
        assert clerk.queries == [DateRangeQuery(DateRange(date(2025, 6, 1), date(2025, 6, 30)), Kind.CLEARED)]


async def test_what_is_typed_takes_the_place_of_what_stood_there() -> None:
    stage, clerk = staged()
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press(*"20250501", "tab", *"20250531", "enter")
        await until(pilot, lambda: bool(clerk.queries))
        assert clerk.queries == [DateRangeQuery(DateRange(date(2025, 5, 1), date(2025, 5, 31)), Kind.CLEARED)]


async def test_a_date_is_mended_where_the_cursor_stands() -> None:
    stage, clerk = staged()
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("end", "backspace", "2", "enter")
        await until(pilot, lambda: bool(clerk.queries))
        assert clerk.queries == [DateRangeQuery(DateRange(date(2025, 6, 2), date(2025, 6, 30)), Kind.CLEARED)]


async def test_by_number_of_the_other_kind() -> None:
    stage, clerk = staged()
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("up", "right", "up", "right")
        await until_shown(pilot, "( ) 结关报关单   (•) 启运港退税报关单", "(•) 出口报关单号", "0/18 位")
        await pilot.press("tab", "tab", *NUMBER, "enter")
        await until(pilot, lambda: bool(clerk.queries))
        assert clerk.queries == [NumberQuery(NUMBER, Kind.DEPARTURE_PORT)]


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        ("", "2025-06-30", "! 起始日期为必填"),
        ("2025-06-31", "2025-06-30", "! 起始日期不是日期"),
        ("2025-06-30", "2025-06-01", "! 截止日期不能早于起始日期"),
        ("2025-06-01", "2025-07-02", "! 最长不能超过一个月，最晚到 2025-07-01"),
    ],
)
async def test_what_is_wrong_stands_under_the_field_and_nothing_is_asked(start: str, end: str, wrong: str) -> None:
    stage, clerk = staged()
    async with stage.run_test(size=SMALLEST) as pilot:
        await retype(pilot, start)
        await pilot.press("tab")
        await retype(pilot, end)
        assert "!" not in stage.text
        await pilot.press("enter")
        await until_shown(pilot, wrong)
        assert clerk.queries == []
        assert stage.results == []


async def test_once_mended_the_complaint_is_gone() -> None:
    stage, _ = staged(QueryForm(Kind.CLEARED, Criterion.EXPORTED_ON, "", "2025-06-31", "2025-06-30"))
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter")
        await until_shown(pilot, "! 起始日期不是日期")
        await retype(pilot, "20250601")
        await until(pilot, lambda: "!" not in stage.text)


async def test_dates_are_taken_as_people_type_them() -> None:
    stage, clerk = staged()
    async with stage.run_test(size=SMALLEST) as pilot:
        await retype(pilot, "２０２５/６/１")
        await pilot.press("tab")
        await retype(pilot, "2025.6.30")
        await pilot.press("enter")
        await until(pilot, lambda: bool(clerk.queries))
        assert clerk.queries == [DateRangeQuery(DateRange(date(2025, 6, 1), date(2025, 6, 30)), Kind.CLEARED)]


async def test_nothing_found_says_why_and_leaves_the_form_open() -> None:
    stage, _ = staged(found=0)
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter")
        await until_shown(pilot, "! 未查询到报关单。")
        assert stage.results == []
        await pilot.press("f10")
        await until(pilot, lambda: stage.results == [None])


async def test_a_refusal_is_told_and_can_be_mended() -> None:
    async def refused(query: Query, on_progress: object) -> object:
        raise Problem("port.refused", "查询失败", "请稍后再试")

    stage, _ = staged(run=refused)  # type: ignore[arg-type]  # it never gives an outcome
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter")
        await until_shown(pilot, "! 查询失败，请稍后再试")
        assert stage.notices[0].problem is not None


async def test_closing_it_ends_a_query_that_is_under_way() -> None:
    ended = asyncio.Event()

    async def slow(query: Query, on_progress: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    stage, _ = staged(run=slow)  # type: ignore[arg-type]  # it never gives an outcome
    async with stage.run_test(size=SMALLEST) as pilot:
        await pilot.press("enter")
        await until_shown(pilot, "正在查询…")
        await pilot.press("f10")
        await until(pilot, lambda: stage.results == [None] and ended.is_set())


def test_a_fresh_form_spans_what_one_download_may() -> None:
    checked = QueryForm.fresh(date(2025, 7, 1)).check()
    assert isinstance(checked, DateRangeQuery)
    assert (checked.date_range.days, checked.date_range.end) == (30, date(2025, 7, 1))
