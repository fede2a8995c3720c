"""The print dialog, on a real print server and without one: what is printed was visible before, and is reported."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.messages import Severity
from jiacha_tui.actions.session import Session
from jiacha_tui.config import Config, DownloadsConfig, PrintConfig
from screens.dialogs.print_dialog import PrintDialog, PrintDialogResult
from tests.needs import needs
from tests.printing.print_server import PrintServer
from tests.screens.dialogs.gated_socket import gated_socket
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_shown, until_shown_wrapped
from tests.screens.sample import FIRST, SECOND, declaration

pytestmark = pytest.mark.asyncio(loop_scope="module")

Harness = ScreenHarness[PrintDialogResult | None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder for PDF files; it is not made before the first file."""
    return tmp_path / "downloads"


@pytest.fixture
def session(shared_session: Session, folder: Path) -> Iterator[Session]:
    """An offline session with two declarations to print, with its PDF files in `folder`."""
    app_context, port = shared_session.app_context, shared_session.port
    shared_session.port = None
    shared_session.app_context = replace(app_context, config=Config(downloads=DownloadsConfig(folder=folder)))
    shared_session.declarations.put_details([declaration(FIRST), declaration(SECOND)])
    yield shared_session
    shared_session.app_context, shared_session.port = app_context, port


@pytest.fixture
def without_print_server(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(short_folder / "nobody.sock"))


def dialog(session: Session, *, direct: bool = False) -> Harness:
    return ScreenHarness(PrintDialog(session, (FIRST, SECOND), direct=direct))


def pdf_files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


def is_printed(server: PrintServer) -> bool:
    return (server.paper / "document.pdf").exists()


@needs("cupsd")
async def test_the_printers_are_listed_with_their_state_and_one_that_accepts_no_jobs_cannot_be_chosen(
    session: Session, print_server: PrintServer
) -> None:
    harness = dialog(session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ 存为 PDF 文件", "[ 存为 PDF ]")
        assert "空闲，默认" in harness.line_with("一楼打印机 <b>")
        assert "不接受任务" in harness.line_with("refusing")
        assert "已停止" in harness.line_with("stopped")
        await pilot.press("down", "down", "down")
        await until_shown(pilot, "▸ jams", "打印到 jams ]")
        await pilot.press("down")
        await until_shown(pilot, "▸ slow", "打印到 slow ]")


@needs("cupsd")
@pytest.mark.parametrize(("preferred", "row"), [("", "works"), ("slow", "slow"), ("gone", "works")])
async def test_direct_printing_starts_on_the_configured_or_the_default_printer(
    session: Session, print_server: PrintServer, preferred: str, row: str
) -> None:
    config = Config(printing=PrintConfig(printer=preferred))
    session.app_context = replace(session.app_context, config=config)
    harness = dialog(session, direct=True)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, f"▸ {row}")


@needs("cupsd")
async def test_keys_typed_before_the_printers_are_listed_move_to_a_printer_but_print_nothing(
    session: Session, print_server: PrintServer, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screens.dialogs.print_dialog._SECONDS_TO_READ", 0.0)
    server = print_server.environment["CUPS_SERVER"]
    monkeypatch.setenv("CUPS_SERVER", str(short_folder / "cups.sock"))
    harness = dialog(session)
    async with gated_socket(short_folder / "cups.sock", server) as gate, harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "打印 2 票报关单：", "正在查找打印机…")
        await pilot.press("down", "down", "up", "enter", "enter", "enter")
        gate.set()
        await until_shown(pilot, "▸ works", "[▸打印到 works ]")
        assert not is_printed(print_server), "the printer was not visible when the keys were typed"
        await pilot.press("enter")
        await until_shown(pilot, "✓ works：已打印（任务")
    assert is_printed(print_server)


async def press_enter_right_after_the_list(harness: Harness, socket: Path, server: str | None) -> None:
    """Types into the dialog before and right after the printers are listed, then closes it."""
    async with gated_socket(socket, server) as gate, harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "正在查找打印机…")
        await pilot.press("down", "down")
        gate.set()
        await until_shown(pilot, "存为 PDF 文件")
        await pilot.press("enter", "enter")
        await until_shown_wrapped(pilot, "打印机刚刚列出，请看清楚再按 Enter")
        await pilot.press("enter", "f10")
        await until(pilot, lambda: harness.results == [None])


