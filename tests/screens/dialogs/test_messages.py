"""消息记录 and the result of a sync: whole, newest first, and nothing in them is obeyed."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from jiacha_tui.actions.messages import Message, MessageLog
from jiacha_tui.actions.sync import SyncSummary
from jiacha_tui.declaration.journal import JournalEntry, JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from screens.dialogs.messages import MessagesScreen
from screens.dialogs.sync_summary import SyncSummaryDialog
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_said, until_shown
from tests.screens.sample import FIRST, journal_entry

MORNING = datetime(2026, 11, 23, 1, 15, tzinfo=UTC)


def log() -> MessageLog:
    messages = MessageLog(lambda: MORNING)
    messages.good("已下载 3 个文件，128 票，2.3 MB，用时 9.4 秒，存于 /home/clerk/downloads")
    messages.problem(Problem("port.unreachable", "无法连接出口退税联网稽查系统", "请检查网络后重试"))
    messages.note("[b]退出\x1b[0m请按 F10 或 q")
    return messages


async def test_messages_are_shown_newest_first_with_time_mark_code_and_what_to_do() -> None:
    stage = ScreenHarness(MessagesScreen(log().all()))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "消息记录", "[b]退出␛[0m请按 F10 或 q")
        assert "11-23 09:15:00 !" in stage.line_with("port.unreachable")
        assert "请检查网络后重试" in stage.text
        assert stage.text.index("退出") < stage.text.index("无法连接") < stage.text.index("已下载 3 个文件")
        assert "操作记录" not in stage.text


async def test_the_journal_follows_with_its_declarations_and_paths() -> None:
    download = JournalEntry(
        id=2,
        at=MORNING,
        kind=JournalKind.DOWNLOAD,
        outcome=Outcome.FAILED,
        message="磁盘空间不足",
        detail={"path": "/home/clerk/downloads/a.xml"},
    )

    synced = JournalEntry(
        id=3, at=MORNING, kind=JournalKind.SYNC, outcome=Outcome.DONE, message="同步完成：新增 2,000 票"
    )

    async def journal() -> Sequence[JournalEntry]:
        return (synced, download, journal_entry())

    stage = ScreenHarness(MessagesScreen((), journal))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(
            pilot, "操作记录", "下载失败：磁盘空间不足", "同步完成：新增 2,000 票", "/home/clerk/downloads/a.xml", FIRST
        )
        assert "26-11-23 09:15 !" in stage.line_with("下载失败")
        assert "同步成功" not in stage.text, "nothing is said twice"
        assert "（没有）" in stage.text


async def test_a_long_log_is_read_to_its_end() -> None:
    messages = MessageLog(lambda: MORNING)
    for number in range(60):
        messages.note(f"第 {number} 条消息，" + "很长的话，" * 20)
    stage = ScreenHarness(MessagesScreen(messages.all()))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "第 59 条消息", "第 1–")
        await pilot.press("G")
        await until_shown(pilot, "第 0 条消息")


async def test_a_journal_that_cannot_be_read_leaves_the_messages() -> None:
    async def journal() -> Sequence[JournalEntry]:
        raise Problem("cache.damaged", "本机缓存已损坏", "请删除后重新同步")

    stage = ScreenHarness(MessagesScreen(log().all(), journal))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_said(pilot, "本机缓存已损坏，请删除后重新同步", "无法连接出口退税联网稽查系统")


@pytest.mark.parametrize("key", ["escape", "q", "f10"])
async def test_the_log_closes_with_every_key_that_closes(key: str) -> None:
    messages: tuple[Message, ...] = ()
    stage = ScreenHarness(MessagesScreen(messages))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "消息记录")
        await pilot.press(key)
        await until(pilot, lambda: stage.results == [None])


async def test_a_sync_is_summed_up_with_its_figures_under_each_other() -> None:
    stage = ScreenHarness(SyncSummaryDialog(SyncSummary(1234, 5, 67, 1239, 0, cancelled=False, seconds=192.0)))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "同步完成，用时 3 分 12 秒")
        rows = [stage.line_with(words) for words in ("口岸上新出现的", "海关改单", "与缓存一致", "表头和表体")]
        assert len({cell_len(row[: row.index(" 票")]) for row in rows}) == 1
        assert "1,234 票" in stage.text
        assert "未取到" not in stage.text
        await pilot.press("enter")
        await until(pilot, lambda: stage.results == [None])


async def test_a_cancelled_sync_says_that_nothing_is_lost_and_a_failed_detail_how_to_get_it() -> None:
    for summary, advice in (
        (SyncSummary(1, 0, 0, 0, 0, cancelled=True, seconds=1.0), "再按 F5 从停下的地方继续"),
        (SyncSummary(1, 0, 0, 0, 3, cancelled=False, seconds=1.0), "再按 F5 会重新取"),
    ):
        stage = ScreenHarness(SyncSummaryDialog(summary))
        async with stage.run_test(size=SMALLEST) as pilot:
            await until_said(pilot, advice)
