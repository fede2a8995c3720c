"""Sentences over several rows: all of them to be seen, and none broken where Chinese text must not be."""

import pytest
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Static

from jiacha_tui.actions.messages import Severity
from screens.commands.notice import Notice
from screens.widgets.notice_line import NoticeLine
from screens.widgets.wrapped_text import WrappedText
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_shown

LONG = "无法连接出口退税联网稽查系统，请检查网络后重试；已缓存的报关单可离线浏览。"


class Page(Screen[None]):
    def compose(self) -> ComposeResult:
        with Vertical():
            yield WrappedText()
            yield NoticeLine()
            yield Static("below")


@pytest.mark.parametrize("width", [80, 64, 40, 31])
async def test_a_problem_has_as_many_rows_as_it_needs_and_its_mark_is_not_alone(width: int) -> None:
    stage = ScreenHarness(Page())
    async with stage.run_test(size=SMALLEST) as pilot:
        stage.screen.query_one(Vertical).styles.width = width
        await until_shown(pilot, "below")
        assert stage.lines[0] == "below", "nothing said, no room taken"
        stage.screen.query_one(NoticeLine).say(Notice(LONG, Severity.PROBLEM))
        await until_shown(pilot, "! 无法连接", "below")
        rows = stage.lines[: stage.lines.index("below")]
        assert "".join(rows) == f"! {LONG}"
        assert not any(row.startswith(("，", "；", "。")) for row in rows)
        stage.screen.query_one(NoticeLine).clear()
        await until_shown(pilot, "below")
        await pilot.pause()
        assert stage.lines[0] == "below"


async def test_lines_of_the_text_stay_lines_and_it_follows_the_width() -> None:
    stage = ScreenHarness(Page())
    async with stage.run_test(size=SMALLEST) as pilot:
        stage.screen.query_one(WrappedText).update(f"一\n{LONG}")
        await until_shown(pilot, LONG)
        assert stage.lines[:3] == ["一", LONG, "below"]
        stage.screen.query_one(Vertical).styles.width = 60
        await until(pilot, lambda: stage.lines[3] == "below")
        assert stage.lines[0] == "一"
        assert "".join(stage.lines[1:3]) == LONG
