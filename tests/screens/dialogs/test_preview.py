"""The preview: the pages of real forms, and the screens that open from it."""

from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.session import Session
from jiacha_tui.config import Config, DownloadsConfig
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.preview import PreviewScreen
from tests.needs import needs
from tests.printing.print_server import PrintServer
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_shown, until_shown_wrapped
from tests.screens.sample import FIRST, SECOND, THIRD, declaration, without_detail

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def harness(shared_session: Session) -> ScreenHarness[None]:
    """The preview of two declarations, the first of one page and the second of three."""
    shared_session.declarations.put_details([declaration(FIRST, items=2), declaration(SECOND, items=30)])
    return ScreenHarness(PreviewScreen(shared_session, (FIRST, SECOND)))


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_the_form_is_as_wide_as_the_terminal_and_its_edges_are_not_cut(
    harness: ScreenHarness[None], size: tuple[int, int]
) -> None:
    async with harness.run_test(size=size) as pilot:
        await until_shown(pilot, "中华人民共和国海关出口货物报关单", f"本机绘制 {FIRST}", "第 1/2 票", "第 1/1 页")
        boxes = [line for line in harness.lines if line.startswith(("│", "├", "┌"))]
        assert boxes
        assert all(line.endswith(("│", "┤", "┐")) for line in boxes)
        assert max(len(line) for line in boxes if line.startswith("┌")) == size[0]


async def test_page_down_goes_on_to_the_next_page_and_the_next_declaration(harness: ScreenHarness[None]) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票", "第 1–21 行")
        await pilot.press("pagedown")
        await until_shown(pilot, "第 1/2 票", "第 21–41 行")
        await pilot.press("pagedown", "pagedown")
        await until_shown(pilot, f"本机绘制 {SECOND}", "第 2/2 票", "第 1/3 页")
        for _ in range(20):
            harness.simulate_key("pagedown")
        await until_shown(pilot, "第 3/3 页", "已是最后一页")
        await pilot.press("left")
        await until_shown(pilot, f"本机绘制 {FIRST}")
        await pilot.press("pageup")
        await until_shown(pilot, "已是第一页")


async def test_page_up_at_the_top_of_a_page_goes_to_the_end_of_the_previous_page(
    harness: ScreenHarness[None],
) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票")
        await pilot.press("right")
        await until_shown(pilot, "第 2/2 票", "第 1/3 页")
        await pilot.press("pageup")
        await until_shown(pilot, "第 1/2 票")
        assert "第 1–" not in harness.lines[0], "its end, not its beginning"


async def test_left_and_right_stop_at_the_first_and_the_last_declaration(harness: ScreenHarness[None]) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票")
        await pilot.press("left")
        await until_shown(pilot, "已是第一票")
        await pilot.press("l", "right")
        await until_shown(pilot, "第 2/2 票", "已是最后一票")


async def test_after_a_resize_the_form_is_laid_out_again_and_shows_the_same_page(
    harness: ScreenHarness[None],
) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票")
        await pilot.press("right")
        await until_shown(pilot, SECOND)
        await pilot.resize_terminal(*WIDE)
        await until_shown(pilot, "运抵国（地区）", f"本机绘制 {SECOND}")
        assert max(len(line) for line in harness.lines) > SMALLEST[0]


async def test_a_preview_that_cannot_be_made_says_why_and_prints_nothing(
    shared_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared_session.declarations.merge_rows([without_detail(THIRD).summary])
    monkeypatch.setattr(shared_session, "port", None)
    harness = ScreenHarness(PreviewScreen(shared_session, (THIRD,)))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown_wrapped(pilot, "当前为离线浏览，不能连接口岸", "联网后重新登录", "没有预览")
        await pilot.press("f8")
        await until_shown_wrapped(pilot, "预览还没有生成")
        await pilot.press("escape")
        await until(pilot, lambda: bool(harness.results))


@needs("cupsd")
async def test_f6_saves_a_pdf_and_says_where_and_f8_prints(
    shared_session: Session,
    harness: ScreenHarness[None],
    print_server: PrintServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = Config(downloads=DownloadsConfig(folder=tmp_path / "pdf"))
    monkeypatch.setattr(shared_session, "app_context", replace(shared_session.app_context, config=config))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票")
        await pilot.press("f6")
        await until_shown_wrapped(pilot, "已存为 PDF，4 页")
        (saved,) = (tmp_path / "pdf").iterdir()
        await until_shown_wrapped(pilot, str(saved))
        await pilot.press("f8")
        await until_shown(pilot, "打印 2 票报关单：", "▸ 存为 PDF 文件")
        await pilot.press("down", "enter", "enter")
        await until_shown(pilot, "✓ works：已打印（任务")
        await pilot.press("enter")
        await until_shown(pilot, "第 1/2 票", "F8/p打印")
    assert (print_server.paper / "title").read_text() == "jiacha 2 declarations"


async def test_m_opens_the_messages(harness: ScreenHarness[None]) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(harness.screen, MessagesScreen))


async def test_offline_there_is_only_the_drawn_form(
    shared_session: Session, harness: ScreenHarness[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_session, "port", None)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, f"本机绘制 {FIRST}")
        await pilot.press("f4")
        await until_shown_wrapped(pilot, "口岸的打印：当前为离线浏览")
        await pilot.press("f8")
        await until_shown(pilot, "存为 PDF 文件")
        assert "口岸打印" not in harness.text.replace("F4口岸打印", "")