@pytest.fixture
def slow_reader(monkeypatch: pytest.MonkeyPatch, short_folder: Path) -> Path:
    """Makes the dialog wait for long before it prints. The socket on which it looks for a print server."""
    monkeypatch.setattr("screens.dialogs.print_dialog._SECONDS_TO_READ", 600.0)
    monkeypatch.setenv("CUPS_SERVER", str(short_folder / "cups.sock"))
    return short_folder / "cups.sock"


@needs("cupsd")
async def test_enter_right_after_the_printers_were_listed_prints_nothing(
    session: Session, folder: Path, print_server: PrintServer, slow_reader: Path
) -> None:
    await press_enter_right_after_the_list(dialog(session), slow_reader, print_server.environment["CUPS_SERVER"])
    assert not is_printed(print_server)
    assert pdf_files(folder) == []


async def test_enter_right_after_no_printer_was_found_saves_no_pdf(
    session: Session, folder: Path, slow_reader: Path
) -> None:
    await press_enter_right_after_the_list(dialog(session), slow_reader, None)
    assert pdf_files(folder) == []


@needs("cupsd")
async def test_the_focus_stays_on_the_button_when_the_printers_are_listed(
    session: Session, print_server: PrintServer, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = print_server.environment["CUPS_SERVER"]
    monkeypatch.setenv("CUPS_SERVER", str(short_folder / "cups.sock"))
    harness = dialog(session, direct=True)
    async with gated_socket(short_folder / "cups.sock", server) as gate, harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "正在查找打印机…")
        await pilot.press("tab")
        await until_shown(pilot, "[▸取消 ]")
        gate.set()
        await until_shown(pilot, "[▸取消 ]", "[ 打印到 works ]")
        await pilot.press("enter")
        await until(pilot, lambda: harness.results == [None])
    assert not is_printed(print_server)


@pytest.mark.usefixtures("without_print_server")
async def test_without_a_printer_a_pdf_is_offered_and_its_path_is_shown(session: Session, folder: Path) -> None:
    harness = dialog(session, direct=True)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "没有找到打印机，可把 2 票报关单存为 PDF", "▸ 存为 PDF 文件")
        await pilot.press("enter", "enter")
        await until_shown_wrapped(pilot, "✓ 已存为 PDF，2 页", str(folder))
        await pilot.press("enter")
        await until(pilot, lambda: bool(harness.results))
    (printed,) = harness.results
    assert printed is not None
    assert list(printed.files) == pdf_files(folder)
    assert any("已存为 PDF" in notice.text for notice in harness.notices), "the message log keeps it"


@pytest.fixture
def file_in_place_of_folder(folder: Path) -> None:
    folder.touch()


@pytest.mark.usefixtures("without_print_server", "file_in_place_of_folder")
async def test_a_pdf_that_cannot_be_saved_says_why_and_what_to_do(session: Session, folder: Path) -> None:
    harness = dialog(session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ 存为 PDF 文件")
        await pilot.press("enter", "enter")
        await until_shown_wrapped(pilot, f"! {folder} 不是文件夹", "folder.bad", "请输入一个文件夹的完整路径")
        await pilot.press("f10")
        await until(pilot, lambda: harness.results == [None])


@needs("cupsd")
async def test_a_print_cannot_be_interrupted_and_its_failure_is_not_shown_as_a_success(
    session: Session, folder: Path, print_server: PrintServer, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.app_context = replace(
        session.app_context, config=Config(downloads=DownloadsConfig(folder), printing=PrintConfig("broken"))
    )
    harness = dialog(session, direct=True)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ broken")
        server = print_server.environment["CUPS_SERVER"]
        monkeypatch.setenv("CUPS_SERVER", str(short_folder / "cups.sock"))
        async with gated_socket(short_folder / "cups.sock", server) as gate:
            await pilot.press("enter", "enter")
            await until_shown(pilot, "正在打印到 broken，最多等 60 秒")
            await pilot.press("f10")
            await until_shown(pilot, "正在打印，请稍候")
            gate.set()
            await until_shown_wrapped(pilot, "已中止", f"；已改存 PDF：{folder}")
        assert "请稍候" not in harness.text
        assert "✓" not in harness.text
    assert [notice.severity for notice in harness.notices if "已改存" in notice.text] == [Severity.PROBLEM]


@pytest.mark.usefixtures("without_print_server")
@pytest.mark.parametrize("key", ["escape", "q", "f10"])
async def test_closing_the_dialog_prints_nothing(session: Session, folder: Path, key: str) -> None:
    harness = dialog(session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "存为 PDF 文件")
        await pilot.press(key)
        await until(pilot, lambda: harness.results == [None])
    assert pdf_files(folder) == []
