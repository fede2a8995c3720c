"""Texts over several rows: shown whole, and broken only where Chinese text may be."""

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
async def test_a_problem_takes_the_rows_it_needs_and_its_mark_is_not_alone_on_a_row(width: int) -> None:
    app = ScreenHarness(Page())
    async with app.run_test(size=SMALLEST) as pilot:
        app.screen.query_one(Vertical).styles.width = width
        await until_shown(pilot, "below")
        assert app.lines[0] == "below", "without a notice the line takes no row"
        app.screen.query_one(NoticeLine).show(Notice(LONG, Severity.PROBLEM))
        await until_shown(pilot, "! 无法连接", "below")
        rows = app.lines[: app.lines.index("below")]
        assert "".join(rows) == f"! {LONG}"
        assert not any(row.startswith(("，", "；", "。")) for row in rows)
        app.screen.query_one(NoticeLine).clear()
        await until_shown(pilot, "below")
        await pilot.pause()
        assert app.lines[0] == "below"


async def test_line_breaks_are_kept_and_the_text_is_wrapped_again_at_another_width() -> None:
    app = ScreenHarness(Page())
    async with app.run_test(size=SMALLEST) as pilot:
        app.screen.query_one(WrappedText).update(f"一\n{LONG}")
        await until_shown(pilot, LONG)
        assert app.lines[:3] == ["一", LONG, "below"]
        app.screen.query_one(Vertical).styles.width = 60
        await until(pilot, lambda: app.lines[3] == "below")
        assert app.lines[0] == "一"
        assert "".join(app.lines[1:3]) == LONG
