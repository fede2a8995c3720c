"""The dialog that saves many prints: what it will do, how far it is, that it stops at once, and what is missing."""

import asyncio
from pathlib import Path

import pytest

from jiacha_tui.actions.bulk_print_report import BulkPrintReport
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import Session
from screens.dialogs.bulk_prints import BulkPrintsDialog
from screens.widgets.line_input import LineInput
from tests.actions.conftest import show_view
from tests.recording_transport import RecordingTransport
from tests.replaced_prints import REFUSAL, ReplacedPrints, count_prints, pdf
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_shown, until_shown_wrapped
from tests.screens.main_app import MainApp
from tests.screens.sample import FIRST, declaration

Harness = ScreenHarness[BulkPrintReport | None]


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiacha_tui.actions.call_pauses.PAUSE_SECONDS", 0.0)


@pytest.fixture
def replaced(transport: RecordingTransport) -> ReplacedPrints:
    return ReplacedPrints(transport)


@pytest.fixture
async def view(session: Session) -> ResultView:
    return await show_view(session, "2026-06 类型:结关")


def prints(harness: Harness) -> list[Path]:
    return sorted(_folder(harness).glob("*.pdf"))


def _folder(harness: Harness) -> Path:
    return Path(harness.screen.query_one("#folder", LineInput).value)


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_the_prints_of_the_list_are_saved_into_a_folder_of_the_month(
    session: Session, view: ResultView, size: tuple[int, int]
) -> None:
    harness = ScreenHarness(BulkPrintsDialog(session, view))
    async with harness.run_test(size=size) as pilot:
        await until_shown_wrapped(
            pilot, f"将从口岸取 {len(view)} 票的打印，每票一个文件", "每取一票，口岸计一次打印次数"
        )
        assert "[▸取消 ]   [ 保存 ]" in harness.text, "the safe button has the focus"
        assert _folder(harness).name == "报关单打印-2026-06"
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, f"✓ {len(view)} 票的打印已齐：新取 {len(view)} 票")
        assert len(prints(harness)) == len(view)
        assert "接着取" not in harness.text
        await pilot.press("enter")
        await until(pilot, lambda: bool(harness.results))
    (report,) = harness.results
    assert report is not None
    assert report.is_complete
    assert any("打印已齐" in notice.text for notice in harness.notices), "the message log keeps it"


async def test_what_is_missing_is_listed_with_the_reason_and_can_be_fetched_from_here(
    session: Session, view: ResultView, replaced: ReplacedPrints, transport: RecordingTransport
) -> None:
    first, second = (row.entry_id for row in view.first[:2])
    replaced.answers = {first: pdf(REFUSAL), second: pdf(REFUSAL)}
    harness = ScreenHarness(BulkPrintsDialog(session, view))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "[ 保存 ]")
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "没有取全", "缺 2 票", f"! 缺 {first}", "该报关单暂不能打印")
        await until_shown(pilot, f"! 缺 {second}  原因同上", "[▸关闭 ]", "接着取")
        texts = [notice.text for notice in harness.notices]
        assert f"没有打印 {first}：该报关单暂不能打印" in texts
        replaced.answers = {}
        asked = count_prints(transport)
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "打印已齐：新取 2 票", f"已有 {len(view) - 2} 票")
        assert count_prints(transport) == asked + 2


async def test_a_run_stops_at_once_and_says_what_is_left(
    session: Session, view: ResultView, transport: RecordingTransport
) -> None:
    never = asyncio.Event()
    transport.run_at_request(",1", 3, never.wait)
    harness = ScreenHarness(BulkPrintsDialog(session, view))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "[ 保存 ]")
        await pilot.press("right", "enter")
        await until_shown(pilot, f"2/{len(view)} 票  新取 2，已有 0，缺 0")
        await pilot.press("escape")
        await until_shown_wrapped(pilot, "已按要求停止", f"还没有取 {len(view) - 2} 票", "接着取")
        assert harness.results == []
        assert len(prints(harness)) == 2
        never.set()


async def test_the_picked_declarations_are_offered_first_and_others_are_named_that_have_no_print(
    session: Session, view: ResultView
) -> None:
    session.declarations.put_imported([declaration(FIRST)])
    harness = ScreenHarness(BulkPrintsDialog(session, view, (view.first[0].entry_id, FIRST)))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ 选中的 2 票", f"列表里的 {len(view)} 票")
        await until_shown_wrapped(pilot, "将从口岸取 1 票的打印", "另有 1 票口岸没有列出或不再列出")
        await pilot.press("down")
        await until_shown_wrapped(pilot, f"将从口岸取 {len(view)} 票的打印")
        await pilot.press("up", "enter", "enter")
        await until_shown_wrapped(pilot, "共 2 票，没有取全：新取 1 票，缺 1 票", f"! 缺 {FIRST}", "只来自导入的文件")


async def test_a_folder_that_cannot_be_used_is_said_before_anything_is_fetched(
    session: Session, view: ResultView, transport: RecordingTransport
) -> None:
    harness = ScreenHarness(BulkPrintsDialog(session, view))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "[ 保存 ]")
        harness.screen.query_one("#folder", LineInput).value = "/dev/null/prints"
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "/dev/null")
        await until_shown(pilot, "[ 保存 ]")
    assert count_prints(transport) == 0


async def test_b_opens_the_dialog_and_offline_says_why_not(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    app = MainApp(session)
    async with app.running() as pilot:
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BulkPrintsDialog))
        await until_shown(pilot, "[ 保存 ]")
        await pilot.press("escape")
        monkeypatch.setattr(session, "port", None)
        await pilot.press("b")
        await until_shown_wrapped(pilot, "批量保存打印：当前为离线浏览")
