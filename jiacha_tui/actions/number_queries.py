"""Ask the port for many declarations by number, one after the other, such as those of a pasted list."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from jiacha_tui.actions.call_pauses import CallPauses
from jiacha_tui.actions.failure_limit import FailureLimit
from jiacha_tui.actions.query import NumberAnswer, ask_for_number
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.entry_number import is_import
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import NumberQuery
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    PortBusy,
    PortRefused,
    PortUnreachable,
    ResponseLost,
    ServerError,
)

_ABOUT_ONE_NUMBER = (PortRefused, InvalidPortResponse, ServerError, PortBusy, ResponseLost, PortUnreachable)
"""Failures that may concern one number only."""

_IS_IMPORT = "第 9 位是 1：这是进口报关单号，没有查询"


@dataclass(frozen=True, slots=True)
class FailedNumber:
    """A number that the port was not asked for, or gave no clear answer for, and why, in Chinese."""

    entry_id: str
    reason: str
    may_be_repeated: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersReport:
    """The result for `total` numbers: each is found, not found at the port, failed, or untried.

    `new` counts the found ones that the cache did not hold. `stopped_by` is the problem that ended the run before the
    last number. While it runs, `waiting` says in Chinese what it waits for. `seconds` is the time of the run.
    """

    total: int
    found: tuple[str, ...]
    new: int
    not_found: tuple[str, ...]
    failed: tuple[FailedNumber, ...]
    untried: tuple[str, ...]
    stopped_by: Problem | None
    cancelled: bool
    seconds: float
    waiting: str = ""

    @property
    def done(self) -> int:
        """How many are settled, one way or the other."""
        return self.total - len(self.untried)

    @property
    def is_complete(self) -> bool:
        """Whether the port has answered for every number."""
        return not (self.failed or self.untried)

    def text(self) -> str:
        """The result in one sentence."""
        counts = [f"查到 {len(self.found):,} 票，其中新增 {self.new:,} 票"]
        if self.not_found:
            counts.append(f"口岸没有 {len(self.not_found):,} 个")
        if self.failed:
            counts.append(f"没有查成 {len(self.failed):,} 个")
        if self.untried:
            counts.append(f"还没有查 {len(self.untried):,} 个")
        begin = "已按要求停止，" if self.cancelled else ""
        return f"{begin}共 {self.total:,} 个号码：{'，'.join(counts)}"


OnNumbersProgress = Callable[[NumbersReport], None]
"""Called with the result so far, before each number and after the last."""


async def query_numbers(
    session: Session,
    entry_ids: Sequence[str],
    kinds: Sequence[Kind],
    on_progress: OnNumbersProgress = lambda report: None,
    pause: float | None = None,
) -> NumbersReport:
    """Asks the port for each number, in each of `kinds` until it is found, and merges what comes into the cache.

    It pauses after ten calls (`CallPauses`, `pause` in seconds), and stops after failures in a row (`failure_limit`) or
    at one that concerns all numbers. Cancelling the task ends it at once, and it returns the report. The journal gets
    one entry. Raises NotOnline.
    """
    session.require_port()
    run = _NumbersRun(session, entry_ids, kinds, on_progress, CallPauses(pause))
    cancelled = False
    try:
        await run.run()
    except asyncio.CancelledError:
        cancelled = True
    return await run_to_completion(run.finish(cancelled=cancelled))


class _NumbersRun:
    """One run with its counts."""

    def __init__(
        self,
        session: Session,
        entry_ids: Sequence[str],
        kinds: Sequence[Kind],
        on_progress: OnNumbersProgress,
        pauses: CallPauses,
    ) -> None:
        self._session = session
        self._kinds = kinds
        self._on_progress = on_progress
        self._pauses = pauses
        self._total = len(entry_ids)
        self._untried = deque(entry_id for entry_id in entry_ids if not is_import(entry_id))
        self._found: list[str] = []
        self._new = 0
        self._not_found: list[str] = []
        self._failed = [
            FailedNumber(entry_id, _IS_IMPORT, may_be_repeated=False) for entry_id in entry_ids if is_import(entry_id)
        ]
        self._stopped_by: Problem | None = None
        self._started = time.monotonic()

    async def run(self) -> None:
        list_pass = await asyncio.to_thread(self._session.port_list.begin_pass)
        limit = FailureLimit()
        while self._untried and self._stopped_by is None:
            self._on_progress(self._report(cancelled=False))
            entry_id = self._untried[0]
            try:
                answer = await self._ask(entry_id, list_pass)
            except Problem as problem:
                if not isinstance(problem, _ABOUT_ONE_NUMBER):
                    self._stopped_by = problem
                    return
                self._untried.popleft()
                self._failed.append(FailedNumber(entry_id, problem.message))
                if limit.record_failure(problem):
                    self._stopped_by = problem
                    return
                await self._pauses.rest_after(limit.failures)
            else:
                limit.record_success()
                self._untried.popleft()
                self._settle(entry_id, answer)
        self._on_progress(self._report(cancelled=False))

    async def finish(self, *, cancelled: bool) -> NumbersReport:
        report = self._report(cancelled=cancelled)
        outcome = Outcome.CANCELLED if cancelled else Outcome.DONE if report.is_complete else Outcome.FAILED
        await asyncio.to_thread(
            self._session.journal.write, JournalKind.QUERY, self._found, outcome, f"查询号码：{report.text()}"
        )
        return report

    async def _ask(self, entry_id: str, list_pass: int) -> NumberAnswer:
        """What the port says of the number in the first kind that has it. Not found means: in no kind."""
        answers = set[NumberAnswer]()
        for kind in self._kinds:
            ask = partial(ask_for_number, self._session, NumberQuery(entry_id, kind), list_pass)
            answer = await self._pauses.call(ask, self._show_wait)
            if answer.is_found:
                return answer
            answers.add(answer)
        return NumberAnswer.UNCLEAR if NumberAnswer.UNCLEAR in answers else NumberAnswer.NOT_FOUND

    def _settle(self, entry_id: str, answer: NumberAnswer) -> None:
        if answer.is_found:
            self._found.append(entry_id)
            self._new += answer is NumberAnswer.NEW
        elif answer is NumberAnswer.NOT_FOUND:
            self._not_found.append(entry_id)
        else:
            self._failed.append(FailedNumber(entry_id, "口岸的答复说不清有没有这一票"))

    def _show_wait(self, text: str) -> None:
        self._on_progress(replace(self._report(cancelled=False), waiting=text))

    def _report(self, *, cancelled: bool) -> NumbersReport:
        return NumbersReport(
            total=self._total,
            found=tuple(self._found),
            new=self._new,
            not_found=tuple(self._not_found),
            failed=tuple(self._failed),
            untried=tuple(self._untried),
            stopped_by=self._stopped_by,
            cancelled=cancelled,
            seconds=time.monotonic() - self._started,
        )
