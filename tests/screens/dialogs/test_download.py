"""The download dialog: what it proposes, what it reports, and that a stop loses nothing."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from jiacha_tui.actions import download
from jiacha_tui.actions.download import DownloadReport
from jiacha_tui.actions.folders import downloads_folder
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_size
from jiacha_tui.declaration.model import Declaration, Kind, Summary
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery, Query
from jiacha_tui.demo.demo import Demo
from screens.dialogs.download import DownloadDialog
from screens.dialogs.download_lines import SAME_CARD
from screens.widgets.line_input import LineInput
from screens.widgets.push_button import PushButton
from tests.actions.conftest import show_view
from tests.recording_transport import DOWNLOAD, LIST, RecordingTransport
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_shown, until_shown_wrapped
from tests.screens.sample import declaration, item

Harness = ScreenHarness[DownloadReport | None]

SPRING = DateRangeQuery(DateRange(date(2026, 4, 1), date(2026, 6, 29)))
"""More than a file may span: three files, with 2, 3 and 13 declarations."""

UNUSED_MONTH = DateRangeQuery(DateRange(date(2024, 6, 1), date(2024, 6, 30)))
"""A month of which the port has nothing."""

EARLIER, LATER = datetime(2026, 11, 3, 3, tzinfo=UTC), datetime(2026, 11, 20, 3, tzinfo=UTC)


def dialog(session: Session, what: ResultView | Query | str = SPRING, selected: Sequence[str] = ()) -> Harness:
    return ScreenHarness(DownloadDialog(session, what, selected))


def on_day(day: int, items: Iterable[int]) -> list[Declaration]:
    """Declarations of a day of `UNUSED_MONTH`, each with as many items as `items` says."""
    return [_declaration(date(2024, 6, day), number, count) for number, count in enumerate(items)]


def _declaration(exported_on: date, number: int, items: int) -> Declaration:
    entry_id = f"2233{exported_on:%Y%m%d}{number:06}"
    one = declaration(entry_id, items=0)
    summary = replace(one.summary, exported_on=exported_on)
    return Declaration(summary, one.head, tuple(replace(item(1), number=index + 1) for index in range(items)))


def put_large_month(session: Session) -> None:
    """Fills `UNUSED_MONTH` so that it needs two files, of 40 declarations with 960 items and 30 with 510."""
    days = (on_day(1, [24] * 20), on_day(12, [24] * 20), on_day(25, [17] * 30))
    session.declarations.put_details([declaration for day in days for declaration in day])


def focused_label(harness: Harness) -> str:
    focused = harness.screen.focused
    return focused.label if isinstance(focused, PushButton) else ""


async def numbers(session: Session, count: int) -> list[str]:
    """Declarations of the port in the order of the table."""
    return [row.entry_id for row in (await show_view(session, "")).first[:count]]


async def some_of_june(session: Session, count: int = 12) -> ResultView:
    """A view of a part of June's declarations, which can be downloaded one by one or with the others of their days."""
    entry_ids = [row.entry_id for row in (await show_view(session, "2026-06 类型:结关")).first[:count]]
    return await show_view(session, f"号:{'|'.join(entry_ids)}")


async def test_a_split_is_announced_with_the_official_text_of_the_cap_and_not_as_a_failure(session: Session) -> None:
    put_large_month(session)
    harness = dialog(session, UNUSED_MONTH)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown_wrapped(
            pilot,
            "合成一个文件会超过口岸的上限，口岸的提示是：“下载失败：您本次下载的1470条数据，超过了 1000 条的下载上限，"
            "请重新设置查询条件进行下载，缩小查询范围”",
            "可拆成 2 个文件下载，每个都在上限之内，共 70 票：",
        )
        assert not harness.screen.query_one("#message").has_class("-problem"), "nothing has failed"
        assert "!" not in harness.text
        assert "40 票        960 条" in harness.line_with("2024-06-01 至 06-12")
        assert "30 票        510 条" in harness.line_with("2024-06-25 ")
        assert "[▸取消 ]   [ 下载 2 个文件 ]" in harness.text, "the safe button comes first and has the focus"
        assert "PgUp" not in harness.text, "all lines are visible"
    assert harness.notices == []


async def test_the_longest_title_is_not_cut_and_declarations_known_from_files_are_left_out(session: Session) -> None:
    first, last = date(2023, 12, 30), date(2024, 1, 26)
    rows = [_declaration(day, 0, 0).summary for day in (first, last)]
    session.declarations.merge_rows([replace(row, kind=Kind.DEPARTURE_PORT) for row in rows])
    session.declarations.put_imported([_declaration(last, number, 1) for number in (1, 2)])
    harness = dialog(session, await show_view(session, "2023-12-01..2024-01-31"))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(
            pilot, "2023-12-30 至 2024-01-26 启运港退税报关单", "列表里有 2 票只来自导入的文件，口岸没有列出，不在其中"
        )


