"""The breakdown of a filter on the screen: groups, order, months, and a group that becomes the filter."""

import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from db.breakdown import Breakdowns
from db.cache import Cache
from db.problems import CacheClosed
from jiacha_tui.actions.breakdown import BreakdownBrowser, BreakdownQuery
from jiacha_tui.actions.empty_result import explain_empty
from jiacha_tui.actions.session import Session
from jiacha_tui.config import Config, DeadlinesConfig
from jiacha_tui.declaration.breakdown import Breakdown, Grouping, Measure
from screens.breakdown.breakdown_screen import BreakdownScreen
from screens.breakdown.lines import figure_lines
from screens.widgets.choice_list import ChoiceList
from tests.screens.harness import SMALLEST, until, until_shown
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import COUNTRIES, DECLARATIONS, SampleSessions, country, item_count

ALL = f"{DECLARATIONS:,} 票"
OF_US = sum(country(number) == "美国" for number in range(DECLARATIONS))


async def open_breakdown(app: MainApp, pilot: Pilot[int], *keys: str) -> BreakdownScreen:
    await until_shown(pilot, ALL)
    await pilot.press("v", *keys)
    await until(pilot, lambda: isinstance(app.screen, BreakdownScreen))
    screen = app.screen
    assert isinstance(screen, BreakdownScreen)
    await until(pilot, lambda: screen._is_shown)
    await pilot.pause()
    return screen


def rows(app: MainApp) -> list[str]:
    """The lines of the breakdown that are visible."""
    header = next(row for row, line in enumerate(app.lines) if "票数" in line)
    end = next(row for row, line in enumerate(app.lines) if line.startswith(" 第 "))
    return app.lines[header + 1 : end]


async def test_months_are_shown_first_with_the_latest_on_top(app: MainApp) -> None:
    async with app.running() as pilot:
        await open_breakdown(app, pilot)
        assert "[月份]" in app.text
        months = [found[0] for line in rows(app) if (found := re.search(r"\d{4}-\d{2}", line))]
        assert months == sorted(months, reverse=True)
        assert len(months) == 10
        assert f"{DECLARATIONS:,} 票  {sum(map(item_count, range(DECLARATIONS))):,} 条" in app.lines[0]


async def test_countries_have_their_counts_and_bars(app: MainApp) -> None:
    async with app.running() as pilot:
        await open_breakdown(app, pilot, "right")
        await until_shown(pilot, "[运抵国]", "票数▼")
        assert len([line for line in rows(app) if line.strip()]) == len(COUNTRIES)
        line = app.line_with("▸")
        assert f"{OF_US:,} ██" in line, "the largest group has the longest bar"


async def test_a_group_becomes_the_filter_and_backspace_goes_back(app: MainApp) -> None:
    async with app.running() as pilot:
        await open_breakdown(app, pilot, "right")
        await pilot.press("down")
        name = app.line_with("▸").split()[1]
        await pilot.press("enter")
        await until(pilot, lambda: app.is_at_main_screen and app.bar.text == f'国:="{name}"')
        expected = sum(country(number) == name for number in range(DECLARATIONS))
        await until_shown(pilot, f"{expected:,} 票")
        await pilot.press("backspace")
        await until(pilot, lambda: isinstance(app.screen, BreakdownScreen))
        await until_shown(pilot, "[运抵国]", ALL)
        assert app.line_with("▸").split()[1] == name
        await pilot.press("backspace")
        await until(pilot, lambda: app.is_at_main_screen and app.bar.text == "")
        await until_shown(pilot, ALL)
        await pilot.press("backspace")
        await until_shown(pilot, "列表不是从汇总的一组来的")


async def test_a_group_of_a_group_adds_its_word(app: MainApp) -> None:
    async with app.running() as pilot:
        await open_breakdown(app, pilot, "right")
        await pilot.press("enter")
        await until(pilot, lambda: app.is_at_main_screen and app.bar.text != "")
        first = app.bar.text
        await until(pilot, lambda: app.table.view is not None and app.table.view.filter_text == first)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, BreakdownScreen))
        await pilot.press("right", "enter")
        await until(pilot, lambda: app.is_at_main_screen and app.bar.text != first)
        assert re.fullmatch(rf'口岸:="[^"]+" {re.escape(first)}', app.bar.text)


async def test_a_filter_that_was_typed_since_has_nothing_to_go_back_to(app: MainApp) -> None:
    async with app.running() as pilot:
        await open_breakdown(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: app.is_at_main_screen and app.bar.text != "")
        await pilot.press("f2", *"美国", "enter")
        await until(pilot, lambda: app.table.view is not None and app.table.view.filter_text == "美国")
        await pilot.press("backspace")
        await until_shown(pilot, "列表不是从汇总的一组来的")


async def test_items_say_that_the_lines_do_not_add_up(app: MainApp) -> None:
    async with app.running() as pilot:
        await open_breakdown(app, pilot, "right", "right", "right")
        await until_shown(pilot, "[商品章]", "合计不等于各行之和")
        assert "84" in app.line_with("▸")
        assert f"{sum(map(item_count, range(DECLARATIONS))):,} 项没有美元金额" in app.text
        assert "–" in app.line_with("▸"), "an unknown amount is not 0"


