"""The desk as a whole: where one is, what is said, and the way out."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from jiacha_tui.actions.session import CacheStatus
from jiacha_tui.actions.sync import SyncProgress
from jiacha_tui.declaration.problem import Problem
from screens.commands.notice import Notice
from screens.main.filter_bar import FilterBar
from screens.main.main_screen import status_forms
from screens.widgets.push_button import PushButton
from tests.screens.fakes import NOW, on_stage, scene
from tests.screens.harness import SMALLEST, WIDE, until, until_said, until_shown

SIZES = [SMALLEST, WIDE, (100, 30), (160, 50)]


@pytest.mark.parametrize("size", SIZES)
async def test_at_every_size_the_table_has_the_room_and_nothing_is_cut(size: tuple[int, int]) -> None:
    desk = scene()
    async with on_stage(desk, size):
        lines = desk.stage.lines
        assert len(lines) == size[1]
        assert sum(row.startswith(("   2233", "▸  2233")) for row in lines) == size[1] - 5
        assert "…" not in desk.footer + desk.state
        assert desk.footer.count("F") == 10
        assert all(cell_len(row) <= size[0] for row in lines)


async def test_the_top_line_says_whose_declarations_these_are() -> None:
    desk = scene()
    async with on_stage(desk):
        top = desk.stage.lines[0]
        assert "1报关单查询下载" in top
        assert "2外贸企业申报" in top
        assert "3生产企业申报" in top
        assert "示例进出口" in top
        assert "卡…0001" in top
        assert "JJ0G9" not in top
        assert "演示" in top
        assert "在线" in top


async def test_offline_is_said_and_what_needs_the_port_says_why_not() -> None:
    desk = scene(online=False)
    async with on_stage(desk) as pilot:
        assert "离线" in desk.stage.lines[0]
        await pilot.press("f5")
        await until_shown(pilot, "同步缓存：当前为离线浏览")
        await pilot.press("r")
        await until_shown(pilot, "重新发往税务总局：当前为离线浏览")
        assert desk.ways.gone == []


async def test_cached_count_and_last_sync_stand_in_the_line_of_state() -> None:
    desk = scene(1234)
    async with on_stage(desk) as pilot:
        await until_shown(pilot, "缓存 1,234 票")
        assert "同步于 今天 09:12" in desk.state


def test_the_last_sync_names_the_day_when_it_was_not_today() -> None:
    def longest(last: datetime | None) -> str:
        return status_forms(CacheStatus(5, last), NOW)[0]

    assert longest(None) == "缓存 5 票 · 还没有同步过"
    assert longest(NOW - timedelta(days=2)).endswith("同步于 06-29 09:30")
    assert longest(datetime(2024, 12, 31, 8, 0, tzinfo=UTC)).endswith("同步于 2024-12-31 08:00")


async def test_warnings_of_the_login_are_said_at_once() -> None:
    desk = scene(warnings=("您的IC卡还有12天到期，请尽快延期!",))
    async with on_stage(desk) as pilot:
        await until_shown(pilot, "! 您的IC卡还有12天到期，请尽快延期!")


async def test_a_long_message_is_shown_whole() -> None:
    desk = scene()
    said = "下载失败：您本次下载的2316条数据，超过了 1000 条的下载上限，请重新设置查询条件进行下载，缩小查询范围"
    async with on_stage(desk) as pilot:
        desk.desk.post_message(Notice(said))
        await until(pilot, lambda: "缩小查询范围" in desk.stage.text)
        assert said in "".join(row.strip() for row in desk.stage.lines).replace("缓存 2,000 票 · 同步于 今天 09:12", "")
        await pilot.press("space")
        await until(pilot, lambda: "缩小查询范围" not in desk.stage.text)
        assert "缓存 2,000 票" in desk.state


async def test_what_the_last_sync_brought_is_not_said_beside_the_next_one() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        desk.clerk.sync_over.set()
        await pilot.press("f5")
        await until_shown(pilot, "✓ 同步完成")
        desk.clerk.sync_over.clear()
        await pilot.press("f5")
        await until_shown(pilot, "停同步")
        assert "同步完成" not in desk.state


async def test_how_far_a_sync_was_is_not_said_beside_what_it_brought() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: desk.clerk.progress is not None)
        assert desk.clerk.progress is not None
        desk.clerk.progress(SyncProgress(36, lists_done=36, details_done=1620, details_total=2000, seconds_left=12.0))
        await until_shown(pilot, "还需 12 秒")
        desk.clerk.status_read.clear()
        desk.clerk.sync_over.set()
        await until_shown(pilot, "✓ 同步完成")
        await until(pilot, lambda: "还需 12 秒" not in desk.state)
        desk.clerk.status_read.set()
        await until_shown(pilot, "缓存 2,000 票")


async def test_f10_is_named_for_where_it_leads() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await until(pilot, lambda: "F10/q退出" in desk.footer)
        await pilot.press("2")
        await until(pilot, lambda: "F10/q返回" in desk.footer)
        await pilot.press("f10")
        await until(pilot, lambda: "F10/q退出" in desk.footer)


async def test_pages_are_turned_and_f10_leads_back_before_it_leads_out() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("2")
        await until_shown(pilot, "外贸企业出口退税申报", "[▸立即前往 ]")
        await pilot.press("3")
        await until_shown(pilot, "生产企业出口退税申报", "[▸立即前往 ]")
        await pilot.press("f10")
        await until(pilot, lambda: desk.table.has_focus)
        await pilot.press("f10")
        await until_shown(pilot, "退出程序，下次须重新登录。", "[▸留下 ]")


@pytest.mark.parametrize("close", ["f10", "q", "escape", "enter"])
async def test_leaving_is_asked_for_and_pressing_on_stays(close: str) -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("q")
        await until_shown(pilot, "[▸留下 ]")
        await pilot.press(close)
        await until(pilot, lambda: desk.stage.screen is desk.desk)
        assert desk.ways.gone == []
        assert desk.table.has_focus


async def test_leaving_says_what_is_cut_off() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("space", "f5", "f10")
        await until_shown(pilot, "选中的 1 票不会保留。", "同步还没有完成，下次同步从断点继续。")
        await pilot.press("right", "enter")
        await until(pilot, lambda: ("leave", None) in desk.ways.gone)


async def test_a_sync_tells_how_far_it_is_and_takes_no_focus() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2", "f5")
        await until(pilot, lambda: desk.clerk.progress is not None)
        assert desk.clerk.progress is not None
        desk.clerk.progress(SyncProgress(36, lists_done=36, details_done=1620, details_total=2000, seconds_left=12.0))
        await until_shown(pilot, "同步详情 ████████░░ 81%", "还需 12 秒")
        assert desk.bar.query_one("LineInput").has_focus
        assert "F5停同步" in desk.footer
        desk.clerk.sync_over.set()
        await until_shown(pilot, "✓ 同步完成：新增 12 票，变更 3 票，未变 1,985 票")
        assert "F5同步" in desk.footer
        assert desk.bar.query_one("LineInput").has_focus


async def test_f5_again_cancels_the_sync() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f5")
        await until_shown(pilot, "F5停同步")
        await pilot.press("f5")
        await until_shown(pilot, "同步已取消", "F5同步")
        await until_said(pilot, "再按 F5 接着取")


async def test_a_sync_that_breaks_off_says_that_it_did_and_how_it_goes_on() -> None:
    desk = scene()
    desk.clerk.sync_problem = Problem("port.unreachable", "无法连接口岸", "请检查网络后重试")
    async with on_stage(desk) as pilot:
        await pilot.press("f5")
        desk.clerk.sync_over.set()
        await until_said(pilot, "! 同步中断：无法连接口岸，请检查网络后重试；再按 F5 接着取")
        assert "F5同步" in desk.footer
        assert desk.stage.notices[-1].problem is desk.clerk.sync_problem


async def test_what_a_sync_brings_is_seen_while_it_runs() -> None:
    desk = scene(3)
    async with on_stage(desk) as pilot:
        await pilot.press("down", "f5")
        await until(pilot, lambda: desk.clerk.changed is not None)
        entry_id = desk.table.entry_id
        desk.clerk.shelf.lines[:0] = scene(30).clerk.shelf.lines[10:]
        assert desk.clerk.changed is not None
        desk.clerk.changed()
        await until_shown(pilot, "/23 票")
        assert desk.table.entry_id == entry_id


async def test_the_last_sync_can_be_looked_at_again() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("y")
        await until_shown(pilot, "登录以来还没有同步过")
        await pilot.press("f5")
        desk.clerk.sync_over.set()
        await until_shown(pilot, "同步完成")
        await pilot.press("y", "m")
        await until(pilot, lambda: [way for way, _ in desk.ways.gone] == ["sync summary", "messages"])


async def test_the_filing_page_shows_the_address_where_no_browser_can_be_seen() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("2")
        await until_shown(pilot, "尚未下载", "128 票", "1,872 票", "本机还没有下载过")
        assert "只来自" not in desk.stage.text
        await pilot.press("enter")
        await until_shown(pilot, "地址  https://filing.example/tax", "请手工复制")
        assert desk.stage.clipboard == "https://filing.example/tax"
        strips = [strip for strip in desk.stage.screen._compositor.render_strips() if "地址" in strip.text]
        links = {segment.style.link for strip in strips for segment in strip if segment.style}
        assert "https://filing.example/tax" in links


async def test_the_filing_page_counts_apart_what_only_files_have_told_of() -> None:
    desk = scene(from_files=2)
    async with on_stage(desk) as pilot:
        await pilot.press("2")
        await until_shown(pilot, "128 票", "2 票只来自导入的文件，口岸没有列出")


async def test_the_filing_page_says_when_a_browser_has_it() -> None:
    desk = scene(by_browser=True)
    async with on_stage(desk) as pilot:
        await pilot.press("3", "f4")
        await until_shown(pilot, "✓ 已在浏览器中打开 https://filing.example/tax")
        assert desk.stage.clipboard == ""


async def test_what_is_not_downloaded_is_one_key_from_the_filing_page() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("2", "f6")
        await until(pilot, lambda: desk.bar.text == "未下载 来源:口岸")
        await until(pilot, lambda: desk.table.has_focus)
        assert desk.clerk.shelf.shown[-1] == "未下载 来源:口岸"


async def test_at_rest_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing blinks, spins or ticks: an SSH line at rest is silent."""
    desk = scene()
    async with on_stage(desk) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: desk.bar.has_focus_within)
        await pilot.pause(0.3)
        drawn: list[object] = []
        monkeypatch.setattr(desk.stage, "_display", lambda *what: drawn.append(what))
        await pilot.pause(1.2)
        assert drawn == []
        await pilot.press("a")
        await until(pilot, lambda: bool(drawn))


async def test_focus_is_always_somewhere_visible() -> None:
    desk = scene()
    async with on_stage(desk) as pilot:
        for keys, focused in (("2", PushButton), ("f10", type(desk.table)), ("f2", None)):
            await pilot.press(keys)
            await pilot.pause()
            widget = desk.desk.focused
            assert widget is not None
            assert widget.region.area
            if focused is not None:
                assert isinstance(widget, focused)
        assert desk.desk.query_one(FilterBar).has_focus_within


async def test_a_sync_is_cancelled_once_however_often_its_key_is_pressed() -> None:
    desk = scene()
    desk.clerk.written_down.clear()
    async with on_stage(desk) as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: desk.clerk.progress is not None)
        await pilot.press("f5", "f5", "f5")
        await until_shown(pilot, "正在取消同步…")
        desk.clerk.written_down.set()
        await until_shown(pilot, "同步已取消：新增 12 票")