async def test_the_first_button_downloads_nothing(session: Session, transport: RecordingTransport) -> None:
    harness = dialog(session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        await pilot.press("enter")
        await until(pilot, lambda: harness.results == [None])
    assert transport.count(DOWNLOAD) == 0


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_every_file_is_reported_with_count_size_time_check_and_path(
    session: Session, size: tuple[int, int]
) -> None:
    harness = dialog(session)
    async with harness.run_test(size=size) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "已下载 3 个文件，18 票", f"存于 {downloads_folder(session)}", SAME_CARD)
        files = sorted(downloads_folder(session).iterdir())
        await until_shown_wrapped(pilot, "每个文件都核对过：XML 完整，为本卡加密，签名", files[0].name)
        size_text = format_size(files[0].stat().st_size)
        assert f"  2 票  {size_text}  " in harness.line_with("✓ 2026-04-13 至 04-28 结关报关单")
        assert harness.words.count("XML完整") == 1
        assert focused_label(harness) == "关闭"
        await pilot.press("enter")
        await until(pilot, lambda: bool(harness.results))
    (report,) = harness.results
    assert report is not None
    assert sorted(file.path for file in report.files) == files
    assert len(files) == 3
    assert any("已下载 3 个文件" in notice.text for notice in harness.notices), "the message log keeps it"


async def test_a_stop_keeps_the_downloaded_files_and_offers_the_remaining_ones(
    session: Session, transport: RecordingTransport
) -> None:
    gate = asyncio.Event()
    harness = dialog(session, NumberQuery((await numbers(session, 1))[0]), await numbers(session, 3))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "选中的 3 票，逐票下载", "下载 3 个文件")
        transport.run_at_request(DOWNLOAD, 2, gate.wait)
        await pilot.press("enter", "enter")
        await until_shown(pilot, "正在下载第 2 个文件，共 3 个")
        first, second, third = (harness.line_with(f"{number}  报关单") for number in (1, 2, 3))
        assert ("✓" in first, "▸" in second, "✓" in third) == (True, True, False)
        await pilot.press("escape")
        await until_shown(pilot, "已按要求停止；2 个还没有下载", "下载其余 2 个文件")
        assert harness.results == [], "a stop does not close the dialog with its report"
        gate.set()
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "已下载 3 个文件，3 票")
        await pilot.press("f10")
        await until(pilot, lambda: bool(harness.results))
    (report,) = harness.results
    assert report is not None
    assert len(report.files) == len(set(downloads_folder(session).iterdir())) == 3


async def test_two_stops_in_a_row_lose_no_report_and_two_starts_run_once(
    session: Session, transport: RecordingTransport
) -> None:
    gate = asyncio.Event()
    harness = dialog(session, NumberQuery((await numbers(session, 1))[0]), await numbers(session, 3))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "选中的 3 票，逐票下载", "下载 3 个文件")
        transport.run_at_request(DOWNLOAD, 2, gate.wait)
        await pilot.press("enter")
        harness.simulate_key("enter")
        harness.simulate_key("enter")
        await until_shown(pilot, "正在下载第 2 个文件，共 3 个")
        harness.simulate_key("escape")
        harness.simulate_key("escape")
        await until_shown(pilot, "已按要求停止；2 个还没有下载", "下载其余 2 个文件")
    assert transport.count(DOWNLOAD) == 2
    assert len(list(downloads_folder(session).iterdir())) == 1


async def test_a_stop_while_the_folder_is_opened_again_leaves_a_dialog_that_can_be_used(
    session: Session, transport: RecordingTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def never_open(_folder: str) -> Path:
        await gate.wait()
        raise AssertionError("the download went on after its stop")

    monkeypatch.setattr(download, "open_folder", never_open)
    harness = dialog(session, NumberQuery((await numbers(session, 1))[0]), await numbers(session, 3))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "选中的 3 票，逐票下载", "下载 3 个文件")
        await pilot.press("enter", "enter")
        await until_shown(pilot, "[ 停止 ]")
        await pilot.press("escape")
        await until_shown(pilot, "[ 取消 ]", "下载 3 个文件")
        await pilot.press("escape")
        await until(pilot, lambda: bool(harness.results))
    assert harness.results == [None]
    assert transport.count(DOWNLOAD) == 0


