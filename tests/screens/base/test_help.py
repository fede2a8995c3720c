"""The help is about where the focus is, and says what the keys do there."""

from collections.abc import Callable

import pytest
from rich.cells import cell_len

from jiacha_tui.actions.result_browser import filter_help
from screens.commands.command import Scope
from screens.commands.table import commands
from screens.widgets.pager import Pager
from tests.screens.harness import until, until_shown
from tests.screens.main_app import MainApp


@pytest.mark.parametrize("key", ["f1", "question_mark", "fullwidth_question_mark"])
async def test_the_help_begins_with_the_focused_widget(app: MainApp, key: str) -> None:
    async with app.running() as pilot:
        await pilot.press(key)
        await until_shown(pilot, "每行一票", "按键 · 报关单列表", "F3 f")
        await pilot.press("f1")
        await until(pilot, lambda: app.is_at_main_screen)


async def test_the_help_in_the_filter_bar_is_about_the_filter(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f2", "f1")
        await until_shown(pilot, "在本机缓存里筛选", "按键 · 筛选栏")


async def test_the_help_lists_every_command_and_every_filter_and_cuts_nothing(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("f1")
        await until_shown(pilot, "按键 · 报关单列表")
        pager = app.screen.query_one(Pager)
        rows = list(app.lines)
        while not pager.at_end:
            moved_on = scrolled(pager, pager.first)
            await pilot.press("pagedown")
            await until(pilot, moved_on)
            await pilot.pause()
            rows.extend(app.lines)
        seen = "".join(row.strip() for row in rows)
        for command in commands(Scope.TABLE, Scope.MAIN):
            assert command.title in seen
        for term, _ in filter_help():
            assert term in seen
        assert all(cell_len(row) <= 80 for row in rows)


def scrolled(pager: Pager, first: int) -> Callable[[], bool]:
    return lambda: pager.first > first


@pytest.mark.parametrize(("key", "words"), [("f3", "最长一个月"), ("o", "再选同一列则反过来排")])
async def test_the_help_in_a_dialog_is_about_the_dialog(app: MainApp, key: str, words: str) -> None:
    async with app.running() as pilot:
        await pilot.press(key, "f1")
        await until_shown(pilot, words, "按键 · 对话框")
