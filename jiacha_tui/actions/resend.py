"""重新发往税务总局 (manual 2.1.3): propose a resend, send it once, and report clearly if its outcome is unknown."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from db.outbox import Resend, ResendState
from jiacha_tui.actions.recording import record_done
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.rules import BatchOperation, check_batch
from jiacha_tui.eport.problems import OutcomeUnknown

NOTE = "重发 3-5 个工作日后再联系当地税务局查询。"
"""From the fourth hint of manual 2.1.1."""

_NOT_ANSWERED = "请求已发出，但没有收到可以确认的答复"
"""Shorter than the message of OutcomeUnknown, because screen and journal write 结果未知 before it."""


_UNRECORDED_HINT: Final[Mapping[Outcome, str]] = {
    Outcome.DONE: "请不要再次重发；下次登录后列为结果未知，标为已核对即可",
    Outcome.REFUSED: "下次登录后列为结果未知，标为已核对后可以再发",
    Outcome.UNKNOWN: "请先核对，不要马上再次重发",
}
"""What to do if the outbox could not take the answer: it is there without one, and the next login makes it unknown."""


@dataclass(frozen=True, slots=True)
class ResendCandidate:
    """A declaration as the confirmation shows it. `note` describes an earlier resend, in Chinese.

    `is_unknown` is true while it is not known whether that resend arrived. A declaration that the port no longer lists
    (`is_delisted`) is not sent.
    """

    entry_id: str
    exported_on: date | None
    usd_amount: Decimal | None
    note: str
    is_unknown: bool = False
    is_delisted: bool = False


@dataclass(frozen=True, slots=True)
class ResendProposal:
    """The declarations that were chosen. Those that the port still lists would be resent together."""

    candidates: tuple[ResendCandidate, ...]

    @property
    def entry_ids(self) -> tuple[str, ...]:
        """The numbers that would be sent."""
        return tuple(candidate.entry_id for candidate in self.candidates if not candidate.is_delisted)

    @property
    def unknown_ids(self) -> tuple[str, ...]:
        """The numbers whose earlier resend may or may not have arrived."""
        return tuple(candidate.entry_id for candidate in self.candidates if candidate.is_unknown)


@dataclass(frozen=True, slots=True)
class ResendOutcome:
    """The result of a resend.

    `outcome` is DONE, REFUSED or UNKNOWN, with the meanings that `Outcome` gives them.
    """

    outcome: Outcome
    message: str
    hint: str


async def propose(session: Session, entry_ids: Sequence[str]) -> ResendProposal:
    """What would be resent. Raises a Refusal for no declaration or more than ten, and NotOnline."""
    check_batch(entry_ids, BatchOperation.RESEND)
    session.require_port()
    return await asyncio.to_thread(_proposal, session, tuple(entry_ids))


async def send(session: Session, proposal: ResendProposal) -> ResendOutcome:
    """Sends the proposal once. It is stored in the outbox before, so that a crash can neither lose nor repeat it.

    Raises nothing once it may have been sent: the outcome is returned, and is in the outbox and the journal. If the
    cache fails then, the outcome says so, and the resend counts as unknown until the operator has checked it.
    """
    session.require_port()
    # While it waits here, nothing has been stored: a cancelled resend leaves no trace.
    await session.lock_state.wait_unlocked()
    entry_ids = proposal.entry_ids
    check_batch(entry_ids, BatchOperation.RESEND)
    resend_id = await asyncio.to_thread(_store, session, entry_ids)
    outcome = ResendOutcome(Outcome.UNKNOWN, _NOT_ANSWERED, "请先核对，不要马上再次重发")
    state = ResendState.PENDING
    try:
        await session.call_port(lambda port: port.resend(entry_ids))
    except OutcomeUnknown as problem:
        state = ResendState.UNKNOWN
        message = f"请求已发出，服务器的答复：{problem.received}" if problem.received else _NOT_ANSWERED
        outcome = ResendOutcome(Outcome.UNKNOWN, message, problem.hint)
    except Problem as problem:
        state = ResendState.REFUSED
        outcome = ResendOutcome(Outcome.REFUSED, problem.message, problem.hint)
    else:
        state = ResendState.SENT
        outcome = ResendOutcome(Outcome.DONE, f"{len(entry_ids)} 票报关单重新发往税务总局，发送成功！", NOTE)
    finally:
        # After a cancellation, for example by a lost terminal, it stays PENDING: the next login warns about it.
        outcome = await run_to_completion(asyncio.to_thread(_record, session, resend_id, entry_ids, state, outcome))
    return outcome


def _store(session: Session, entry_ids: tuple[str, ...]) -> str:
    """Writes the resend to the outbox and into the state file: it is known then, even if the cache is lost.

    Raises the problem of the file if that is not possible, for example on a full disk. Nothing is sent then.
    """
    resend_id = session.outbox.put(entry_ids)
    try:
        session.recorder.record()
    except Problem as problem:
        outcome = ResendOutcome(Outcome.REFUSED, f"没有发出：{problem.message}", problem.hint)
        # If the cache cannot be written either, it stays PENDING, and the next login calls it unknown.
        _record(session, resend_id, entry_ids, ResendState.REFUSED, outcome)
        raise
    return resend_id


async def mark_resolved(session: Session, proposal: ResendProposal) -> None:
    """Records that the operator has checked the resends whose outcome was unknown. Nothing is sent."""
    await session.lock_state.wait_unlocked()
    await run_to_completion(asyncio.to_thread(_mark_resolved, session, proposal.unknown_ids))


def _mark_resolved(session: Session, entry_ids: tuple[str, ...]) -> None:
    session.outbox.recover()  # what the cache could not take when it was answered
    session.outbox.mark_resolved(entry_ids)
    session.journal.write(JournalKind.RESEND, entry_ids, Outcome.DONE, "重发的未知结果已核对")


def _record(
    session: Session, resend_id: str, entry_ids: tuple[str, ...], state: ResendState, outcome: ResendOutcome
) -> ResendOutcome:
    """The outcome as it was recorded. If the outbox does not have it, the message says so."""
    unrecorded = ""
    if state is not ResendState.PENDING:
        unrecorded = record_done(session, lambda: session.outbox.record_answer(resend_id, state, outcome.message))
    not_in_journal = record_done(
        session, lambda: session.journal.write(JournalKind.RESEND, entry_ids, outcome.outcome, outcome.message)
    )
    if unrecorded:
        return replace(outcome, message=f"{outcome.message}{unrecorded}", hint=_UNRECORDED_HINT[outcome.outcome])
    return replace(outcome, message=f"{outcome.message}{not_in_journal}")


def _proposal(session: Session, entry_ids: tuple[str, ...]) -> ResendProposal:
    last_resends = session.outbox.last_sent(entry_ids)
    unresolved = session.outbox.unresolved(entry_ids)
    summaries = session.declarations.summaries(entry_ids)
    unanswered = {entry_id for resend in session.outbox.pending() for entry_id in resend.entry_ids}
    delisted = session.declarations.delisted(entry_ids)
    now = session.app_context.clock()
    return ResendProposal(
        tuple(
            ResendCandidate(
                summary.entry_id,
                summary.exported_on,
                summary.usd_amount,
                _note(last_resends.get(summary.entry_id), now, resolved=summary.entry_id not in unresolved),
                is_unknown=summary.entry_id in unresolved or summary.entry_id in unanswered,
                is_delisted=summary.entry_id in delisted,
            )
            for summary in summaries
        )
    )


def _note(last: Resend | None, now: datetime, *, resolved: bool) -> str:
    if last is None:
        return ""
    if last.state is ResendState.UNKNOWN:
        return "上次重发结果未知，已核对" if resolved else "上次重发结果未知"
    if last.state is ResendState.PENDING:
        return "上次重发结果未知"
    days = (now.date() - last.at.astimezone(now.tzinfo).date()).days
    return "今天已重发过" if days == 0 else f"{days} 天前已重发过"
