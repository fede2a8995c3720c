"""The resend dialog: it lists the declarations, sends once after a confirmation, and shows the result."""

import asyncio
from datetime import timedelta

import pytest

from db.outbox import Outbox, ResendState
from jiacha_tui.actions.resend import NOTE, ResendOutcome
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_date, format_money
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.demo.demo import Demo
from screens.dialogs.resend import ResendDialog
from tests.actions.conftest import show_view
from tests.app_contexts import NOW
from tests.recording_transport import RecordingTransport, lose_connection
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_shown, until_shown_wrapped
from tests.screens.sample import FIRST, declaration

SEND = "send1"


@pytest.fixture
async def entry_ids(session: Session) -> tuple[str, ...]:
    """Three declarations of the port."""
    return tuple(row.entry_id for row in (await show_view(session, "2026-06")).first[:3])


@pytest.fixture
def harness(session: Session, entry_ids: tuple[str, ...]) -> ScreenHarness[ResendOutcome | None]:
    """The dialog for the three declarations."""
    return ScreenHarness(ResendDialog(session, entry_ids))


def add_earlier_resend(session: Session, entry_id: str, state: ResendState, *, days_ago: int = 0) -> None:
    outbox = Outbox(session.cache, lambda: NOW - timedelta(days=days_ago))
    outbox.record_answer(outbox.put((entry_id,)), state)


async def test_the_confirmation_lists_every_declaration_with_its_amount_and_its_earlier_resend(
    session: Session, entry_ids: tuple[str, ...], harness: ScreenHarness[ResendOutcome | None]
) -> None:
    add_earlier_resend(session, entry_ids[1], ResendState.SENT, days_ago=5)
    add_earlier_resend(session, entry_ids[2], ResendState.UNKNOWN)
    rows = session.declarations.summaries(entry_ids)
    amounts = [format_money(row.usd_amount) for row in rows]
    widest = max(map(len, amounts))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "将向税务总局重发 3 票：", "[ 重发 3 票 ]", *entry_ids)
        for row, amount, note in zip(rows, amounts, ("", "  5 天前已重发过", "  上次重发结果未知"), strict=True):
            line = f"{row.entry_id}  {format_date(row.exported_on)}  {amount:>{widest}}{note}"
            assert line in harness.line_with(row.entry_id)
        assert "重发 3-5 个工作日后再联系当地税务局查询。" in harness.text
        assert "[▸取消 ]   [ 重发 3 票 ]" in harness.text, "the safe button comes first and has the focus"


@pytest.mark.parametrize("key", ["enter", "escape", "q", "f10"])
async def test_closing_the_dialog_without_a_confirmation_sends_nothing(
    harness: ScreenHarness[ResendOutcome | None], transport: RecordingTransport, key: str
) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "重发 3 票")
        await pilot.press(key)
        await until(pilot, lambda: harness.results == [None])
    assert transport.count(SEND) == 0


async def test_a_confirmed_resend_is_sent_once_and_its_success_is_shown_with_the_note(
    harness: ScreenHarness[ResendOutcome | None],
    entry_ids: tuple[str, ...],
    transport: RecordingTransport,
    demo: Demo,
) -> None:
    gate = asyncio.Event()
    transport.run_at_request(SEND, 1, gate.wait)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "重发 3 票")
        await pilot.press("right", "enter", "enter", "enter")
        await until_shown(pilot, "正在发送，请等待答复")
        await pilot.press("escape")
        await until_shown(pilot, "正在发送，要等到答复，不能取消")
        assert "取消 ]" not in harness.text, "there is no button that does nothing"
        assert harness.results == []
        gate.set()
        await until_shown(pilot, "✓ 3 票报关单重新发往税务总局，发送成功！", NOTE, "[▸关闭 ]")
        await pilot.press("enter")
        await until(pilot, lambda: bool(harness.results))
    (outcome,) = harness.results
    assert outcome is not None
    assert outcome.outcome is Outcome.DONE
    assert sorted(entry_id for entry_id, _at in demo.store.resends()) == sorted(entry_ids)
    assert any("发送成功" in notice.text for notice in harness.notices), "the message log keeps it"