class HalfOfOneFile(httpx.AsyncBaseTransport):
    """A connection to the port that loses the second half of one file, the second that is downloaded."""

    def __init__(self, port: httpx.AsyncBaseTransport) -> None:
        self._port = port
        self._files = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._port.handle_async_request(request)
        if not request.url.path.endswith(DOWNLOAD):
            return response
        body = await response.aread()
        self._files += body.startswith(b"<")
        kept = body[: len(body) // 2] if self._files == 2 else body
        return httpx.Response(
            200, headers={"content-type": response.headers["content-type"]}, stream=httpx.ByteStream(kept)
        )


async def test_a_failure_says_why_and_the_failed_file_alone_can_be_tried_again(
    session: Session, transport: RecordingTransport
) -> None:
    transport.port = HalfOfOneFile(transport.port)
    harness = dialog(session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "1 个文件没有下载成功；已下载 2 个文件", "下载其余 1 个文件")
        (problem,) = (notice.problem for notice in harness.notices if notice.problem)
        assert problem.code in harness.line_with("! 2026-05-17")
        await until_shown_wrapped(pilot, problem.message)
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "已下载 3 个文件")
        assert "没有下载成功" not in harness.text
    assert len(list(downloads_folder(session).iterdir())) == 3


async def test_a_file_that_the_port_finds_too_large_is_shown_with_its_smaller_files_and_counted_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiacha_tui.demo.rules.MAX_DOWNLOAD_ITEMS", 100)
    harness = dialog(session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        await pilot.press("right", "enter")
        await until_shown_wrapped(
            pilot,
            "1 个文件超过上限，已改为 2 个更小的文件，还没有下载；已下载 2 个文件",
            "已改为 2 个更小的文件，可以接着下载：",
            "下载其余 2 个文件",
        )
        assert "没有下载成功" not in harness.text
        assert "超过了1000条的下载上限" in harness.words
        assert "· 2026-06-18" in harness.text
        assert "· 2026-06-28" in harness.text
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "已下载 4 个文件，18 票")


async def test_two_plans_can_be_told_apart_and_the_chosen_one_is_downloaded(session: Session) -> None:
    harness = dialog(session, await some_of_june(session))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ 逐票下载，12 个文件：只含这 12 票", "下载 12 个文件", "PgUp PgDn 翻页")
        assert "另含同期其他" in harness.line_with("按出口日期下载：")
        first_files = harness.line_with("第 1–")
        await pilot.press("pagedown")
        await until_shown(pilot, "–12 行，共 12 行", "▸ 逐票下载")
        await pilot.press("pageup")
        await until_shown(pilot, first_files.strip(), "▸ 逐票下载")
        await pilot.press("down")
        await until_shown(pilot, "▸ 按出口日期下载：", "不在当前筛选里", "下载 1 个文件")
        await pilot.press("enter")
        assert focused_label(harness) == "下载 1 个文件"
        await pilot.press("enter")
        await until_shown_wrapped(pilot, "已下载 1 个文件")
    assert len(list(downloads_folder(session).iterdir())) == 1


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_with_the_longest_texts_the_buttons_stay_visible(session: Session, size: tuple[int, int]) -> None:
    days = [on_day(day, [501]) for day in range(1, 17, 2)]
    session.declarations.put_details([declaration for day in days for declaration in day])
    session.declarations.merge_rows([_declaration(date(2024, 6, day), 7, 0).summary for day in range(1, 17, 2)])
    session.declarations.put_imported([_declaration(date(2024, 6, 1), 9, 1)])
    session.declarations.mark_downloaded(UNUSED_MONTH, LATER)
    entry_ids = [day[0].summary.entry_id for day in days] + [_declaration(date(2024, 6, 1), 9, 1).summary.entry_id]
    harness = dialog(session, await show_view(session, f"号:{'|'.join(entry_ids)}"))
    async with harness.run_test(size=size) as pilot:
        await until_shown(pilot, "逐票下载，8 个文件")
        await pilot.press("down")
        await until_shown_wrapped(
            pilot,
            "[取消][下载8个文件]",
            "F10/q取消",
            "合成一个文件会超过口岸的上限",
            "列表里有1票只来自导入的文件",
            "不在当前筛选里",
            "已下载过",
            "有的详情还没有同步",
        )


async def test_an_earlier_download_is_shown_at_its_file_and_as_a_note(session: Session) -> None:
    put_large_month(session)
    days = [DateRange.day(date(2024, 6, day)) for day in (1, 25)]
    for day, at in zip(days, (LATER, EARLIER), strict=True):
        session.declarations.mark_downloaded(DateRangeQuery(day), at)
    harness = dialog(session, UNUSED_MONTH)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "其中 50 票已下载过（↓），最近 2026-11-20。")
        assert harness.line_with("40 票").rstrip(" │").endswith("960 条  ↓20")
        assert harness.line_with("30 票").rstrip(" │").endswith("510 条  ↓")


