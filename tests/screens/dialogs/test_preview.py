"""The preview of real forms, and the print dialog over played printers."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.printing import Preview, Printer, PrintReport, SavedPdf, lay_out
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.printing.printers import PrinterState
from screens.dialogs.preview import PreviewScreen
from screens.dialogs.print_dialog import PrintDialog, Printed
from screens.dialogs.printing import Printing
from screens.widgets.choice_list import ChoiceList
from tests.screens.fake_navigator import FakeNavigator
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_said, until_shown
from tests.screens.sample import FIRST, SECOND, declaration

LASER = Printer("HP_LaserJet", "财务室 HP LaserJet Pro", PrinterState.IDLE, default=True)
NEEDLE = Printer("OKI_5100", "二楼针式打印机", PrinterState.IDLE, default=False)
EMPTY = Printer("Old", "旧打印机", PrinterState.STOPPED, default=False, accepting=False, reasons=("缺纸",))


@dataclass
class PrintShop:
    """Plays printers and paper for two real declarations, the second of three pages."""

    known: tuple[Printer, ...] = (LASER, NEEDLE, EMPTY)
    folder: Path = Path("/nowhere")
    preferred: str = ""
    problem: Problem | None = None
    jammed: bool = False
    paper: asyncio.Event | None = None
    listed: asyncio.Event | None = None
    """What the list of printers waits for."""
    widths: list[int] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    async def preview(self, width: int) -> Preview:
        if self.problem is not None:
            raise self.problem
        self.widths.append(width)
        return await lay_out((declaration(FIRST, items=2), declaration(SECOND, items=30)), width)

    async def printers(self) -> tuple[Printer, ...]:
        if self.listed is not None:
            await self.listed.wait()
        return self.known

    async def save_pdf(self, folder: Path) -> SavedPdf:
        if self.problem is not None:
            raise self.problem
        self.printed.append("pdf")
        return SavedPdf(folder / "报关单.pdf", 4, "played")

    async def print_now(self, printer: Printer) -> PrintReport:
        if self.problem is not None:
            raise self.problem
        if self.paper is not None:
            await self.paper.wait()
        if self.jammed:
            saved = await self.save_pdf(self.folder)
            return PrintReport(f"打印失败：卡纸；已改存 PDF：{saved.path}", saved)
        self.printed.append(printer.name)
        return PrintReport(f"已打印到 {printer.name}（任务 7）")

    def printing(self) -> Printing:
        return Printing(
            2, self.preview, self.printers, self.save_pdf, self.print_now, self.folder, preferred=self.preferred
        )


def preview_stage(shop: PrintShop) -> ScreenHarness[None]:
    return ScreenHarness(PreviewScreen(shop.printing(), FakeNavigator()))


def print_stage(shop: PrintShop, *, direct: bool = False) -> ScreenHarness[Printed | None]:
    return ScreenHarness(PrintDialog(shop.printing(), direct=direct))


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_the_form_takes_the_width_of_the_terminal_and_loses_nothing_at_its_edges(size: tuple[int, int]) -> None:
    shop = PrintShop()
    stage = preview_stage(shop)
    async with stage.run_test(size=size) as pilot:
        await until_shown(pilot, "中华人民共和国海关出口货物报关单", f"预览 {FIRST}", "第 1/2 票", "第 1/1 页")
        assert shop.widths == [size[0]]
        boxes = [line for line in stage.lines if line.startswith(("│", "├", "┌"))]
        assert boxes
        assert all(line.endswith(("│", "┤", "┐")) for line in boxes)


async def test_page_down_walks_through_a_page_then_to_the_next_one_and_on_to_the_next_declaration() -> None:
    stage = preview_stage(PrintShop())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票", "第 1–21 行")
        await pilot.press("pagedown")
        await until_shown(pilot, "第 1/2 票", "第 21–41 行")
        await pilot.press("pagedown", "pagedown")
        await until_shown(pilot, f"预览 {SECOND}", "第 2/2 票", "第 1/3 页")
        for _ in range(20):
            await pilot.press("pagedown")
        await until_shown(pilot, "第 3/3 页", "已是最后一页")
        await pilot.press("left")
        await until_shown(pilot, f"预览 {FIRST}")
        await pilot.press("pageup")
        await until_shown(pilot, "已是第一页")


async def test_page_up_at_the_top_goes_to_the_end_of_the_page_before() -> None:
    stage = preview_stage(PrintShop())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票")
        await pilot.press("right")
        await until_shown(pilot, "第 2/2 票", "第 1/3 页")
        await pilot.press("pageup")
        await until_shown(pilot, "第 1/2 票")
        assert "第 1–" not in stage.lines[0], "its end, not its beginning"


async def test_left_and_right_stop_at_the_first_and_the_last_declaration() -> None:
    stage = preview_stage(PrintShop())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票")
        await pilot.press("left")
        await until_shown(pilot, "已是第一票")
        await pilot.press("l", "right")
        await until_shown(pilot, "第 2/2 票", "已是最后一票")


async def test_another_size_of_the_terminal_lays_the_form_out_again_on_the_same_page() -> None:
    stage = preview_stage(PrintShop())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票")
        await pilot.press("right")
        await until_shown(pilot, SECOND)
        await pilot.resize_terminal(*WIDE)
        await until_shown(pilot, "运抵国（地区）", f"预览 {SECOND}")
        assert max(len(line) for line in stage.lines) > SMALLEST[0]


async def test_a_preview_that_cannot_be_made_says_why_and_prints_nothing() -> None:
    shop = PrintShop(problem=Problem("session.offline", "当前为离线浏览，不能连接口岸", "联网后重新登录"))
    stage = preview_stage(shop)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_said(pilot, "当前为离线浏览，不能连接口岸，联网后重新登录", "没有预览")
        await pilot.press("f8")
        await until_said(pilot, "预览还没有生成")
        await pilot.press("escape")
        await until(pilot, lambda: bool(stage.results))


async def test_f8_prints_and_f6_saves_a_pdf_and_says_where(tmp_path: Path) -> None:
    shop = PrintShop(folder=tmp_path / "downloads")
    stage = preview_stage(shop)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 1/2 票")
        await pilot.press("f6")
        await until_said(pilot, "已存为 PDF，4 页", str(tmp_path / "downloads" / "报关单.pdf"))
        await pilot.press("f8")
        await until_shown(pilot, "打印 2 票报关单：", "▸ 存为 PDF 文件")
        await pilot.press("down", "enter", "enter")
        await until_shown(pilot, "✓ 已打印到 HP_LaserJet（任务 7）")
        await pilot.press("enter")
        await until_shown(pilot, "第 1/2 票", "F8/p打印")
    assert shop.printed == ["pdf", "HP_LaserJet"]


async def test_the_printers_are_listed_with_their_state_and_one_that_takes_nothing_is_passed_over() -> None:
    stage = print_stage(PrintShop())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ 存为 PDF 文件", "[ 存为 PDF ]")
        assert "空闲，默认" in stage.line_with("HP_LaserJet")
        assert "已停止，缺纸，不接受任务" in stage.line_with("Old")
        await pilot.press("end")
        assert "▸" in stage.line_with("二楼针式打印机")
        await until_shown(pilot, "打印到 OKI_5100 ]")


@pytest.mark.parametrize(("preferred", "row"), [("", 1), ("OKI_5100", 2), ("Gone", 1)])
async def test_direct_printing_starts_on_the_preferred_or_the_default_printer(preferred: str, row: int) -> None:
    stage = print_stage(PrintShop(preferred=preferred), direct=True)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "存为 PDF 文件")
        assert stage.screen.query_one(ChoiceList).index == row


async def test_keys_typed_before_the_printers_are_listed_move_to_the_printer_they_were_meant_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("screens.dialogs.print_dialog._SECONDS_TO_LOOK", 0.0)
    shop = PrintShop(listed=asyncio.Event())
    stage = print_stage(shop)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "打印 2 票报关单：", "正在查找打印机…")
        await pilot.press("down", "down", "enter", "enter", "enter")
        assert shop.listed is not None
        shop.listed.set()
        await until_shown(pilot, "▸ OKI_5100", "[▸打印到 OKI_5100 ]")
        assert shop.printed == [], "what is printed was seen before"
        await pilot.press("enter")
        await until_shown(pilot, "✓ 已打印到 OKI_5100（任务 7）")
    assert shop.printed == ["OKI_5100"]


@pytest.mark.parametrize("known", [(), (LASER, NEEDLE)])
async def test_what_is_typed_on_while_the_printers_come_prints_nothing_unseen(
    known: tuple[Printer, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screens.dialogs.print_dialog._SECONDS_TO_LOOK", 600.0)
    shop = PrintShop(known=known, listed=asyncio.Event())
    stage = print_stage(shop)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "正在查找打印机…")
        await pilot.press("down", "down")
        assert shop.listed is not None
        shop.listed.set()
        await until_shown(pilot, "存为 PDF 文件")
        await pilot.press("enter", "enter")
        await until_said(pilot, "打印机刚刚列出，请看清楚再按 Enter")
        await pilot.press("enter", "f10")
        await until(pilot, lambda: stage.results == [None])
    assert shop.printed == []


async def test_whoever_has_left_the_list_before_the_printers_come_stays_where_he_is() -> None:
    shop = PrintShop(listed=asyncio.Event())
    stage = print_stage(shop, direct=True)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "正在查找打印机…")
        await pilot.press("tab")
        await until_shown(pilot, "[▸取消 ]")
        assert shop.listed is not None
        shop.listed.set()
        await until_shown(pilot, "[▸取消 ]", "[ 打印到 HP_LaserJet ]")
        await pilot.press("enter")
        await until(pilot, lambda: stage.results == [None])
    assert shop.printed == []


async def test_without_a_printer_the_pdf_is_offered_and_its_path_told(tmp_path: Path) -> None:
    shop = PrintShop(known=(), folder=tmp_path)
    stage = print_stage(shop, direct=True)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "没有找到打印机", "▸ 存为 PDF 文件")
        await pilot.press("enter", "enter")
        await until_said(pilot, "已存为 PDF，4 页", str(tmp_path / "报关单.pdf"))
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results))
    (printed,) = stage.results
    assert printed is not None
    assert printed.pdf == tmp_path / "报关单.pdf"
    assert any("已存为 PDF" in notice.text for notice in stage.notices), "the message log keeps it"


async def test_a_print_that_fails_says_why_and_what_to_do(tmp_path: Path) -> None:
    problem = Problem("print.pdf-failed", "生成 PDF 失败：没有引擎", "请运行 jiacha doctor 检查打印组件")
    stage = print_stage(PrintShop(folder=tmp_path, problem=problem))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ 存为 PDF 文件")
        await pilot.press("enter", "enter")
        await until_said(pilot, "! 生成 PDF 失败：没有引擎", "print.pdf-failed", "请运行 jiacha doctor 检查打印组件")
        await pilot.press("f10")
        await until(pilot, lambda: stage.results == [None])


async def test_a_printer_that_hangs_is_waited_for_and_its_failure_bears_no_mark_of_success(tmp_path: Path) -> None:
    shop = PrintShop(folder=tmp_path, jammed=True, paper=asyncio.Event())
    stage = print_stage(shop, direct=True)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ HP_LaserJet")
        await pilot.press("enter", "enter")
        await until_shown(pilot, "正在打印到 HP_LaserJet，最多等 60 秒")
        await pilot.press("f10")
        await until_shown(pilot, "正在打印，请稍候")
        assert shop.paper is not None
        shop.paper.set()
        await until_said(pilot, "! 打印失败：卡纸；已改存 PDF：", str(tmp_path / "报关单.pdf"))
        assert "请稍候" not in stage.text
        assert "✓" not in stage.text
    assert [notice.weight for notice in stage.notices if "卡纸" in notice.text] == [Severity.PROBLEM]


@pytest.mark.parametrize("key", ["escape", "q", "f10"])
async def test_closing_the_print_dialog_prints_nothing(key: str) -> None:
    shop = PrintShop()
    stage = print_stage(shop)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "存为 PDF 文件")
        await pilot.press(key)
        await until(pilot, lambda: stage.results == [None])
    assert shop.printed == []
