"""Bring the cache up to date: every month's list, newest first, then the details that are missing.

Each page and each detail is committed as it comes, so a cut line or a kill loses nothing: the next sync goes on with
the first page that was not kept, and asks only for details that the cache lacks.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from jiacha_tui.actions.listing import ListProgress, read_list
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Declaration, Kind, Summary
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.problems import InvalidPortResponse, PortRefused

MONTHS = 18
"""How far back a sync goes, the current month counted."""

CONNECTIONS = 4
"""Details asked for at one time: enough to hide a slow line, few enough to be polite."""

CHUNK = 200
"""Details planned at a time, so that what was opened or listed meanwhile is seen soon."""

RATE_WINDOW_SECONDS = 10.0
CHANGE_INTERVAL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """How far a sync is. There is a list for each month and kind, `month` being that of the one that is read (yyyy-mm).

    Lists come first: `details_total` is final once `lists_done` equals `lists_total`.
    """

    lists_total: int
    lists_done: int = 0
    month: str = ""
    listed: int = 0
    details_done: int = 0
    details_total: int = 0
    rate_per_second: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class SyncSummary:
    """What a sync brought: list rows by what they were to the cache, details fetched, and details that could not be."""

    new: int
    changed: int
    unchanged: int
    details: int
    failed: int
    cancelled: bool
    seconds: float

    def text(self) -> str:
        parts = [f"新增 {self.new:,} 票", f"变更 {self.changed:,} 票", f"未变 {self.unchanged:,} 票"]
        if self.failed:
            parts.append(f"{self.failed:,} 票详情未取到")
        return f"同步{'已取消' if self.cancelled else '完成'}：" + "，".join(parts)


async def sync(
    session: Session,
    on_progress: Callable[[SyncProgress], None],
    on_change: Callable[[], None],
    months: int = MONTHS,
) -> SyncSummary:
    """Runs one sync. Cancelling the task ends it between two commits and gives the summary so far.

    `on_progress` is told of every step, `on_change` at most twice a second that the cache holds something new.
    Raises `Problem` when the port is lost or ends the session; what came until then is kept.
    """
    run = _Sync(session, on_progress, on_change)
    try:
        await run.all(months)
    except asyncio.CancelledError:
        return await run.ended(Outcome.CANCELLED, "")
    except Problem as problem:
        await run.ended(Outcome.FAILED, problem.message)
        raise
    return await run.ended(Outcome.DONE, "")


def months_back(today: date, count: int) -> Iterator[DateRange]:
    """The last `count` calendar months up to today's, newest first; today's ends today."""
    year, month = today.year, today.month
    for index in range(count):
        whole = DateRange.month(year, month)
        yield DateRange(whole.start, today) if index == 0 else whole
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)


class _Sync:
    """One run: its counts, and what it tells its caller."""

    def __init__(
        self, session: Session, on_progress: Callable[[SyncProgress], None], on_change: Callable[[], None]
    ) -> None:
        self._session = session
        self._on_progress = on_progress
        self._on_change = on_change
        self._progress = SyncProgress(0)
        self._listed = ListProgress()
        self._failed: set[str] = set()
        self._started = time.monotonic()
        self._changed_at = 0.0
        self._fetched: deque[tuple[float, int]] = deque()

    async def all(self, months: int) -> None:
        today = self._session.app_context.clock().date()
        queries = [DateRangeQuery(span, kind) for span in months_back(today, months) for kind in Kind]
        self._tell(replace(self._progress, lists_total=len(queries)))
        for query in queries:
            await self._list(query)
            self._tell(replace(self._progress, lists_done=self._progress.lists_done + 1))
        await self._fetch_details()
        await asyncio.to_thread(self._session.checkpoints.record_sync, self._session.app_context.clock())

    async def ended(self, outcome: Outcome, message: str) -> SyncSummary:
        listed, progress = self._listed, self._progress
        summary = SyncSummary(
            listed.new,
            listed.changed,
            listed.unchanged,
            progress.details_done,
            len(self._failed),
            outcome is Outcome.CANCELLED,
            time.monotonic() - self._started,
        )
        written = message or summary.text()
        await run_to_completion(asyncio.to_thread(self._session.journal.write, JournalKind.SYNC, (), outcome, written))
        self._on_change()
        return summary

    async def _list(self, query: DateRangeQuery) -> None:
        months = self._session.checkpoints
        first_page = await asyncio.to_thread(months.begin, query.kind, query.date_range)
        if first_page is None:
            return
        before = self._listed

        async def on_page(page: int, so_far: ListProgress) -> None:
            await asyncio.to_thread(months.record_page, query.kind, query.date_range, page, so_far.total)
            self._listed = before + so_far
            self._tell(replace(self._progress, listed=self._listed.received))
            if so_far.new or so_far.changed:
                self._change()

        self._tell(replace(self._progress, month=f"{query.date_range.start:%Y-%m}"))
        await read_list(self._session, query, on_page, first_page)
        await asyncio.to_thread(months.finish, query.kind, query.date_range)

    async def _fetch_details(self) -> None:
        declarations = self._session.declarations
        missing = await asyncio.to_thread(declarations.count_details_due)
        self._tell(replace(self._progress, details_total=missing))
        while planned := await asyncio.to_thread(self._plan):
            await self._fetch(planned)

    def _plan(self) -> list[Summary]:
        missing = self._session.declarations.next_details_due(CHUNK + len(self._failed))
        return [one for one in missing if one.entry_id not in self._failed]

    async def _fetch(self, planned: list[Summary]) -> None:
        """Fetches details on a few connections at once; one writer commits what has come meanwhile."""
        waiting = deque(planned)
        fetched: asyncio.Queue[Declaration | None] = asyncio.Queue()

        async def fetch() -> None:
            while waiting:
                summary = waiting.popleft()
                try:
                    fetched.put_nowait(await self._session.call_port(partial(_detail, summary)))
                except (PortRefused, InvalidPortResponse):
                    self._failed.add(summary.entry_id)

        writer = asyncio.create_task(self._write(fetched))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONNECTIONS):
                    group.create_task(fetch())
        except* Problem as problems:
            raise problems.exceptions[0] from None
        finally:
            fetched.put_nowait(None)
            await run_to_completion(writer)

    async def _write(self, fetched: asyncio.Queue[Declaration | None]) -> None:
        ended = False
        while not ended:
            batch = [await fetched.get()]
            while not fetched.empty():
                batch.append(fetched.get_nowait())
            ended = None in batch
            details = [one for one in batch if one is not None]
            if details:
                await asyncio.to_thread(self._session.declarations.put_details, details)
                self._count(len(details))
                self._change()

    def _count(self, fetched: int) -> None:
        now = time.monotonic()
        self._fetched.append((now, fetched))
        while self._fetched[0][0] < now - RATE_WINDOW_SECONDS:
            self._fetched.popleft()
        elapsed = now - self._fetched[0][0]
        # The first entry of the window marks its beginning; what it brought came before.
        rate = (sum(count for _, count in self._fetched) - self._fetched[0][1]) / elapsed if elapsed > 0 else None
        done = self._progress.details_done + fetched
        total = max(self._progress.details_total, done)
        left = (total - done - len(self._failed)) / rate if rate else None
        self._tell(
            replace(self._progress, details_done=done, details_total=total, rate_per_second=rate, seconds_left=left)
        )

    def _tell(self, progress: SyncProgress) -> None:
        self._progress = progress
        self._on_progress(progress)

    def _change(self) -> None:
        now = time.monotonic()
        if now - self._changed_at >= CHANGE_INTERVAL_SECONDS:
            self._changed_at = now
            self._on_change()


async def _detail(summary: Summary, port: PortClient) -> Declaration:
    return await port.detail(summary)
