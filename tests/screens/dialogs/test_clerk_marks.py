"""标记: the dialog for the clerk's own marks."""

from datetime import date

import pytest

from jiacha_tui.actions.clerk_marks import common_marks
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.clerk_marks import ClerkMarks
from jiacha_tui.declaration.model import Summary
from screens.dialogs.clerk_marks import ClerkMarksDialog
from screens.widgets.push_button import PushButton
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_shown
from tests.screens.sample import FIRST

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKS = ClerkMarks("202611", "003", date(2026, 11, 28), "已寄")


async def test_marks_are_typed_refused_mended_and_kept(session: Session) -> None:
    session.declarations.merge_rows([Summary(entry_id=FIRST)])
    harness = ScreenHarness(ClerkMarksDialog(session, [FIRST]))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "1 票的标记", "申报年月", "批次", "收汇日期", "批注")
        await pilot.press(*"202613", "enter", *"003", "enter", *"20261128", "enter", *"已寄", "enter", "right", "enter")
        await until_shown(pilot, "! 申报年月应写成 202611")
        assert await common_marks(session, [FIRST]) == ClerkMarks()
        await pilot.press("tab", *"202611")
        for _ in range(4):
            await pilot.press("enter")
        await pilot.press("right", "enter")
        await until(pilot, lambda: bool(harness.results))
    assert harness.results == ["1 票：已申报 202611 批次 003，已收汇 2026-11-28，批注：已寄"]
    assert await common_marks(session, [FIRST]) == MARKS

    again = ScreenHarness(ClerkMarksDialog(session, [FIRST]))
    async with again.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "202611", "003", "2026-11-28", "已寄")
        await pilot.press("escape")
        await until(pilot, lambda: bool(again.results))
    assert again.results == [None]
    assert await common_marks(session, [FIRST]) == MARKS


async def test_marks_that_cannot_be_read_cannot_be_overwritten(session: Session) -> None:
    session.cache.close()
    harness = ScreenHarness(ClerkMarksDialog(session, [FIRST]))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "本机缓存已关闭")
        assert "确定" not in harness.text.replace("确定以后", "")
        assert harness.screen.query_one("#ok", PushButton).disabled
        assert harness.screen.query_one("#cancel", PushButton).has_focus
        await pilot.press("enter")
        await until(pilot, lambda: harness.results == [None])