async def test_a_count_of_items_is_a_minimum_where_details_are_missing(session: Session) -> None:
    put_large_month(session)
    rows: list[Summary] = [_declaration(date(2024, 6, day), 900, 0).summary for day in (5, 30)]
    session.declarations.merge_rows(rows)
    harness = dialog(session, UNUSED_MONTH)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "按已知的条数都在上限之内", "实际条数可能更多")
        assert "至少 960 条" in harness.line_with("2024-06-01")
        assert "至少 510 条" in harness.line_with("2024-06-25")


async def test_the_file_that_is_being_downloaded_stays_visible(session: Session, transport: RecordingTransport) -> None:
    gate = asyncio.Event()
    harness = dialog(session, await some_of_june(session))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 12 个文件")
        transport.run_at_request(DOWNLOAD, 12, gate.wait)
        await pilot.press("enter", "enter")
        await until_shown(pilot, "正在下载第 12 个文件", "▸ 12  ")
        gate.set()
        await until_shown(pilot, "已下载 12 个文件")


async def test_more_files_than_fit_can_be_paged_through(session: Session) -> None:
    harness = dialog(session, view := await some_of_june(session))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "行，共 12 行", "下载 12 个文件")
        last = view.first[-1].entry_id
        assert last not in harness.text
        await pilot.press("tab", "pagedown")
        await until_shown(pilot, last)


async def test_the_folder_can_be_changed_and_a_missing_one_is_made_for_its_owner_alone(
    session: Session, tmp_path: Path
) -> None:
    folder = tmp_path / "出口退税" / "六月"
    harness = dialog(session)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        harness.screen.query_one("#folder", LineInput).value = str(folder)
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "已下载 3 个文件")
    assert len(list(folder.iterdir())) == 3
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_path_that_is_no_folder_is_refused_before_anything_is_downloaded(
    session: Session, transport: RecordingTransport, tmp_path: Path
) -> None:
    harness = dialog(session)
    (tmp_path / "file").write_text("")
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        folder = harness.screen.query_one("#folder", LineInput)
        for path, message in (
            (str(tmp_path / "file"), "不是文件夹"),
            ("  ", "没有填写文件夹"),
            ("~nobody-x/a", "用户主目录"),
        ):
            folder.value = path
            harness.screen.query_one("#run").focus()
            await pilot.press("enter")
            await until_shown_wrapped(pilot, message, "请输入一个文件夹的完整路径")
            assert harness.screen.focused is folder
        assert transport.count(DOWNLOAD) == 0
        folder.value = str(tmp_path / "folder")
        await pilot.press("enter", "enter")
        await until_shown_wrapped(pilot, "已下载 3 个文件")
        assert "用户主目录" not in harness.words, "the message of the wrong folder is gone"


async def test_a_query_that_found_nothing_says_what_to_do(session: Session) -> None:
    harness = dialog(session, UNUSED_MONTH)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown_wrapped(
            pilot, "没有可下载的报关单", "download.nothing", "请先按 F3 查询或按 F5 同步", "[▸关闭 ]"
        )
        assert "下载 0 个" not in harness.text
        await pilot.press("q")
        await until(pilot, lambda: harness.results == [None])


async def test_a_plan_that_the_list_of_the_port_changes_is_shown_again_and_confirmed_again(
    session: Session, demo: Demo, transport: RecordingTransport
) -> None:
    harness = dialog(session, SPRING)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件", "共 18 票")
        view = await show_view(session, "2026-04-01..2026-06-29 类型:结关")
        demo.withdraw(view.first[0].entry_id)
        await pilot.press("right", "enter")
        await until_shown_wrapped(
            pilot, "口岸现在的清单与刚才的计划不同：1 票口岸不再列出，已标记（×）；还没有下载，请再确认"
        )
        await until_shown(pilot, "共 17 票", "[▸取消 ]   [ 下载 3 个文件 ]")
        assert transport.count(DOWNLOAD) == 0
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "已下载 3 个文件，17 票")
    assert any(notice.problem and notice.problem.code == "download.plan-changed" for notice in harness.notices)


async def test_a_stop_while_the_list_is_read_downloads_nothing(session: Session, transport: RecordingTransport) -> None:
    gate = asyncio.Event()
    harness = dialog(session, SPRING)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        transport.run_at_request(LIST, 1, gate.wait)
        await pilot.press("right", "enter")
        await until_shown(pilot, "正在读取口岸现在的清单")
        await pilot.press("escape")
        await until_shown(pilot, "已按要求停止；3 个还没有下载", "下载其余 3 个文件")
        gate.set()
    assert transport.count(DOWNLOAD) == 0
