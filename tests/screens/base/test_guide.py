"""Help and palette: what they say is what the keys do, where the focus is."""

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from jiacha_tui.actions.result_browser import filter_help
from screens.commands.command import Scope
from screens.commands.table import commands
from screens.widgets.choice_list import ChoiceList
from screens.widgets.pager import Pager
from tests.screens.fakes import line, on_stage, scene
from tests.screens.harness import until, until_shown


@pytest.mark.parametrize("key", ["f1", "question_mark", "fullwidth_question_mark"])
async def test_help_starts_with_what_the_focus_is_in(key: str) -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press(key)
        await until_shown(pilot, "每行一票", "按键 · 报关单列表", "F3 f")
        await pilot.press("f1")
        await until(pilot, lambda: desk.stage.screen is desk.desk)


async def test_help_in_the_filter_is_about_the_filter() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", "f1")
        await until_shown(pilot, "在本机缓存里筛选", "按键 · 筛选栏")


async def test_help_holds_every_command_and_every_filter_and_is_never_cut() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f1")
        await until_shown(pilot, "按键 · 报关单列表")
        pager = desk.stage.screen.query_one(Pager)
        rows = list(desk.stage.lines)
        while not pager.at_end:
            moved_on = beyond(pager, pager.first)
            await pilot.press("pagedown")
            await until(pilot, moved_on)
            await pilot.pause()
            rows.extend(desk.stage.lines)
        seen = "".join(row.strip() for row in rows)
        for command in commands(Scope.TABLE, Scope.DESK):
            assert command.title in seen
        for term, _ in filter_help():
            assert term in seen
        assert all(cell_len(row) <= 80 for row in rows)


def beyond(pager: Pager, first: int) -> Callable[[], bool]:
    return lambda: pager.first > first


@pytest.mark.parametrize(("key", "words"), [("f3", "最长一个月"), ("o", "再选同一列则反过来排")])
async def test_a_dialog_explains_itself(key: str, words: str) -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press(key, "f1")
        await until_shown(pilot, words, "按键 · 对话框")


async def test_the_palette_says_how_many_there_are_beyond_its_edge() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f9")
        await until_shown(pilot, "─ 命令 ─", "第 1/")
        count = int(desk.stage.line_with("第 1/").split("第 1/")[1].split()[0])
        assert count > desk.stage.screen.query_one(ChoiceList).size.height
        await pilot.press(*["pagedown"] * 5)
        await until_shown(pilot, f"第 {count}/{count} 项")
        await pilot.press("down", *"查询")
        await until_shown(pilot, "第 1/2 项")


async def test_the_palette_needs_no_letter() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f9")
        await until_shown(pilot, "▸ F2 /        筛选")
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: bool(desk.ways.gone))
        assert desk.ways.gone == [("detail", line(0).entry_id)]


async def test_the_palette_offers_what_can_be_done_and_says_why_not_for_the_rest() -> None:
    desk = scene(online=False)
    async with on_stage(desk) as pilot:
        await pilot.press("ctrl+p", *"重新")
        await until_shown(pilot, "重新发往税务总局", "现在不能：当前为离线浏览")
        await pilot.press("enter")
        await until_shown(pilot, "· 重新发往税务总局：当前为离线浏览")
        assert desk.ways.gone == []


async def test_the_palette_explains_the_command_under_its_cursor() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f9", "down")
        await until_shown(pilot, "按报关单号或出口日期向口岸查询，结果存入缓存")


async def test_everything_the_page_can_do_stands_in_the_palette() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f9")
        await until_shown(pilot, "▸ F2 /")
        seen = desk.stage.text
        for _ in commands(Scope.TABLE, Scope.DESK):
            await pilot.press("down")
            await pilot.pause()
            seen += desk.stage.text
        missing = [one.title for one in commands(Scope.TABLE, Scope.DESK) if one.title not in seen]
        assert missing == ["全部命令"]


@pytest.mark.parametrize("close", ["escape", "f10"])
async def test_the_palette_closes_and_nothing_happens(close: str) -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f9")
        await until_shown(pilot, "▸ F2 /")
        await pilot.press(close)
        await until(pilot, lambda: desk.stage.screen is desk.desk)
        assert desk.ways.gone == []
