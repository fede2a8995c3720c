"""The download dialog over played actions: what it proposes, what it reports, and that a stop loses nothing."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jiacha_tui.actions.download import DownloadedFile, DownloadReport, OnProgress
from jiacha_tui.actions.download_plan import DownloadPart, DownloadPlan
from jiacha_tui.actions.problems import NothingToDownload
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.declaration.rules import DownloadTooLarge, TooManyItems
from screens.dialogs.download import DownloadDialog
from screens.dialogs.download_lines import SAME_CARD
from screens.dialogs.downloading import Downloading
from screens.widgets.line_input import LineInput
from screens.widgets.push_button import PushButton
from tests.screens.harness import SMALLEST, WIDE, ScreenHarness, until, until_said, until_shown

NAME = "JJ0G900000001_20250601-20250612_20250602-20250714_223320250000012345_310120250000147213_20251123091200.xml"


def span_part(first: int, last: int, declarations: int, items: int) -> DownloadPart:
    span = DateRange(date(2025, 6, first), date(2025, 6, last))
    return DownloadPart(
        DateRangeQuery(span, Kind.CLEARED), declarations, items, f"2025-06-{first:02} 至 06-{last:02} 结关报关单"
    )


def single_part(number: int) -> DownloadPart:
    entry_id = f"2233202500000{number:05}"
    return DownloadPart(NumberQuery(entry_id, Kind.CLEARED), 1, 0, f"报关单 {entry_id}")


SPLIT = DownloadPlan(
    "按出口日期下载，3 个文件",
    (span_part(1, 12, 41, 988), span_part(13, 24, 52, 961), span_part(25, 30, 35, 367)),
    TooManyItems(2316),
)
ONE_EACH = DownloadPlan("逐票下载，12 个文件", tuple(single_part(number) for number in range(12)))
PARTLY_KNOWN = replace(span_part(1, 30, 49, 400), items_known=False)
WHOLE_SPAN = DownloadPlan("按出口日期下载", (PARTLY_KNOWN,), extra=37)
EARLIER, LATER = datetime(2026, 11, 3, 3, tzinfo=UTC), datetime(2026, 11, 20, 3, tzinfo=UTC)


@dataclass
class Port:
    """Plays `plans` and `run`: gives `answer`, fails the parts in `failing`, waits for `gate` before each file."""

    answer: tuple[DownloadPlan, ...] | Problem
    failing: dict[DownloadPart, Problem] = field(default_factory=dict)
    gate: asyncio.Semaphore | None = None
    runs: list[tuple[DownloadPlan, Path]] = field(default_factory=list)

    async def plans(self) -> tuple[DownloadPlan, ...]:
        if isinstance(self.answer, Problem):
            raise self.answer
        return self.answer

    async def run(self, plan: DownloadPlan, folder: Path, on_progress: OnProgress) -> DownloadReport:
        self.runs.append((plan, folder))
        files: list[DownloadedFile] = []
        failures: list[tuple[DownloadPart, Problem]] = []
        for index, part in enumerate(plan.parts):
            rest = (*(part for part, _ in failures), *plan.parts[index:])
            on_progress(DownloadReport(tuple(files), tuple(failures), rest, cancelled=False))
            if self.gate is not None:
                try:
                    await self.gate.acquire()
                except asyncio.CancelledError:
                    return DownloadReport(tuple(files), tuple(failures), rest, cancelled=True)
            if part in self.failing:
                failures.append((part, self.failing[part]))
            else:
                files.append(
                    DownloadedFile(
                        part, folder / NAME, part.declarations, 812_345, 3.14, "收件人是本卡；签名与内容相符"
                    )
                )
        report = DownloadReport(tuple(files), tuple(failures), tuple(part for part, _ in failures), cancelled=False)
        on_progress(report)
        return report


def stage_for(port: Port, folder: Path) -> ScreenHarness[DownloadReport | None]:
    return ScreenHarness(DownloadDialog(Downloading(port.plans, port.run, folder)))


def focused_label(stage: ScreenHarness[DownloadReport | None]) -> str:
    focused = stage.screen.focused
    return focused.label if isinstance(focused, PushButton) else ""


async def test_a_split_is_shown_under_the_official_refusal_with_the_safe_button_first(tmp_path: Path) -> None:
    stage = stage_for(Port((SPLIT,)), tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载失败：您本次下载的2316条数据，超过了 1000 条的下载上限")
        assert "可拆成 3 个文件下载，每个都在上限之内，共 128 票：" in stage.text
        assert "41 票        988 条" in stage.line_with("2025-06-01 至 06-12")
        assert "52 票        961 条" in stage.line_with("2025-06-13 至 06-24")
        assert "35 票        367 条" in stage.line_with("2025-06-25 至 06-30")
        assert "[▸取消 ]   [ 下载 3 个文件 ]" in stage.text
        assert "PgUp" not in stage.text, "there is nothing to turn"


async def test_the_longest_title_has_room_and_what_files_alone_told_of_is_said_to_be_left_out(tmp_path: Path) -> None:
    span = DateRange(date(2025, 12, 30), date(2026, 1, 26))
    part = DownloadPart(DateRangeQuery(span, Kind.DEPARTURE_PORT), 3, 5, "2025-12-30 至 2026-01-26 启运港退税报关单")
    stage = stage_for(Port((DownloadPlan("", (part,), from_files=2),)), tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, part.title, "列表里有 2 票只来自导入的文件")


async def test_the_first_button_downloads_nothing(tmp_path: Path) -> None:
    port = Port((SPLIT,))
    stage = stage_for(port, tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        await pilot.press("enter")
        await until(pilot, lambda: stage.results == [None])
    assert port.runs == []


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_every_file_is_reported_with_count_size_time_check_and_path(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    port = Port((SPLIT,))
    stage = stage_for(port, tmp_path)
    async with stage.run_test(size=size) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        await pilot.press("right", "enter")
        await until_said(pilot, "已下载 3 个文件，128 票，2.3 MB，用时 9.4 秒")
        await until_shown(pilot, "✓ 2025-06-01 至 06-12 结关报关单  41 票  793 KB  3.1 秒")
        await until_said(pilot, "每个文件都核对过：收件人是本卡；签名与内容相符", NAME, SAME_CARD)
        assert stage.words.count("签名与内容相符") == 1
        assert focused_label(stage) == "关闭"
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.results))
    (report,) = stage.results
    assert report is not None
    assert len(report.files) == 3
    assert port.runs == [(SPLIT, tmp_path)]
    assert any("已下载 3 个文件" in notice.text for notice in stage.notices), "the message log keeps it"


async def test_progress_is_shown_and_stopping_keeps_what_has_come_and_offers_the_rest(tmp_path: Path) -> None:
    port = Port((SPLIT,), gate=asyncio.Semaphore(1))
    stage = stage_for(port, tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        await pilot.press("right", "enter")
        await until_shown(pilot, "正在下载第 2 个文件，共 3 个")
        assert "▸" in stage.line_with("52 票")
        assert "✓" in stage.line_with("41 票")
        assert "✓" not in stage.line_with("35 票")
        await pilot.press("escape")
        await until_shown(pilot, "已按要求停止；2 个还没有下载", "下载其余 2 个文件")
        assert stage.results == [], "a stop does not close the dialog over its report"
        port.gate = None
        await pilot.press("right", "enter")
        await until_said(pilot, "已下载 3 个文件，128 票")
        await pilot.press("f10")
        await until(pilot, lambda: bool(stage.results))
    assert [plan.parts for plan, _folder in port.runs] == [SPLIT.parts, SPLIT.parts[1:]]
    (report,) = stage.results
    assert report is not None
    assert len(report.files) == 3


async def test_a_failure_says_why_and_the_failed_file_alone_can_be_tried_again(tmp_path: Path) -> None:
    port = Port((SPLIT,), failing={SPLIT.parts[1]: DownloadTooLarge()})
    stage = stage_for(port, tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        await pilot.press("right", "enter")
        await until_said(
            pilot, "1 个文件没有下载成功", "您下载的报关单数据量过大，请调整查询区间后再试！", "download.too-large"
        )
        assert "! 2025-06-13 至 06-24" in stage.text
        assert [notice.problem.code for notice in stage.notices if notice.problem] == ["download.too-large"]
        port.failing.clear()
        await pilot.press("right", "enter")
        await until_said(pilot, "已下载 3 个文件")
        assert "没有下载成功" not in stage.text
    assert port.runs[1][0].parts == (SPLIT.parts[1],)


async def test_two_ways_are_told_apart_and_the_chosen_one_is_taken(tmp_path: Path) -> None:
    port = Port((ONE_EACH, WHOLE_SPAN))
    stage = stage_for(port, tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "▸ 逐票下载，12 个文件：只含这 12 票", "下载 12 个文件", "PgUp PgDn 翻页")
        assert "另含同期其他 37 票" in stage.line_with("按出口日期下载：")
        await pilot.press("down")
        await until_shown(pilot, "▸ 按出口日期下载：", "另有 37 票不在当前筛选里", "详情还没有同步", "下载 1 个文件")
        await pilot.press("enter")
        assert focused_label(stage) == "下载 1 个文件"
        await pilot.press("enter")
        await until_said(pilot, "已下载 1 个文件，49 票")
    assert port.runs[0][0] == WHOLE_SPAN


@pytest.mark.parametrize("size", [SMALLEST, WIDE])
async def test_however_much_there_is_to_say_the_buttons_stay_on_the_screen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    parts = tuple(span_part(day, day, 1, 999) for day in range(1, 31))
    parts = tuple(replace(part, items_known=False, downloaded=1, last_download=LATER) for part in parts)
    worst = DownloadPlan("按出口日期下载，30 个文件", parts, TooManyItems(29970), extra=17, from_files=12)
    stage = stage_for(Port((worst, ONE_EACH)), tmp_path)
    async with stage.run_test(size=size) as pilot:
        await until_shown(pilot, "[ 取消 ]   [ 下载 30 个文件 ]", "共 30 行", "F10/q取消")
        await until_said(pilot, "全部已下载过（↓），最近 2026-11-20", "口岸会拒绝那个文件。")
        stage.screen.query_one("#folder", LineInput).value = ""
        stage.screen.query_one("#go").focus()
        await pilot.press("enter")
        await until_said(pilot, "没有填写文件夹")
        assert "[ 取消 ]   [ 下载 30 个文件 ]" in stage.text


async def test_what_was_downloaded_before_is_said_with_the_last_day_and_marked_in_its_file(tmp_path: Path) -> None:
    first = replace(SPLIT.parts[0], downloaded=41, last_download=EARLIER)
    second = replace(SPLIT.parts[1], downloaded=12, last_download=LATER)
    stage = stage_for(Port((DownloadPlan("", (first, second, SPLIT.parts[2])),)), tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "其中 53 票已下载过（↓），最近 2026-11-20。")
        assert stage.line_with("41 票").rstrip(" │").endswith("988 条  ↓")
        assert stage.line_with("52 票").rstrip(" │").endswith("961 条  ↓12")
        assert "↓" not in stage.line_with("35 票")


async def test_items_are_called_the_least_there_are_where_details_are_missing(tmp_path: Path) -> None:
    unknown = replace(span_part(25, 30, 35, 0), items_known=False)
    plan = DownloadPlan("", (SPLIT.parts[0], PARTLY_KNOWN, unknown), TooManyItems(1388))
    stage = stage_for(Port((plan,)), tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "按已知的条数都在上限之内", "实际条数可能更多")
        assert "至少" not in stage.line_with("988 条")
        assert "至少 400 条" in stage.line_with("49 票")
        assert "条数未知" in stage.line_with("35 票")


async def test_the_file_that_is_coming_stays_in_sight(tmp_path: Path) -> None:
    port = Port((ONE_EACH,), gate=asyncio.Semaphore(11))
    stage = stage_for(port, tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 12 个文件")
        await pilot.press("right", "enter")
        await until_shown(pilot, "正在下载第 12 个文件", "▸ 12  ")


async def test_more_files_than_fit_can_be_paged_through(tmp_path: Path) -> None:
    stage = stage_for(Port((ONE_EACH,)), tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "行，共 12 行", "下载 12 个文件")
        assert ONE_EACH.parts[-1].title not in stage.text
        await pilot.press("pagedown")
        await until_shown(pilot, ONE_EACH.parts[-1].title)


async def test_what_was_wrong_with_a_folder_does_not_stand_beside_the_files_of_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    stage = stage_for(Port((SPLIT,)), tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        folder = stage.screen.query_one("#folder", LineInput)
        folder.value = str(tmp_path / "file")
        await pilot.press("right", "enter")
        await until_said(pilot, "不是文件夹")
        folder.value = str(tmp_path)
        await pilot.press("enter", "enter")
        await until_shown(pilot, "已下载 3 个文件")
        assert "不是文件夹" not in stage.words


async def test_the_folder_can_be_changed_and_a_missing_one_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    port = Port((SPLIT,))
    stage = stage_for(port, tmp_path / "downloads")
    chosen = tmp_path / "出口退税" / "六月"
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        stage.screen.query_one("#folder", LineInput).value = str(chosen)
        await pilot.press("right", "enter")
        await until_said(pilot, "已下载 3 个文件")
    assert port.runs == [(SPLIT, chosen)]
    assert chosen.stat().st_mode & 0o777 == 0o700


async def test_a_path_that_is_no_folder_is_refused_before_anything_is_downloaded(tmp_path: Path) -> None:
    port = Port((SPLIT,))
    stage = stage_for(port, tmp_path)
    (tmp_path / "file").write_text("")
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "下载 3 个文件")
        field_ = stage.screen.query_one("#folder", LineInput)
        for wrong, said in (
            (str(tmp_path / "file"), "不是文件夹"),
            ("  ", "没有填写文件夹"),
            ("~nobody-x/a", "用户主目录"),
        ):
            field_.value = wrong
            stage.screen.query_one("#go").focus()
            await pilot.press("enter")
            await until_said(pilot, said, "请输入一个文件夹的完整路径")
            assert stage.screen.focused is field_
    assert port.runs == []


async def test_nothing_to_download_is_said_with_what_to_do(tmp_path: Path) -> None:
    stage = stage_for(Port(NothingToDownload()), tmp_path)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_said(pilot, "没有可下载的报关单", "download.nothing", "请先按 F3 查询或按 F5 同步", "[▸关闭 ]")
        assert "下载 0 个" not in stage.text
        await pilot.press("q")
        await until(pilot, lambda: stage.results == [None])
