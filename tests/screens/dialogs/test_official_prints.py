"""The port's own print in the preview and in the print dialog; the drawn form in its place only where it is chosen."""

import asyncio
from pathlib import Path

import pytest

from jiacha_tui.actions.folders import downloads_folder
from jiacha_tui.actions.session import Session
from screens.dialogs.preview import PreviewScreen
from screens.dialogs.print_dialog import PrintDialog
from tests.actions.conftest import show_view
from tests.recording_transport import RecordingTransport
from tests.replaced_prints import REFUSAL, ReplacedPrints, count_prints, pdf
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_shown, until_shown_wrapped


@pytest.fixture(autouse=True)
def without_print_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "nobody.sock"))


@pytest.fixture
async def official(session: Session, transport: RecordingTransport) -> tuple[ScreenHarness[None], tuple[str, ...]]:
    """The preview of two declarations that the port lists, and their numbers."""
    entry_ids = tuple(row.entry_id for row in (await show_view(session, "2026-06")).first[:2])
    return ScreenHarness(PreviewScreen(session, entry_ids)), entry_ids


async def test_the_ports_print_is_fetched_shown_saved_and_left_again(
    session: Session, official: tuple[ScreenHarness[None], tuple[str, ...]], transport: RecordingTransport
) -> None:
    harness, (first, second) = official
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, f"本机绘制 {first}", "F4/o口岸打印")
        await pilot.press("f4")
        await until_shown(pilot, f"口岸打印 {first}", "第 1/1 页", "PDF 完整，报关单号相符", "Page 1/1", "F4/o本机绘制")
        await pilot.press("right")
        await until_shown(pilot, f"口岸打印 {second}")
        await pilot.resize_terminal(*WIDE)
        await until_shown(pilot, f"口岸打印 {second}")
        await pilot.press("f6")
        await until_shown_wrapped(pilot, "口岸打印已存为 2 个 PDF")
        await pilot.press("f4")
        await until_shown(pilot, f"本机绘制 {second}", "第 2/2 票", "运抵国（地区）")
        await pilot.press("o")
        await until_shown(pilot, f"口岸打印 {second}")
        await pilot.press("f8")
        await until_shown(pilot, "(•) 口岸打印", "存为 PDF 文件")
    assert count_prints(transport) == 2, "what has come is not fetched again"
    saved = sorted(path.name for path in downloads_folder(session).iterdir())
    assert saved == sorted([f"{first}.pdf", f"{second}.pdf"])


async def test_a_refused_print_is_named_and_the_drawn_form_is_not_passed_off_as_it(
    session: Session, official: tuple[ScreenHarness[None], tuple[str, ...]], transport: RecordingTransport
) -> None:
    harness, (first, second) = official
    replaced = ReplacedPrints(transport)
    replaced.every = pdf(REFUSAL)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, f"本机绘制 {first}")
        await pilot.press("f4")
        await until_shown_wrapped(pilot, "没有取到口岸的打印，眼前的仍是本机绘制的：该报关单暂不能打印")
        await until_shown(pilot, f"本机绘制 {first}")
        replaced.every = None
        replaced.answers = {first: pdf(REFUSAL)}
        await pilot.press("f4")
        await until_shown_wrapped(pilot, "有 1 票没有取到口岸的打印：该报关单暂不能打印", "按 F4 看本机绘制的单据")
        await pilot.press("right")
        await until_shown(pilot, f"口岸打印 {second}", "报关单号相符")


async def listed(session: Session) -> tuple[str, ...]:
    """Two declarations that the port lists."""
    return tuple(row.entry_id for row in (await show_view(session, "2026-06")).first[:2])


@pytest.fixture
def replaced(transport: RecordingTransport) -> ReplacedPrints:
    return ReplacedPrints(transport)


async def test_what_the_port_does_not_give_is_drawn_only_where_the_operator_says_so(
    session: Session, replaced: ReplacedPrints
) -> None:
    first, second = await listed(session)
    replaced.answers = {first: pdf(REFUSAL)}
    harness = ScreenHarness(PrintDialog(session, (first, second), direct=True))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "(•) 口岸打印", "没有找到打印机", "[ 存为 PDF ]")
        await pilot.press("enter", "enter")
        await until_shown_wrapped(
            pilot, f"1 票没有取到口岸的打印；{first}：该报关单暂不能打印", "1 票：口岸打印已存为 PDF"
        )
        await until_shown(pilot, "[▸关闭 ]", "改用本机绘制 1 票")
        folder = downloads_folder(session)
        assert [path.name for path in folder.iterdir()] == [f"{second}.pdf"]
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "✓ 已存为 PDF，1 页")
        await pilot.press("enter")
        await until(pilot, lambda: bool(harness.results))
    (printed,) = harness.results
    assert printed is not None
    assert [path.name[:22] for path in printed.files] == [f"{second}.pdf", f"报关单_{first}"]
    assert set(printed.files) == set(folder.iterdir())


async def test_fetching_can_be_stopped_and_the_drawn_form_chosen_instead(
    session: Session, transport: RecordingTransport
) -> None:
    entry_ids = await listed(session)
    gate = asyncio.Event()
    transport.run_at_request(",1", 1, gate.wait)
    harness = ScreenHarness(PrintDialog(session, entry_ids, direct=True))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "[ 存为 PDF ]")
        await pilot.press("enter", "enter")
        await until_shown(pilot, "正在从口岸取打印，第 1/2 票…", "[ 停止 ]")
        await pilot.press("f10")
        await until(pilot, lambda: harness.results == [None])
        gate.set()
    harness = ScreenHarness(PrintDialog(session, entry_ids, direct=True))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "(•) 口岸打印", "[ 存为 PDF ]")
        await pilot.press("shift+tab", "right")
        await until_shown(pilot, "(•) 本机绘制")
        await pilot.press("tab", "enter", "enter")
        await until_shown_wrapped(pilot, "✓ 已存为 PDF，2 页")
