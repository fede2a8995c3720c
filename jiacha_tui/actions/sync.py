"""Update the cache: read the lists of the months (`sync_plan`), newest first, then fetch the details that are due
(`detail_fetcher`).

When these lists were read, what the port no longer lists is marked (`delisting`).

A list or a detail that fails is set aside with its reason, and the others go on. Failures in a row stop the lists or
the details (`failure_limit`). A port that cannot be reached, wants a pause or ends the session ends the sync.

Each page and each detail is committed when it arrives, so that a lost connection or a killed program loses nothing: the
next sync continues with the first page that was not committed, and fetches only the details that the cache lacks.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from jiacha_tui.actions.delisting import FEW, mark_delisted
from jiacha_tui.actions.delisting_messages import tell_outdated
from jiacha_tui.actions.detail_fetcher import DetailFetcher
from jiacha_tui.actions.failure_limit import FailureLimit
from jiacha_tui.actions.list_reader import EarlierPages, ListProgress, read_list
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync_failures import SET_ASIDE, SyncFailures
from jiacha_tui.actions.sync_plan import SyncPlan, SyncScope, plan_all, plan_changes, plan_older
from jiacha_tui.actions.sync_report import SyncProgress, SyncSummary
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Declaration
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRangeQuery

RATE_WINDOW_SECONDS = 10.0
"""The rate is calculated from the last seconds only."""

CHANGE_INTERVAL_SECONDS = 0.5
"""The shortest time between two calls of `on_change`."""


async def sync(
    session: Session,
    on_progress: Callable[[SyncProgress], None],
    on_change: Callable[[], None],
    months: int | None = None,
    scope: SyncScope = SyncScope.ALL,
) -> SyncSummary:
    """Runs one sync of the last `months` months, by default those of the configuration.

    With the scope OLDER these are the months before the configured ones, back to `months`. Cancelling the task ends
    the sync between two commits, and it returns the summary so far.

    `on_progress` is called after every step, `on_change` at most twice a second when the cache has new content.
    Raises `Problem` if the port cannot be reached, wants a pause or ends the session. What was committed until then
    stays.
    """
    run = _SyncRun(session, scope, on_progress, on_change)
    try:
        await run.run(months or session.app_context.config.sync.months)
    except asyncio.CancelledError:
        return await run.finish(Outcome.CANCELLED, "")
    except Problem as problem:
        await run.finish(Outcome.FAILED, problem.message)
        raise
    return await run.finish(run.outcome, "")


class _SyncRun:
    """One run with its counts; it reports them to the callbacks."""

    def __init__(
        self,
        session: Session,
        scope: SyncScope,
        on_progress: Callable[[SyncProgress], None],
        on_change: Callable[[], None],
    ) -> None:
        self._session = session
        self._scope = scope
        self._on_progress = on_progress
        self._on_change = on_change
        self._progress = SyncProgress(0, scope=scope)
        self._listed = ListProgress()
        self._incomplete: list[str] = []
        self._blank = 0
        self._left_out = 0
        self._list_limit = FailureLimit()
        self._failures = SyncFailures(session.app_context.messages)
        self._details = DetailFetcher(session, self._failures, self._details_stored)
        self._delisted = 0
        self._unconfirmed = 0
        self._cut = 0
        self._started = time.monotonic()
        self._began_at = session.app_context.clock()
        self._changed_at = 0.0
        self._fetched: deque[tuple[float, int]] = deque()

    @property
    def outcome(self) -> Outcome:
        """How a run ended that was neither cancelled nor cut short."""
        return Outcome.FAILED if self._failures.stopped else Outcome.DONE

    async def run(self, months: int) -> None:
        plan = await asyncio.to_thread(self._plan_lists, months)
        list_pass = await asyncio.to_thread(self._continued_pass)
        await self._read_lists(plan.queries, list_pass)
        if plan.left_out and await asyncio.to_thread(self._count_all_absent, list_pass) > FEW:
            await self._read_lists(plan.left_out, list_pass)
        elif self._scope is SyncScope.CHANGES:
            self._left_out = len({query.date_range for query in plan.left_out})
        compared = await self._compare_lists(list_pass)
        await asyncio.to_thread(self._session.checkpoints.record_readings, compared)
        await self._fetch_details()
        await asyncio.to_thread(self._record_end)

    def _record_end(self) -> None:
        """Older months do not count as a sync, but end their list pass too: the next sync reads its lists anew."""
        checkpoints = self._session.checkpoints
        lists_done = not (self._incomplete or self._failures.stopped or self._unconfirmed)
        if self._scope is not SyncScope.OLDER:
            is_complete = self._summary(cancelled=False).is_complete
            checkpoints.record_sync(self._session.app_context.clock(), is_complete=is_complete, lists_done=lists_done)
        elif lists_done:
            checkpoints.end_pass()

    def _plan_lists(self, months: int) -> SyncPlan:
        now = self._session.app_context.clock()
        if self._scope is SyncScope.CHANGES:
            return plan_changes(now.date(), months, self._session.checkpoints.last_readings(), now)
        if self._scope is SyncScope.OLDER:
            return plan_older(now.date(), self._session.app_context.config.sync.months, months)
        return plan_all(now.date(), months)

    async def _read_lists(self, queries: Sequence[DateRangeQuery], list_pass: int) -> None:
        self._report(replace(self._progress, lists_total=self._progress.lists_total + len(queries)))
        self._blank = 0
        for query in queries:
            await self._try_list(query, list_pass)
            self._report(replace(self._progress, lists_done=self._progress.lists_done + 1))
        if queries and self._blank == len(queries):
            await self._mark_all_incomplete(queries)

    async def finish(self, outcome: Outcome, message: str) -> SyncSummary:
        outdated = await run_to_completion(asyncio.to_thread(self._session.declarations.outdated_since, self._began_at))
        await tell_outdated(self._session, outdated)
        summary = replace(self._summary(cancelled=outcome is Outcome.CANCELLED), outdated=len(outdated))
        if not summary.is_complete:
            last = await run_to_completion(asyncio.to_thread(self._session.checkpoints.last_complete_sync))
            local = last and last.astimezone(self._session.app_context.clock().tzinfo)
            summary = replace(summary, last_complete=local)
        written = message or summary.text()
        await run_to_completion(asyncio.to_thread(self._session.journal.write, JournalKind.SYNC, (), outcome, written))
        self._on_change()
        return summary

    def _summary(self, *, cancelled: bool) -> SyncSummary:
        listed = self._listed
        return SyncSummary(
            new=listed.new,
            changed=listed.changed,
            unchanged=listed.unchanged,
            details=self._progress.details_done,
            failed=len(self._details.failed),
            cancelled=cancelled,
            seconds=time.monotonic() - self._started,
            rejected=listed.rejected,
            outside=listed.outside,
            incomplete=tuple(dict.fromkeys(self._incomplete)),
            reasons=tuple(Counter(self._details.failed.values()).most_common()),
            stopped=tuple(self._failures.stopped),
            untried=self._details.untried,
            delisted=self._delisted,
            relisted=listed.relisted,
            unconfirmed=self._unconfirmed,
            cut=self._cut,
            left_out=self._left_out,
        )

    async def _try_list(self, query: DateRangeQuery, list_pass: int) -> None:
        """Reads one list. One that fails is left incomplete, and so are all that follow failures in a row."""
        month = _month(query)
        if self._list_limit.stopped_by is not None:
            self._incomplete.append(month)
            return
        try:
            await self._read_list(query, list_pass)
        except SET_ASIDE as problem:
            self._incomplete.append(month)
            self._failures.warn(f"{month} {query.kind.label}的清单没有取全：{problem.message}")
            self._failures.count(self._list_limit, problem, "清单")

    def _continued_pass(self) -> int:
        """The list pass of the sync that was interrupted, else a new one."""
        current = self._session.checkpoints.current_pass()
        return self._session.port_list.begin_pass() if current is None else current

    async def _read_list(self, query: DateRangeQuery, list_pass: int) -> None:
        checkpoints = self._session.checkpoints
        first_page = await asyncio.to_thread(checkpoints.begin, query.kind, query.date_range, list_pass)
        if first_page is None:
            return
        before = self._listed

        async def on_page(page: int, so_far: ListProgress) -> None:
            self._list_limit.record_success()
            record = partial(checkpoints.record_page, rejected=bool(so_far.rejected or so_far.outside))
            await asyncio.to_thread(record, query.kind, query.date_range, page, so_far.total)
            self._listed = before + so_far
            self._report(replace(self._progress, listed=self._listed.received))
            if so_far.new or so_far.changed:
                self._notify_change()
            await self._session.operator_activity.wait_for_pause()

        self._report(replace(self._progress, month=_month(query)))
        earlier = None
        if first_page > 1:
            announced = await asyncio.to_thread(checkpoints.announced, query.kind, query.date_range)
            earlier = EarlierPages(first_page - 1, announced)
        listed = await read_list(self._session, query, on_page, list_pass, earlier)
        self._blank += listed.is_blank
        if not listed.is_complete:
            self._incomplete.append(_month(query))
            await asyncio.to_thread(checkpoints.restart, query.kind, query.date_range)
        else:
            await asyncio.to_thread(checkpoints.finish, query.kind, query.date_range)

    async def _mark_all_incomplete(self, queries: Sequence[DateRangeQuery]) -> None:
        """Leaves all lists incomplete: the port gave neither a row nor a total in any of them."""
        self._failures.warn("口岸的清单都没有内容，连总数也没有：可能是口岸的问题，请稍后再同步")
        for query in queries:
            self._incomplete.append(_month(query))
            await asyncio.to_thread(self._session.checkpoints.restart, query.kind, query.date_range)

    async def _compare_lists(self, list_pass: int) -> list[DateRangeQuery]:
        """Marks what the port no longer lists, after all lists: what is absent from one may have moved to another.

        Returns the lists of which every absent declaration is settled. Failures in a row leave the others out.
        """
        settled: list[DateRangeQuery] = []
        lists = await asyncio.to_thread(self._session.checkpoints.complete_lists, list_pass)
        if (absent := await asyncio.to_thread(self._absent_from_all, lists, list_pass)) > FEW:
            self._failures.warn(f"口岸的清单全是空的，本机却有 {absent:,} 票：可能是口岸的问题，没有标记")
            for query in lists:
                await self._mark_unconfirmed(query, list_pass)
            return settled
        for query in lists:
            if self._list_limit.stopped_by is not None:
                break
            try:
                compared = await mark_delisted(self._session, query, list_pass)
            except SET_ASIDE as problem:
                await self._mark_unconfirmed(query, list_pass)
                self._failures.warn(
                    f"{_month(query)} {query.kind.label}的清单里少了报关单，没有核实成：{problem.message}"
                )
                self._failures.count(self._list_limit, problem, "清单")
                continue
            self._delisted += len(compared.delisted)
            if compared.delisted:
                self._notify_change()
            if compared.unconfirmed:
                await self._mark_unconfirmed(query, list_pass)
                self._failures.warn(
                    f"{_month(query)} {query.kind.label}的清单里少了 {compared.unconfirmed:,} 票，没有核实，未标记"
                )
            else:
                settled.append(query)
        return settled

    async def _mark_unconfirmed(self, query: DateRangeQuery, list_pass: int) -> None:
        """Counts the absent declarations of the list as unconfirmed. The next sync reads the list again."""
        self._unconfirmed += await asyncio.to_thread(self._session.port_list.count_absent, query, list_pass)
        await asyncio.to_thread(self._session.checkpoints.restart, query.kind, query.date_range)

    def _count_all_absent(self, list_pass: int) -> int:
        """How many declarations are absent from the lists that were read to their end."""
        lists = self._session.checkpoints.complete_lists(list_pass)
        return sum(self._session.port_list.count_absent(query, list_pass) for query in lists)

    def _absent_from_all(self, lists: Sequence[DateRangeQuery], list_pass: int) -> int:
        """How many declarations are absent from the lists if all of these are empty, else 0."""
        port_list = self._session.port_list
        if port_list.has_listed(list_pass):
            return 0
        return sum(port_list.count_absent(query, list_pass) for query in lists)

    async def _fetch_details(self) -> None:
        details_due = await asyncio.to_thread(self._session.declarations.count_details_due)
        self._report(replace(self._progress, details_total=details_due))
        await self._details.fetch_all()

    def _details_stored(self, details: Sequence[Declaration]) -> None:
        self._cut += sum(declaration.is_cut for declaration in details)
        self._count(len(details))
        self._notify_change()

    def _count(self, fetched: int) -> None:
        now = time.monotonic()
        self._fetched.append((now, fetched))
        while self._fetched[0][0] < now - RATE_WINDOW_SECONDS:
            self._fetched.popleft()
        elapsed = now - self._fetched[0][0]
        # The first entry of the window marks its start, so the details that it counts were fetched before the window.
        rate = (sum(count for _, count in self._fetched) - self._fetched[0][1]) / elapsed if elapsed > 0 else None
        done = self._progress.details_done + fetched
        total = max(self._progress.details_total, done)
        left = (total - done - len(self._details.failed)) / rate if rate else None
        self._report(
            replace(self._progress, details_done=done, details_total=total, rate_per_second=rate, seconds_left=left)
        )

    def _report(self, progress: SyncProgress) -> None:
        self._progress = progress
        self._on_progress(progress)

    def _notify_change(self) -> None:
        now = time.monotonic()
        if now - self._changed_at >= CHANGE_INTERVAL_SECONDS:
            self._changed_at = now
            self._on_change()


def _month(query: DateRangeQuery) -> str:
    return f"{query.date_range.start:%Y-%m}"
