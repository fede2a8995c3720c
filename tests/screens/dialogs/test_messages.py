"""消息记录 and the result of a sync: complete, newest first, and with nothing in them interpreted as markup."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.cells import cell_len

from jiacha_tui.actions.messages import MessageLog
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync_report import SyncSummary
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.sync_summary import SyncSummaryDialog
from tests.app_contexts import NOW
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_shown, until_shown_wrapped
from tests.screens.sample import FIRST

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def messages(shared_session: Session) -> Iterator[MessageLog]:
    """The message log of the session, with a message of each kind."""
    app_context = shared_session.app_context
    messages = MessageLog(lambda: NOW)
    messages.good("已下载 3 个文件，128 票，2.3 MB，用时 9.4 秒，存于 /home/clerk/downloads")
    messages.problem(Problem("port.unreachable", "无法连接出口退税联网稽查系统", "请检查网络后重试"))
    messages.note("[b]退出\x1b[0m请按 F10 或 q")
    shared_session.app_context = replace(app_context, messages=messages)
    yield messages
    shared_session.app_context = app_context


async def test_messages_are_shown_newest_first_with_time_mark_code_and_hint(shared_session: Session) -> None:
    harness = ScreenHarness(MessagesScreen(shared_session))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "消息记录", "[b]退出␛[0m请按 F10 或 q")
        assert "06-30 10:00:00 !" in harness.line_with("port.unreachable")
        assert "请检查网络后重试" in harness.text
        assert harness.text.index("退出") < harness.text.index("无法连接") < harness.text.index("已下载 3 个文件")


async def test_the_journal_follows_with_its_declarations_and_paths(shared_session: Session) -> None:
    journal = shared_session.journal
    journal.write(JournalKind.RESEND, (FIRST,), Outcome.DONE, "1 票报关单重新发往税务总局，发送成功！")
    path = {"path": "/home/clerk/downloads/a.xml"}
    journal.write(JournalKind.DOWNLOAD, (), Outcome.FAILED, "磁盘空间不足", path)
    journal.write(JournalKind.SYNC, (), Outcome.DONE, "同步完成：新增 2,000 票")
    harness = ScreenHarness(MessagesScreen(shared_session))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(
            pilot, "操作记录", "下载失败：磁盘空间不足", "同步完成：新增 2,000 票", "/home/clerk/downloads/a.xml", FIRST
        )
        assert "26-06-30 10:00 !" in harness.line_with("下载失败")
        assert "同步成功" not in harness.text, "nothing is said twice"


async def test_a_log_without_messages_says_so(shared_session: Session) -> None:
    shared_session.app_context = replace(shared_session.app_context, messages=MessageLog(lambda: NOW))
    harness = ScreenHarness(MessagesScreen(shared_session))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "（没有）")


async def test_a_long_log_is_read_to_its_end(shared_session: Session, messages: MessageLog) -> None:
    for number in range(60):
        messages.note(f"第 {number} 条消息，" + "很长的话，" * 20)
    harness = ScreenHarness(MessagesScreen(shared_session))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 59 条消息", "第 1–")
        await pilot.press("G")
        await until_shown(pilot, "操作记录", "登录成功：在线登录")


@pytest.mark.asyncio(loop_scope="function")
async def test_the_messages_are_shown_although_the_journal_cannot_be_read(session: Session) -> None:
    session.app_context.messages.note("还没有登录")
    session.cache.close()
    harness = ScreenHarness(MessagesScreen(session))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown_wrapped(pilot, "缓存已关闭", "还没有登录")


@pytest.mark.parametrize("key", ["escape", "q", "f10"])
async def test_the_log_closes_with_every_key_that_closes(shared_session: Session, key: str) -> None:
    harness = ScreenHarness(MessagesScreen(shared_session))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "消息记录")
        await pilot.press(key)
        await until(pilot, lambda: harness.results == [None])


async def test_a_sync_is_summed_up_with_its_numbers_right_aligned() -> None:
    harness = ScreenHarness(SyncSummaryDialog(SyncSummary(1234, 5, 67, 1239, 0, cancelled=False, seconds=192.0)))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "同步完成，用时 3 分 12 秒")
        rows = [harness.line_with(words) for words in ("口岸上新出现的", "海关改单", "与缓存一致", "表头和表体")]
        assert len({cell_len(row[: row.index(" 票")]) for row in rows}) == 1
        assert "1,234 票" in harness.text
        assert "未取到" not in harness.text
        await pilot.press("enter")
        await until(pilot, lambda: harness.results == [None])


async def test_a_sync_says_what_the_port_no_longer_lists_and_what_it_lists_again() -> None:
    summary = SyncSummary(1, 0, 0, 0, 0, cancelled=False, seconds=1.0, delisted=4, relisted=2, unconfirmed=12)
    harness = ScreenHarness(SyncSummaryDialog(summary))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "没有取全", "再按 F5 会重新读那些清单")
        assert "4 票  口岸的清单里没有" in harness.line_with("不再列出  ")
        assert "2 票  口岸又列出了" in harness.line_with("重新列出")
        assert "12 票  清单里少了" in harness.line_with("没有核实  ")


@pytest.mark.parametrize(
    ("summary", "advice"),
    [
        (SyncSummary(1, 0, 0, 0, 0, cancelled=True, seconds=1.0), "再按 F5 从停下的地方继续"),
        (SyncSummary(1, 0, 0, 0, 3, cancelled=False, seconds=1.0), "再按 F5 会重新取"),
    ],
    ids=["cancelled", "details missing"],
)
async def test_a_sync_that_is_not_complete_says_how_to_go_on(summary: SyncSummary, advice: str) -> None:
    harness = ScreenHarness(SyncSummaryDialog(summary))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown_wrapped(pilot, advice)
