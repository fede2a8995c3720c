"""The main screen as a whole: what its bars say, its tabs, the sync, and the way out."""

import asyncio
import gc
import webbrowser
from contextlib import ExitStack
from datetime import datetime, timedelta

import httpx
import pytest
from rich.cells import cell_len

from db.list_checkpoints import SyncRecord
from jiacha_tui.actions.session import CacheStatus, Session
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from jiacha_tui.demo.faulty_port import FaultyPort
from jiacha_tui.eport.problems import PortUnreachable
from screens.commands.notice import Notice
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.sync_summary import SyncSummaryDialog
from screens.main.declarations_tab import DeclarationsTab
from screens.main.filter_bar import FilterBar
from screens.main.main_screen import status_forms
from screens.widgets.push_button import PushButton
from tests.app_contexts import NOW
from tests.recording_transport import DETAIL, LIST, RecordingTransport
from tests.screens.harness import SMALLEST, WIDE, until, until_shown, until_shown_wrapped
from tests.screens.held_calls import HeldCalls
from tests.screens.main_app import MainApp
from tests.screens.sample_cache import AT_PORT, DECLARATIONS, NOT_DOWNLOADED, SampleSessions, declaration

SIZES = [SMALLEST, WIDE, (100, 30), (160, 50)]
ALL = f"{DECLARATIONS:,} 票"
SYNCED = f"✓ 同步完成：新增 {AT_PORT} 票，变更 0 票，未变 0 票"


@pytest.fixture
def syncing(sessions: SampleSessions) -> MainApp:
    """A main screen whose cache may be changed by a sync."""
    return MainApp(sessions.own())


def hold(transport: RecordingTransport, call: str, number: int) -> asyncio.Event:
    """Holds the request `number` of this kind, and all later ones of the kind, until the event is set."""
    released = asyncio.Event()
    transport.run_at_request(call, number, released.wait)
    return released


@pytest.mark.parametrize("size", SIZES)
async def test_at_every_size_the_table_has_the_room_and_nothing_is_cut(app: MainApp, size: tuple[int, int]) -> None:
    async with app.running(size):
        assert len(app.lines) == size[1]
        assert sum(row.startswith(("   2233", "▸  2233")) for row in app.lines) == size[1] - 5
        assert "…" not in app.footer + app.status
        assert app.footer.count("F") == 10
        assert all(cell_len(row) <= size[0] for row in app.lines)


