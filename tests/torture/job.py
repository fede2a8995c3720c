"""The main job of a clerk without a terminal: log in, sync, resend one, download one date range, get two prints."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from db.outbox import ResendState
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.download import DownloadReport, download_files
from jiacha_tui.actions.download_plan import plan_query
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.official_prints import FetchedPrints, fetch_prints, save_official_prints
from jiacha_tui.actions.resend import ResendOutcome, propose, send
from jiacha_tui.actions.result_browser import ResultBrowser
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_report import SyncSummary
from jiacha_tui.declaration.declaration_row import DeclarationRow, Order
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRangeQuery
from jiacha_tui.demo.pin import DEMO_PIN

MONTHS = 2
"""How many months are synced: two of two kinds are four lists."""

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Task:
    """What the job is about: the declarations to resend and to print, and the date range to download."""

    resent: str
    printed: tuple[str, ...]
    downloaded: DateRangeQuery


@dataclass(frozen=True, slots=True)
class CacheState:
    """The cache after the job. `rows` are all declarations by number, `resends` the state of each resend."""

    rows: Mapping[str, DeclarationRow]
    details_due: int
    resends: tuple[ResendState, ...]


@dataclass(slots=True)
class JobResult:
    """What each step returned, or None with its problem in `problems`; a step without either was not tried."""

    problems: dict[str, Problem] = field(default_factory=dict)
    summary: SyncSummary | None = None
    details_due: int = 0
    """How many details the cache lacks after the sync. A later step may list declarations that it did not."""
    resend: ResendOutcome | None = None
    download: DownloadReport | None = None
    prints: FetchedPrints | None = None
    saved_prints: tuple[Path, ...] = ()
    state: CacheState | None = None

    async def attempt(self, step: str, work: Awaitable[_Result]) -> _Result | None:
        try:
            return await work
        except Problem as problem:
            self.problems[step] = problem
            return None


async def do_job(
    app_context: AppContext,
    task: Task,
    folder: Path,
    before_recovery: Callable[[JobResult], None],
    recovery: AppContext | None,
) -> JobResult:
    """Does every step that can still be done after the ones before, then syncs again. Downloads go into `folder`.

    `before_recovery` is called with the result of the job. Returns the result of the second sync. It is made in the
    same session if that is open and `recovery` is None, otherwise after another login.
    """
    result = JobResult()
    session = await result.attempt("login", _log_in(app_context))
    try:
        if session is not None:
            await _do_steps(session, task, folder, result)
        before_recovery(result)
        again = JobResult()
        if session is not None and recovery is not None:
            await session.close()
            session = None
        session = session or await again.attempt("login", _log_in(recovery or app_context))
        if session is not None:
            again.summary = await again.attempt("sync", _sync(session))
            again.state = await _state(session)
    finally:
        if session is not None:
            await session.close()
    return again


async def _do_steps(session: Session, task: Task, folder: Path, result: JobResult) -> None:
    result.summary = await result.attempt("sync", _sync(session))
    result.details_due = await asyncio.to_thread(session.declarations.count_details_due)
    if session.declarations.summaries([task.resent]):
        result.resend = await result.attempt("resend", _resend(session, task.resent))
    result.download = await result.attempt("download", _download(session, task.downloaded, folder))
    result.prints = await result.attempt("print", fetch_prints(session, task.printed))
    if result.prints is not None:
        saved = await result.attempt("save prints", save_official_prints(session, result.prints.prints, folder))
        result.saved_prints = saved or ()
    result.state = await _state(session)


async def _log_in(app_context: AppContext) -> Session:
    (medium,) = app_context.media()
    return await log_in(app_context, medium.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)


async def _sync(session: Session) -> SyncSummary:
    return await sync(session, lambda _progress: None, lambda: None, months=MONTHS)


async def _resend(session: Session, entry_id: str) -> ResendOutcome:
    return await send(session, await propose(session, [entry_id]))


async def _download(session: Session, query: DateRangeQuery, folder: Path) -> DownloadReport:
    return await download_files(session, await plan_query(session, query), folder, lambda _report: None)


async def _state(session: Session) -> CacheState:
    view = await ResultBrowser(session).show("", Order())
    assert view is not None
    rows = await view.window(0, 10_000)
    sent = await asyncio.to_thread(_resends, session)
    due = await asyncio.to_thread(session.declarations.count_details_due)
    return CacheState({row.entry_id: row for row in rows}, due, sent)


def _resends(session: Session) -> tuple[ResendState, ...]:
    with session.cache.read_cursor() as cursor:
        found = cursor.execute(
            "SELECT coalesce(answer.state, 'pending') FROM resend LEFT JOIN resend_answer AS answer "
            "ON answer.resend_id = resend.id ORDER BY resend.put_at, resend.id"
        ).fetchall()
    return tuple(ResendState(state) for (state,) in found)