async def outcome_after(harness: ScreenHarness[ResendOutcome | None], *texts: str) -> ResendOutcome:
    """Confirms the resend and closes the dialog once it shows `texts`. What the dialog was closed with."""
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "[ 重发 ")
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, *texts)
        assert "[ 重发 " not in harness.text, "nothing is sent a second time automatically"
        await pilot.press("f10")
        await until(pilot, lambda: bool(harness.results))
    (outcome,) = harness.results
    assert outcome is not None
    return outcome


async def test_a_resend_answered_with_a_refusal_is_unknown_and_says_why(session: Session, demo: Demo) -> None:
    session.declarations.put_details([declaration(FIRST)])  # the port does not know this number
    harness = ScreenHarness(ResendDialog(session, (FIRST,)))
    outcome = await outcome_after(harness, "! 结果未知：请求已发出，服务器的答复：", "请先核实结果，不要立即重复操作")
    assert outcome.outcome is Outcome.UNKNOWN
    assert demo.store.resends() == ()


async def test_a_resend_without_an_answer_is_shown_as_unknown_with_what_to_do(
    harness: ScreenHarness[ResendOutcome | None], transport: RecordingTransport
) -> None:
    transport.after = lose_connection(SEND)
    outcome = await outcome_after(
        harness, "! 结果未知：请求已发出，但没有收到可以确认的答复", "请先核实结果，不要立即重复操作"
    )
    assert outcome.outcome is Outcome.UNKNOWN


async def test_an_unknown_result_can_be_marked_as_checked_without_sending_anything(
    session: Session,
    harness: ScreenHarness[ResendOutcome | None],
    entry_ids: tuple[str, ...],
    transport: RecordingTransport,
) -> None:
    add_earlier_resend(session, entry_ids[2], ResendState.UNKNOWN)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "[▸取消 ]   [ 重发 3 票 ]   [ 已核对 1 票，不发 ]")
        await pilot.press("right", "right", "enter")
        await until(pilot, lambda: harness.results == [None])
    assert not session.outbox.unresolved(entry_ids)
    assert transport.count(SEND) == 0
    assert any("1 票" in notice.text and "已核对" in notice.text for notice in harness.notices)


async def test_without_an_unknown_result_nothing_can_be_marked(
    harness: ScreenHarness[ResendOutcome | None],
) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "重发 3 票 ]")
        assert "已核对" not in harness.text


async def test_a_mark_that_cannot_be_stored_is_shown_and_the_dialog_stays_open(
    session: Session, harness: ScreenHarness[ResendOutcome | None], entry_ids: tuple[str, ...]
) -> None:
    add_earlier_resend(session, entry_ids[2], ResendState.UNKNOWN)
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "已核对 1 票，不发 ]")
        session.cache.close()
        await pilot.press("right", "right", "enter")
        await until_shown_wrapped(pilot, "本机缓存已关闭", "请重新登录")
        await pilot.press("f10")
        await until(pilot, lambda: harness.results == [None])


async def test_more_than_ten_are_refused_with_the_rule(session: Session, transport: RecordingTransport) -> None:
    eleven = [row.entry_id for row in (await show_view(session, "")).first[:11]]
    harness = ScreenHarness(ResendDialog(session, eleven))
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown_wrapped(pilot, "一次最多选择 10 条报关单数据", "现在选择了 11 条", "batch.too-large")
        await pilot.press("enter")
        await until(pilot, lambda: harness.results == [None])
    assert transport.count(SEND) == 0


async def test_a_session_that_went_offline_sends_nothing_and_says_so(
    session: Session, harness: ScreenHarness[ResendOutcome | None], transport: RecordingTransport
) -> None:
    async with harness.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "重发 3 票")
        session.port = None
        await pilot.press("right", "enter")
        await until_shown_wrapped(pilot, "没有重发：当前为离线浏览，不能连接口岸", "联网后重新登录")
        await pilot.press("f10")
        await until(pilot, lambda: harness.results == [None])
    assert transport.count(SEND) == 0