async def test_a_status_that_is_read_again_before_the_first_read_starts_is_read_once(
    app: MainApp, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    reads = HeldCalls(monkeypatch, Session, "cache_status")
    async with app.running() as pilot:
        await until(pilot, lambda: "缓存" in app.status)
        reads.calls.clear()
        for _ in range(3):
            app.main.post_message(DeclarationsTab.CacheChanged())
        await until(pilot, lambda: bool(reads.calls))
        await pilot.pause()
    gc.collect()
    assert len(reads.calls) == 1
    assert [warning for warning in recwarn if "never awaited" in str(warning.message)] == []


async def test_the_tab_bar_says_whose_declarations_these_are(app: MainApp) -> None:
    async with app.running():
        top = app.lines[0]
        for text in ("1报关单查询下载", "2外贸企业申报", "3生产企业申报", "示例进出口", "卡…0001", "演示", "在线"):
            assert text in top
        assert "JJ0G9" not in top


async def test_offline_is_said_and_commands_that_need_the_port_say_why_they_are_disabled(
    sessions: SampleSessions,
) -> None:
    app = MainApp(sessions.read_only(online=False))
    async with app.running() as pilot:
        assert "离线" in app.lines[0]
        await pilot.press("f5")
        await until_shown(pilot, "同步缓存：当前为离线浏览")
        await pilot.press("r")
        await until_shown(pilot, "重新发往税务总局：当前为离线浏览")
        assert app.is_at_main_screen


async def test_the_status_bar_shows_the_cached_count_and_the_last_sync(app: MainApp) -> None:
    async with app.running() as pilot:
        await until_shown(pilot, f"缓存 {ALL}")
        assert "同步于 今天 09:42" in app.status


def test_the_last_sync_is_named_with_its_day_unless_that_is_today() -> None:
    def longest(last: datetime, *, is_complete: bool = True) -> str:
        return status_forms(CacheStatus(5, SyncRecord(last, is_complete)), NOW)[0]

    assert status_forms(CacheStatus(0, None), NOW)[0] == "缓存 0 票 · 还没有同步过"
    assert status_forms(CacheStatus(5, None), NOW)[0] == "缓存 5 票 · 还没有完整同步过"
    assert longest(NOW - timedelta(days=2)).endswith("同步于 06-28 10:00")
    assert longest(NOW.replace(year=2025, month=12, day=31)).endswith("同步于 2025-12-31 10:00")
    assert longest(NOW, is_complete=False).endswith("! 同步于 今天 10:00（不完整）")


def test_every_form_of_the_status_says_that_the_last_sync_was_not_complete() -> None:
    forms = status_forms(CacheStatus(5, SyncRecord(NOW, is_complete=False)), NOW)
    assert all("!" in form for form in forms)


async def test_a_sync_that_is_not_complete_is_marked_in_the_status_bar_and_names_the_last_complete_one(
    syncing: MainApp, sessions: SampleSessions
) -> None:
    not_found = PortFault(FaultKind.NOT_FOUND, CallKind.DETAIL, 1, 1)
    sessions.transport.port = httpx.ASGITransport(FaultyPort(sessions.demo.application, [not_found]))
    async with syncing.running() as pilot:
        await pilot.press("f5")
        await until_shown_wrapped(pilot, "! 同步结束，没有取全")
        await until_shown(pilot, "（不完整）")
        await pilot.press("y")
        await until_shown(pilot, "这次没有取全；上次完整同步")


async def test_warnings_of_the_login_are_shown_at_once(sessions: SampleSessions) -> None:
    app = MainApp(sessions.read_only(warnings=("您的IC卡还有12天到期，请尽快延期!",)))
    async with app.running() as pilot:
        await until_shown(pilot, "! 您的IC卡还有12天到期，请尽快延期!")


async def test_what_the_login_has_found_is_asked_about_until_it_is_confirmed(sessions: SampleSessions) -> None:
    session = sessions.own()
    for text in ("缓存比上次旧。缺少：3 条操作记录", "缓存的状态文件不见了"):
        session.journal.write(JournalKind.CACHE, (), Outcome.FAILED, text, needs_confirmation=True)
    session.unconfirmed = tuple(session.journal.unconfirmed())
    app = MainApp(session)
    async with app.running() as pilot:
        await until_shown(pilot, "缺少：3 条操作记录")
        await pilot.press("right", "enter")
        await until_shown(pilot, "缓存的状态文件不见了")
        await pilot.press("enter")  # 下次再提醒
        await until(pilot, lambda: app.is_at_main_screen)
        assert [entry.message for entry in session.journal.unconfirmed()] == ["缓存的状态文件不见了"]


async def test_a_long_message_is_shown_whole_until_the_next_command(app: MainApp) -> None:
    message = "下载失败：您本次下载的2316条数据，超过了 1000 条的下载上限，请重新设置查询条件进行下载，缩小查询范围"
    async with app.running() as pilot:
        await until_shown(pilot, f"缓存 {ALL}")
        app.main.post_message(Notice(message))
        await until_shown_wrapped(pilot, message)
        await pilot.press("space")
        await until(pilot, lambda: "缩小查询范围" not in app.text)
        assert f"缓存 {ALL}" in app.status


async def test_the_result_of_a_sync_is_gone_when_the_next_one_starts(
    syncing: MainApp, sessions: SampleSessions
) -> None:
    async with syncing.running() as pilot:
        await pilot.press("f5")
        await until_shown(pilot, SYNCED)
        hold(sessions.transport, LIST, 1)
        await pilot.press("f5")
        await until_shown(pilot, "停同步")
        assert "同步完成" not in syncing.status


async def test_the_progress_of_a_sync_is_gone_when_its_result_is_shown(
    syncing: MainApp, sessions: SampleSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = HeldCalls(monkeypatch, Session, "cache_status")
    last_details = hold(sessions.transport, DETAIL, AT_PORT - 2)
    async with syncing.running() as pilot:
        await pilot.press("f5")
        await until_shown(pilot, "同步详情")
        statuses.hold()
        last_details.set()
        await until_shown(pilot, "✓ 同步完成")
        await until(pilot, lambda: "同步详情" not in syncing.status)
        statuses.release()
        await until_shown(pilot, f"缓存 {AT_PORT:,} 票")  # The port does not list the invented ones.


async def test_f10_is_labelled_with_where_it_leads(app: MainApp) -> None:
    async with app.running() as pilot:
        await until(pilot, lambda: "F10/q退出" in app.footer)
        await pilot.press("2")
        await until(pilot, lambda: "F10/q返回" in app.footer)
        await pilot.press("f10")
        await until(pilot, lambda: "F10/q退出" in app.footer)


async def test_f10_leads_from_the_other_tabs_to_the_first_and_from_there_out(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("2")
        await until_shown(pilot, "  外贸企业申报\n", "[▸立即前往 ]")
        await pilot.press("3")
        await until_shown(pilot, "  生产企业申报\n", "[▸立即前往 ]")
        await pilot.press("f10")
        await until(pilot, lambda: app.table.has_focus)
        await pilot.press("f10")
        await until_shown(pilot, "退出程序，下次须重新登录。", "[▸留下 ]")


@pytest.mark.parametrize("close", ["f10", "q", "escape", "enter"])
async def test_leaving_is_confirmed_first_and_the_first_answer_is_to_stay(app: MainApp, close: str) -> None:
    async with app.running() as pilot:
        await pilot.press("q")
        await until_shown(pilot, "[▸留下 ]")
        await pilot.press(close)
        await until(pilot, lambda: app.is_at_main_screen)
        assert app.table.has_focus


async def test_leaving_says_what_is_lost(syncing: MainApp, sessions: SampleSessions) -> None:
    hold(sessions.transport, LIST, 1)
    async with syncing.running() as pilot:
        await pilot.press("space", "f5", "f10")
        await until_shown(pilot, "选中的 1 票不会保留。", "同步还没有完成，下次同步从断点继续。")
        await pilot.press("right", "enter")
        await until(pilot, lambda: syncing.return_code == 0)


async def test_a_sync_shows_its_progress_and_takes_no_focus(syncing: MainApp, sessions: SampleSessions) -> None:
    last_details = hold(sessions.transport, DETAIL, AT_PORT - 2)
    async with syncing.running() as pilot:
        await pilot.press("f2", "f5")
        await until_shown(pilot, "同步详情 █", f"/{AT_PORT} 票")
        assert syncing.bar.query_one("LineInput").has_focus
        assert "F5停同步" in syncing.footer
        last_details.set()
        await until_shown(pilot, SYNCED)
        assert "F5同步" in syncing.footer
        assert syncing.bar.query_one("LineInput").has_focus


async def test_f5_again_cancels_the_sync(syncing: MainApp, sessions: SampleSessions) -> None:
    hold(sessions.transport, LIST, 2)
    async with syncing.running() as pilot:
        await pilot.press("f5")
        await until_shown(pilot, "F5停同步")
        await pilot.press("f5")
        await until_shown(pilot, "同步已取消", "F5同步")
        await until_shown_wrapped(pilot, "再按 F5 接着取")


async def test_while_a_sync_runs_the_help_of_its_key_is_about_stopping_it(
    syncing: MainApp, sessions: SampleSessions
) -> None:
    hold(sessions.transport, LIST, 1)
    async with syncing.running() as pilot:
        await pilot.press("f5")
        await until_shown(pilot, "F5停同步")
        await pilot.press("f1")
        await until_shown_wrapped(pilot, "取消同步：停下正在进行的同步；已取得的都在缓存里")


async def test_a_sync_that_fails_says_so_and_how_to_continue(syncing: MainApp, sessions: SampleSessions) -> None:
    def unreachable(path: str) -> None:
        if path.endswith(LIST):
            raise httpx.ConnectError("no route")

    sessions.transport.before = unreachable
    problem = PortUnreachable()
    async with syncing.running() as pilot:
        await pilot.press("f5")
        await until_shown_wrapped(pilot, f"! 同步中断：{problem.message}", "；再按 F5 接着取")
        assert "F5同步" in syncing.footer
        assert isinstance(syncing.notices[-1].problem, PortUnreachable)


async def test_new_declarations_are_shown_while_the_sync_runs(syncing: MainApp, sessions: SampleSessions) -> None:
    hold(sessions.transport, DETAIL, 1)
    async with syncing.running() as pilot:
        await pilot.press("down", "f5")
        current = syncing.table.entry_id
        await until(pilot, lambda: len(syncing.table.view or ()) > DECLARATIONS)
        assert "停同步" in syncing.footer
        assert syncing.table.entry_id == current


async def test_the_result_of_the_last_sync_can_be_shown_again(syncing: MainApp) -> None:
    async with syncing.running() as pilot:
        await pilot.press("y")
        await until_shown(pilot, "登录以来还没有同步过")
        await pilot.press("f5")
        await until_shown(pilot, "同步完成")
        await pilot.press("y")
        await until(pilot, lambda: isinstance(syncing.screen, SyncSummaryDialog))
        await pilot.press("f10", "m")
        await until(pilot, lambda: isinstance(syncing.screen, MessagesScreen))


async def test_the_filing_tab_shows_the_address_where_no_browser_can_be_seen(
    app: MainApp, sample_session: Session
) -> None:
    address = sample_session.app_context.config.filing.foreign_trade_url
    async with app.running() as pilot:
        await pilot.press("2")
        counts = (f"{NOT_DOWNLOADED} 票", f"{DECLARATIONS - NOT_DOWNLOADED:,} 票")
        await until_shown(pilot, "尚未下载", *counts, "本机还没有下载过")
        assert "只来自" not in app.text
        await pilot.press("enter")
        await until_shown(pilot, f"地址  {address}", "请手工复制")
        assert app.clipboard == address
        strips = [strip for strip in app.screen._compositor.render_strips() if "地址" in strip.text]
        links = {segment.style.link for strip in strips for segment in strip if segment.style}
        assert address in links


async def test_the_filing_tab_counts_declarations_of_imported_files_apart(sessions: SampleSessions) -> None:
    session = sessions.own()
    imported = [declaration(DECLARATIONS + number) for number in range(2)]
    session.declarations.put_imported(imported)
    app = MainApp(session)
    async with app.running() as pilot:
        await pilot.press("2")
        await until_shown(pilot, f"{NOT_DOWNLOADED} 票", "2 票只来自导入的文件，口岸没有列出")


class Browser(webbrowser.BaseBrowser):
    """A browser that notes what it is to show."""

    def __init__(self) -> None:
        super().__init__("test")
        self.shown: list[str] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.shown.append(url)
        return True


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The preferred browser, on a display of this machine."""
    browser = Browser()
    monkeypatch.setattr(webbrowser, "_tryorder", [])
    monkeypatch.setattr(webbrowser, "_browsers", {})
    webbrowser.register("test", None, browser)
    monkeypatch.setenv("DISPLAY", ":0")
    return browser


async def test_the_filing_tab_says_that_a_browser_was_opened(
    app: MainApp, sample_session: Session, browser: Browser
) -> None:
    address = sample_session.app_context.config.filing.manufacturer_url
    async with app.running() as pilot:
        await pilot.press("3", "f4")
        await until_shown(pilot, f"✓ 已在浏览器中打开 {address}")
        assert browser.shown == [address]
        assert app.clipboard == ""


async def test_one_key_leads_from_the_filing_tab_to_what_is_not_downloaded(app: MainApp) -> None:
    async with app.running() as pilot:
        await pilot.press("2", "f6")
        await until(pilot, lambda: app.bar.text == "未下载 来源:口岸")
        await until(pilot, lambda: app.table.has_focus)
        await until_shown(pilot, f"/{NOT_DOWNLOADED} 票")


async def test_at_rest_nothing_is_drawn(app: MainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing blinks, spins or ticks: an SSH connection carries nothing while nothing happens."""
    async with app.running() as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: app.bar.has_focus_within)
        await pilot.pause(0.3)
        drawn: list[object] = []
        monkeypatch.setattr(app, "_display", lambda *what: drawn.append(what))
        await pilot.pause(1.2)
        assert drawn == []
        await pilot.press("a")
        await until(pilot, lambda: bool(drawn))


async def test_the_focus_is_always_on_a_visible_widget(app: MainApp) -> None:
    async with app.running() as pilot:
        for keys, focused in (("2", PushButton), ("f10", type(app.table)), ("f2", None)):
            await pilot.press(keys)
            await pilot.pause()
            widget = app.main.focused
            assert widget is not None
            assert widget.region.area
            if focused is not None:
                assert isinstance(widget, focused)
        assert app.main.query_one(FilterBar).has_focus_within


async def test_a_sync_is_cancelled_once_however_often_its_key_is_pressed(sessions: SampleSessions) -> None:
    """A second cancellation would cut off the journal entry that the first one still writes."""
    session = sessions.own()
    app = MainApp(session)
    asked_for_list = hold(sessions.transport, LIST, 1)
    async with app.running() as pilot:
        await pilot.press("f5")
        await until(pilot, lambda: sessions.transport.count(LIST) == 1)
        with ExitStack() as other_writer:
            other_writer.enter_context(session.cache.write_cursor())
            await pilot.press("f5", "f5", "f5")
            await until_shown(pilot, "正在取消同步…")
        await until_shown(pilot, "同步已取消：新增 0 票")
    assert not asked_for_list.is_set()
