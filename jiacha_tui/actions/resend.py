"""重新发往税务总局 (manual 2.1.3): propose, then send once, and never be unsure in silence."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from db.outbox import Resend, ResendState
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.rules import BatchOperation, check_batch
from jiacha_tui.eport.problems import OutcomeUnknown

NOTE = "重发 3-5 个工作日后再联系当地税务局查询。"
"""Manual 2.1.1, fourth hint."""


@dataclass(frozen=True, slots=True)
class ResendCandidate:
    """One declaration as the confirmation shows it; `note` tells of an earlier resend.

    `is_unknown` while nobody knows whether that arrived.
    """

    entry_id: str
    exported_on: date | None
    usd_amount: Decimal | None
    note: str
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class ResendProposal:
    candidates: tuple[ResendCandidate, ...]

    @property
    def entry_ids(self) -> tuple[str, ...]:
        return tuple(line.entry_id for line in self.candidates)

    @property
    def unknown_ids(self) -> tuple[str, ...]:
        """Those whose earlier resend may or may not have arrived."""
        return tuple(line.entry_id for line in self.candidates if line.is_unknown)


@dataclass(frozen=True, slots=True)
class ResendOutcome:
    """How a resend ended: DONE, REFUSED (the port said no, or it was never sent) or UNKNOWN (sent, never answered)."""

    outcome: Outcome
    message: str
    hint: str


async def propose(session: Session, entry_ids: Sequence[str]) -> ResendProposal:
    """What would be resent. Raises a Refusal for none or more than ten, or `NotOnline`."""
    check_batch(entry_ids, BatchOperation.RESEND)
    session.require_port()
    return await asyncio.to_thread(_proposal, session, tuple(entry_ids))


async def send(session: Session, proposal: ResendProposal) -> ResendOutcome:
    """Sends the proposal. It is in the outbox before it is sent, so that no crash can lose or double it.

    Nothing is raised once it may have been sent: what became of it is in the outcome, the outbox and the journal.
    """
    session.require_port()
    # What waits here has not been written down: it may still be left without a trace.
    await session.lock_state.wait_unlocked()
    entry_ids = proposal.entry_ids
    check_batch(entry_ids, BatchOperation.RESEND)
    resend_id = await asyncio.to_thread(session.outbox.put, entry_ids)
    outcome = ResendOutcome(Outcome.UNKNOWN, "重发的结果未知", "请先核对，不要马上再次重发")
    state = ResendState.PENDING
    try:
        await session.call_port(lambda port: port.resend(entry_ids))
    except OutcomeUnknown as problem:
        state = ResendState.UNKNOWN
        outcome = ResendOutcome(Outcome.UNKNOWN, problem.message, problem.hint)
    except Problem as problem:
        state = ResendState.REFUSED
        outcome = ResendOutcome(Outcome.REFUSED, problem.message, problem.hint)
    else:
        state = ResendState.SENT
        outcome = ResendOutcome(Outcome.DONE, f"{len(entry_ids)} 票报关单重新发往税务总局，发送成功！", NOTE)
    finally:
        # Cut off with the terminal it came from, it stays pending: nobody saw its end, so the next login tells of it.
        await run_to_completion(asyncio.to_thread(_keep, session, resend_id, entry_ids, state, outcome))
    return outcome


async def mark_resolved(session: Session, proposal: ResendProposal) -> None:
    """The operator has looked into what was unknown: it is marked no more, and nothing is sent."""
    await session.lock_state.wait_unlocked()
    await run_to_completion(asyncio.to_thread(_settle, session, proposal.unknown_ids))


def _settle(session: Session, entry_ids: tuple[str, ...]) -> None:
    session.outbox.mark_resolved(entry_ids)
    session.journal.write(JournalKind.RESEND, entry_ids, Outcome.DONE, "重发的未知结果已核对")


def _keep(
    session: Session, resend_id: str, entry_ids: tuple[str, ...], state: ResendState, outcome: ResendOutcome
) -> None:
    if state is not ResendState.PENDING:
        session.outbox.record_answer(resend_id, state, outcome.message)
    session.journal.write(JournalKind.RESEND, entry_ids, outcome.outcome, outcome.message)


def _proposal(session: Session, entry_ids: tuple[str, ...]) -> ResendProposal:
    earlier = session.outbox.last_sent(entry_ids)
    unsettled = session.outbox.unresolved(entry_ids)
    summaries = session.declarations.summaries(entry_ids)
    now = session.app_context.clock()
    return ResendProposal(
        tuple(
            ResendCandidate(
                one.entry_id,
                one.exported_on,
                one.usd_amount,
                _note(earlier.get(one.entry_id), now, settled=one.entry_id not in unsettled),
                is_unknown=one.entry_id in unsettled,
            )
            for one in summaries
        )
    )


def _note(last: Resend | None, now: datetime, *, settled: bool) -> str:
    if last is None:
        return ""
    if last.state is ResendState.UNKNOWN:
        return "上次重发结果未知，已核对" if settled else "上次重发结果未知"
    if last.state is ResendState.PENDING:
        return "上次重发结果未知"
    days = (now.date() - last.at.astimezone(now.tzinfo).date()).days
    return "今天已重发过" if days == 0 else f"{days} 天前已重发过"
