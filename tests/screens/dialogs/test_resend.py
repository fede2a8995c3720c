"""The resend dialog over played actions: it lists, asks once, and says what is known of the end."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import pytest

from jiacha_tui.actions.resend import NOTE, ResendCandidate, ResendOutcome, ResendProposal
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.rules import BatchOperation, BatchTooLarge
from screens.dialogs.resend import ResendDialog, Resending
from tests.screens.harness import SMALLEST, ScreenHarness, until, until_said, until_shown
from tests.screens.sample import FIRST, SECOND, THIRD

LINES = (
    ResendCandidate(SECOND, date(2025, 6, 29), Decimal("120450.50"), ""),
    ResendCandidate(FIRST, date(2025, 6, 29), Decimal(8020), "5 天前已重发过"),
    ResendCandidate(THIRD, None, None, "上次重发结果未知"),
)
SENT = ResendOutcome(Outcome.DONE, "3 票报关单重新发往税务总局，发送成功！", NOTE)
REFUSED = ResendOutcome(Outcome.REFUSED, "卡介质已列入黑名单", "请联系发卡单位")
UNKNOWN = ResendOutcome(Outcome.UNKNOWN, "请求已发出，但没有收到答复，结果未知", "请先查询确认结果，不要立即重复操作")


@dataclass
class TaxBureau:
    """Plays both actions: `outcome` is how a resend ends, `gate` holds the answer back until it is set."""

    outcome: ResendOutcome | Problem = SENT
    refusal: Problem | None = None
    gate: asyncio.Event | None = None
    lines: tuple[ResendCandidate, ...] = LINES
    sent: list[tuple[str, ...]] = field(default_factory=list)
    settled: list[tuple[str, ...]] = field(default_factory=list)

    async def propose(self) -> ResendProposal:
        if self.refusal is not None:
            raise self.refusal
        return ResendProposal(self.lines)

    async def send(self, proposal: ResendProposal) -> ResendOutcome:
        self.sent.append(proposal.entry_ids)
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.outcome, Problem):
            raise self.outcome
        return self.outcome

    async def settle(self, proposal: ResendProposal) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.settled.append(proposal.unknown_ids)


def stage_for(bureau: TaxBureau) -> ScreenHarness[ResendOutcome | None]:
    return ScreenHarness(ResendDialog(Resending(bureau.propose, bureau.send, bureau.settle)))


async def test_the_confirmation_lists_every_declaration_with_its_amount_and_its_earlier_resend() -> None:
    stage = stage_for(TaxBureau())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "将向税务总局重发 3 票：")
        assert "310120250000147213  2025-06-29  120,450.50" in stage.line_with(SECOND)
        assert "223320250000012345  2025-06-29    8,020.00  5 天前已重发过" in stage.line_with(FIRST)
        assert "上次重发结果未知" in stage.line_with(THIRD)
        assert "重发 3-5 个工作日后再联系当地税务局查询。" in stage.text
        assert "[▸取消 ]   [ 重发 3 票 ]" in stage.text, "the safe button comes first and has the focus"


@pytest.mark.parametrize("key", ["enter", "escape", "q", "f10"])
async def test_not_confirming_sends_nothing(key: str) -> None:
    bureau = TaxBureau()
    stage = stage_for(bureau)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "重发 3 票")
        await pilot.press(key)
        await until(pilot, lambda: stage.results == [None])
    assert bureau.sent == []


async def test_a_confirmed_resend_is_sent_once_and_its_success_is_said_with_the_note() -> None:
    bureau = TaxBureau(gate=asyncio.Event())
    stage = stage_for(bureau)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "重发 3 票")
        await pilot.press("right", "enter", "enter", "enter")
        await until_shown(pilot, "正在发送，请等待答复")
        await pilot.press("escape")
        await until_shown(pilot, "正在发送，要等到答复，不能取消")
        assert "取消 ]" not in stage.text, "there is no button that does nothing"
        assert stage.results == []
        assert bureau.gate is not None
        bureau.gate.set()
        await until_shown(pilot, "✓ 3 票报关单重新发往税务总局，发送成功！", NOTE, "[▸关闭 ]")
        await pilot.press("enter")
        await until(pilot, lambda: stage.results == [SENT])
    assert bureau.sent == [(SECOND, FIRST, THIRD)]
    assert any("发送成功" in notice.text for notice in stage.notices), "the message log keeps it"


@pytest.mark.parametrize(
    ("outcome", "verdict"), [(REFUSED, "! 没有重发：卡介质已列入黑名单"), (UNKNOWN, "! 结果未知：请求已发出")]
)
async def test_refused_and_unknown_are_told_apart_with_what_to_do(outcome: ResendOutcome, verdict: str) -> None:
    bureau = TaxBureau(outcome)
    stage = stage_for(bureau)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "重发 3 票")
        await pilot.press("right", "enter")
        await until_said(pilot, verdict, outcome.hint)
        assert "重发 3 票 ]" not in stage.text, "there is no second try by itself"
        await pilot.press("f10")
        await until(pilot, lambda: stage.results == [outcome])


UNSETTLED = (*LINES[:2], replace(LINES[2], is_unknown=True))


async def test_an_unknown_end_can_be_settled_without_sending_anything() -> None:
    bureau = TaxBureau(lines=UNSETTLED)
    stage = stage_for(bureau)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "[▸取消 ]   [ 重发 3 票 ]   [ 已核对 1 票，不发 ]")
        await pilot.press("right", "right", "enter")
        await until(pilot, lambda: stage.results == [None])
    assert (bureau.settled, bureau.sent) == ([(THIRD,)], [])
    assert any("1 票" in notice.text and "已核对" in notice.text for notice in stage.notices)


async def test_where_nothing_is_unknown_nothing_can_be_settled() -> None:
    stage = stage_for(TaxBureau())
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "重发 3 票 ]")
        assert "已核对" not in stage.text


async def test_what_cannot_be_settled_is_said() -> None:
    bureau = TaxBureau(lines=UNSETTLED)
    stage = stage_for(bureau)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "已核对 1 票，不发 ]")
        bureau.refusal = Problem("file.disk-full", "磁盘已满", "请清理磁盘")
        await pilot.press("right", "right", "enter")
        await until_said(pilot, "磁盘已满", "请清理磁盘")
        await pilot.press("f10")
        await until(pilot, lambda: stage.results == [None])
    assert bureau.settled == []


async def test_more_than_ten_are_refused_with_the_rule() -> None:
    bureau = TaxBureau(refusal=BatchTooLarge(BatchOperation.RESEND, 11))
    stage = stage_for(bureau)
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_said(pilot, "一次最多选择 10 条报关单数据", "现在选择了 11 条", "batch.too-large")
        await pilot.press("enter")
        await until(pilot, lambda: stage.results == [None])
    assert bureau.sent == []


async def test_what_is_found_out_before_sending_is_said_as_not_sent() -> None:
    stage = stage_for(TaxBureau(Problem("session.offline", "当前为离线浏览，不能连接口岸", "联网后重新登录")))
    async with stage.run_test(size=SMALLEST) as pilot:
        await until_shown(pilot, "重发 3 票")
        await pilot.press("right", "enter")
        await until_said(pilot, "没有重发：当前为离线浏览，不能连接口岸", "联网后重新登录")
        await pilot.press("f10")
        await until(pilot, lambda: stage.results == [None])