async def test_months_stand_beside_each_other(app: MainApp) -> None:
    async with app.running() as pilot:
        await open_breakdown(app, pilot, "tab")
        await until_shown(pilot, "已经是按月份分组")
        await pilot.press("right", "tab")
        await until_shown(pilot, "合计", "其余")
        header = next(line for line in app.lines if "合计" in line)
        shown = re.findall(r"\d{4}-\d{2}", header)
        assert shown == sorted(shown, reverse=True)
        assert shown
        await pilot.press("space", "space")
        await until_shown(pilot, "运抵国 USD（万）")
        await pilot.press("space", "space")
        await until_shown(pilot, "运抵国 票数")
        for line in filter(str.strip, rows(app)):
            total, *parts = (int(number.replace(",", "")) for number in re.findall(r"[\d,]+", line))
            assert total == sum(parts)


async def test_a_filter_that_finds_nothing_says_so(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await pilot.press("f2", *"不存在", "enter")
        await until(pilot, lambda: app.table.view is not None and not app.table.view)
        await pilot.press("v")
        await until_shown(pilot, "没有符合筛选的报关单", "0 票")
        await pilot.press("enter")
        assert isinstance(app.screen, BreakdownScreen)


@pytest.mark.parametrize("size", [SMALLEST, (120, 40), (160, 50)])
async def test_lines_are_aligned_and_use_the_width(app: MainApp, size: tuple[int, int]) -> None:
    async with app.running(size) as pilot:
        screen = await open_breakdown(app, pilot, "right")
        await until_shown(pilot, "[运抵国]")
        breakdown = screen._breakdown
        assert breakdown is not None
        text = figure_lines(breakdown, size[0] - 4)
        ends = {cell_len(line[: line.index(" 0") if " 0" in line else line.rindex(".")]) for line in text.lines}
        assert len(ends) == 1, text.lines
        assert size[0] * 2 // 3 < max(map(cell_len, text.lines)) <= size[0] - 4


async def test_keys_typed_ahead_reach_the_breakdown(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, ALL)
        await pilot.press("v", "down", "enter")
        await until(pilot, lambda: app.is_at_main_screen and app.bar.text.startswith("日期:"))


async def test_every_line_that_is_shown_fits(sessions: SampleSessions) -> None:
    app = MainApp(sessions.read_only())
    async with app.running() as pilot:
        screen = await open_breakdown(app, pilot)
        for _ in range(9):
            await pilot.press("right")
            await until(pilot, lambda: screen._is_shown)
            assert all(cell_len(choice.text.plain) <= 76 for choice in screen.query_one(ChoiceList).choices)


class HeldBreakdowns(Breakdowns):
    """Breakdowns that wait until `go_on` is set, and fail while `fails`."""

    def __init__(self, cache: Cache) -> None:
        super().__init__(cache)
        self.go_on = threading.Event()
        self.go_on.set()
        self.fails = False

    def run(self, *arguments: Any, **options: Any) -> Breakdown:
        assert self.go_on.wait(10)
        if self.fails:
            raise CacheClosed
        return super().run(*arguments, **options)


@pytest.fixture
def held(app: MainApp, sample_session: Session) -> HeldBreakdowns:
    """The breakdowns of `app`."""
    sample_session.breakdowns = held = HeldBreakdowns(sample_session.cache)
    return held


async def test_enter_before_a_change_does_not_act_on_the_lines_after_it(app: MainApp, held: HeldBreakdowns) -> None:
    async with app.running() as pilot:
        held.go_on.clear()
        await until_shown(pilot, ALL)
        await pilot.press("v", "enter", "right")
        await until_shown(pilot, "之前按的键没有执行")
        held.go_on.set()
        await until_shown(pilot, "第 1 组")
        held.go_on.clear()
        await pilot.press("right", "enter", "right")
        await until_shown(pilot, "之前按的键没有执行")
        held.go_on.set()
        await until_shown(pilot, "[商品章]", "合计不等于各行之和")
        assert isinstance(app.screen, BreakdownScreen)


async def test_enter_for_lines_that_fail_is_given_up(app: MainApp, held: HeldBreakdowns) -> None:
    async with app.running() as pilot:
        screen = await open_breakdown(app, pilot)
        held.go_on.clear()
        held.fails = True
        await pilot.press("right", "enter")
        held.go_on.set()
        await until_shown(pilot, "本机缓存已关闭", "[月份]")
        held.fails = False
        await pilot.press("right")
        await until_shown(pilot, "[运抵国]", "票数▼")
        await until(pilot, lambda: screen._is_shown)
        assert app.screen is screen


async def test_a_breakdown_and_the_nearest_filter_count_by_the_deadlines_of_the_configuration(
    sample_session: Session,
) -> None:
    """By the official deadlines none of the sample has less than 200 days left."""
    config = Config(deadlines=DeadlinesConfig(file_by="01-01"))
    sample_session.app_context = replace(sample_session.app_context, config=config)
    browser = BreakdownBrowser(sample_session)
    shown = await browser.show(BreakdownQuery("期限:<200天", Grouping.MONTH, Measure.NAME))
    assert shown is not None
    assert shown.total.declarations > 0
    empty = await explain_empty(sample_session, "期限:<200天 不存在的")
    assert (empty.nearest, empty.count) == ("期限:<200天", shown.total.declarations)
