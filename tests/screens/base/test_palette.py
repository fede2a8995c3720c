"""The palette lists the commands for where the focus is, and runs the chosen one."""

import pytest

from screens.commands.command import Scope
from screens.commands.table import commands
from screens.detail.detail_screen import DetailScreen
from screens.widgets.choice_list import ChoiceList
from tests.screens.harness import until, until_shown
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import SampleSessions, entry_id


async def test_the_palette_says_how_many_commands_there_are(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f9")
        await until_shown(pilot, "─ 命令 ─", "第 1/")
        count = int(app.line_with("第 1/").split("第 1/")[1].split()[0])
        assert count > app.screen.query_one(ChoiceList).size.height
        await pilot.press(*["pagedown"] * 5)
        await until_shown(pilot, f"第 {count}/{count} 项")
        await pilot.press("down", *"查询")
        await until_shown(pilot, "第 1/3 项")


async def test_the_palette_needs_no_letter(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f9")
        await until_shown(pilot, "▸ F2 /        筛选")
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, DetailScreen))
        await until_shown(pilot, f"报关单 {entry_id(0)}")


async def test_the_palette_says_why_a_command_is_disabled(sessions: SampleSessions) -> None:
    app = MainApp(sessions.read_only(online=False))
    async with app.running() as pilot:
        await pilot.press("ctrl+p", *"重新")
        await until_shown(pilot, "重新发往税务总局", "现在不能：当前为离线浏览")
        await pilot.press("enter")
        await until_shown(pilot, "· 重新发往税务总局：当前为离线浏览")
        assert app.is_at_main_screen


async def test_the_palette_explains_the_command_under_the_cursor(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f9", "down")
        await until_shown(pilot, "按报关单号或出口日期向口岸查询，结果存入缓存")


async def test_the_palette_lists_every_command_of_the_page(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f9")
        await until_shown(pilot, "▸ F2 /")
        listed = app.text
        for _ in commands(Scope.TABLE, Scope.MAIN):
            await pilot.press("down")
            await pilot.pause()
            listed += app.text
        missing = [command.title for command in commands(Scope.TABLE, Scope.MAIN) if command.title not in listed]
        assert missing == ["全部命令"]


@pytest.mark.parametrize("close", ["escape", "f10"])
async def test_closing_the_palette_runs_nothing(app: MainApp, close: str) -> None:
    async with app.running() as pilot:
        await pilot.press("f9")
        await until_shown(pilot, "▸ F2 /")
        await pilot.press(close)
        await until(pilot, lambda: app.is_at_main_screen)
        assert app.is_at_main_screen
