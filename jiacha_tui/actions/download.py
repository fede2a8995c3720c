"""XML 文件下载 (manual 2.1.2, 2.1.6): download the files of a plan, check them and store them.

A file is stored unchanged, as the port sent it. Before that it is checked: whether it is well-formed XML, whether it is
for the card that is logged in, and whether its signature matches, each as far as its container shows it.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jiacha_tui.actions.download_plan import DownloadPart, DownloadPlan, next_parts, plan_ranges
from jiacha_tui.actions.failure_limit import FailureLimit
from jiacha_tui.actions.folders import open_folder, store
from jiacha_tui.actions.list_check import check_lists
from jiacha_tui.actions.problems import NothingToDownload, NotOnline, PlanOutdated, WrongFile
from jiacha_tui.actions.query import query_text
from jiacha_tui.actions.recording import record_done
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.card.problems import CardProblem
from jiacha_tui.declaration.file_name import download_file_name
from jiacha_tui.declaration.journal import JournalKind, JournalValue, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.declaration.rules import Refusal, check_download_size
from jiacha_tui.encrypted_xml.inspection import FileInspection, Recipient, SignatureStatus, inspect_file
from jiacha_tui.eport.problems import (
    EngineUnavailable,
    LoginFailed,
    PinEncryptionUnsupported,
    PortRefused,
    PortUnreachable,
    RedirectElsewhere,
    ScriptUnknown,
    SessionCardMismatch,
    SessionsTooShort,
    TlsFailed,
    TooManyLogins,
)
from jiacha_tui.private_files import DiskFull

_FATAL = (
    *(PortUnreachable, TlsFailed, SessionsTooShort, TooManyLogins, NotOnline, DiskFull, CardProblem),
    *(LoginFailed, SessionCardMismatch, RedirectElsewhere, PinEncryptionUnsupported, ScriptUnknown, EngineUnavailable),
)
"""After one of these, every further file would fail in the same way."""


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """A stored file for the `part` of a plan. `size` is in bytes; `verified` is the result of the check, in Chinese."""

    part: DownloadPart
    path: Path
    declarations: int
    size: int
    seconds: float
    verified: str


@dataclass(frozen=True, slots=True)
class DownloadReport:
    """The result of a plan. `remaining` is what is still to download: what failed, and what was not tried.

    Instead of a part that the port refused as too large, `remaining` has two smaller ones.
    """

    files: tuple[DownloadedFile, ...]
    failures: tuple[tuple[DownloadPart, Problem], ...]
    remaining: tuple[DownloadPart, ...]
    cancelled: bool


OnProgress = Callable[[DownloadReport], None]
"""Called before each part and after the last one with the result so far."""


async def download_files(
    session: Session,
    plan: DownloadPlan,
    folder: Path,
    on_progress: OnProgress,
    on_listed: Callable[[int], None] = lambda _rows: None,
) -> DownloadReport:
    """Downloads the parts of the plan into `folder`, one after the other.

    Before that it reads the port's lists of their date ranges, and calls `on_listed` with the number of rows so far.
    Names of files and marks in the cache come from these lists. After a part that fails the next ones are still tried,
    unless port, card or disk have failed for all of them, or several in a row have failed. Cancelling the task stops
    the lists, or the download between two files, and it returns the report.

    Raises PlanOutdated before any file, if the lists differ from the plan, and `Problem` if they cannot be read, or for
    a folder that cannot be written to, before the port is asked for anything.
    """
    opened_folder = await open_folder(str(folder))
    try:
        list_pass = await _check_plan(session, plan, on_listed)
    except asyncio.CancelledError:
        return DownloadReport((), (), plan.parts, cancelled=True)
    run = _DownloadRun(session, opened_folder, list_pass)
    for index, part in enumerate(plan.parts):
        on_progress(run.report(untried=plan.parts[index:]))
        try:
            await run.download(part)
        except asyncio.CancelledError:
            return run.report(untried=plan.parts[run.tried :], cancelled=True)
        if run.has_fatal_failure:
            return run.report(untried=plan.parts[index + 1 :])
    on_progress(run.report())
    return run.report()


async def _check_plan(session: Session, plan: DownloadPlan, on_listed: Callable[[int], None]) -> int | None:
    """Reads the lists for the plan. Returns the number of the list_pass, None if no part is a date range."""
    queries = plan.date_ranges
    if not queries:
        return None
    lists = await check_lists(session, queries, on_listed)
    listed_plan = await plan_ranges(session, queries, lists)
    if lists.has_other_declarations or not plan.has_content_of(listed_plan):
        raise PlanOutdated(lists)
    return lists.list_pass


class _DownloadRun:
    """The result so far. What has begun is stored and written to the journal even if the caller is cancelled."""

    def __init__(self, session: Session, folder: Path, list_pass: int | None) -> None:
        self._session = session
        self._folder = folder
        self._list_pass = list_pass
        self._files: list[DownloadedFile] = []
        self._failures: list[tuple[DownloadPart, Problem]] = []
        self._to_retry: list[DownloadPart] = []
        self._limit = FailureLimit()

    @property
    def tried(self) -> int:
        return len(self._files) + len(self._failures)

    @property
    def has_fatal_failure(self) -> bool:
        """Whether the last part failed for a reason that applies to all other parts too, or several in a row failed."""
        return self._limit.stopped_by is not None or (
            bool(self._failures) and isinstance(self._failures[-1][1], _FATAL)
        )

    async def download(self, part: DownloadPart) -> None:
        started, requested_at = time.monotonic(), self._session.app_context.clock()
        try:
            data = await self._session.call_port(lambda port: port.download(part.query))
            if isinstance(part.query, DateRangeQuery):
                check_download_size(part.query.date_range, len(data))
            await run_to_completion(asyncio.to_thread(self._store, part, data, started, requested_at))
        except Problem as problem:
            await run_to_completion(asyncio.to_thread(self._record_failure, part, problem))

    def report(self, untried: Sequence[DownloadPart] = (), *, cancelled: bool = False) -> DownloadReport:
        return DownloadReport(tuple(self._files), tuple(self._failures), (*self._to_retry, *untried), cancelled)

    def _store(self, part: DownloadPart, data: bytes, started: float, requested_at: datetime) -> None:
        session = self._session
        verified = _verify(inspect_file(data, session.card.identity.certificate))
        summary = session.declarations.query_summary(part.query, self._list_pass)
        if summary is None:
            raise NothingToDownload
        now = session.app_context.clock()
        # The file name needs dates of export and declaration. If the list has none, the known ones are used instead.
        exported = summary.exported or DateRange.day(now.date())
        name = download_file_name(
            session.card_summary.card_number,
            exported=exported,
            reported=summary.reported or exported,
            first_entry_id=summary.first_entry_id,
            last_entry_id=summary.last_entry_id,
            at=now,
        )
        path = store(self._folder, name, data)
        detail: dict[str, JournalValue] = {"query": query_text(part.query), "path": str(path), "size": len(data)}
        message = f"下载 {summary.declarations} 票"
        verified += record_done(
            session,
            lambda: session.journal.write(JournalKind.DOWNLOAD, (), Outcome.DONE, message, detail),
            lambda: session.declarations.mark_downloaded(part.query, now, self._list_pass, requested_at),
        )
        self._limit.record_success()
        seconds = time.monotonic() - started
        self._files.append(DownloadedFile(part, path, summary.declarations, len(data), seconds, verified))

    def _record_failure(self, part: DownloadPart, problem: Problem) -> None:
        self._failures.append((part, problem))
        to_retry = next_parts(self._session, part, problem)
        self._to_retry.extend(to_retry)
        if to_retry == (part,):  # a part that was only too large tells nothing about the others
            self._limit.record_failure(problem)
        outcome = Outcome.REFUSED if isinstance(problem, Refusal | PortRefused) else Outcome.FAILED
        detail = {"query": query_text(part.query)}
        record_done(
            self._session,
            lambda: self._session.journal.write(JournalKind.DOWNLOAD, (), outcome, problem.message, detail),
        )


def _verify(inspection: FileInspection) -> str:
    """The result of the check, in Chinese. Raises WrongFile for a file that must not be used."""
    if inspection.recipient is Recipient.OTHER:
        raise WrongFile(f"收到的文件{inspection.recipient.label}")
    if inspection.signature is SignatureStatus.BAD:
        raise WrongFile("收到的文件签名不符，内容可能已被改动")
    return "，".join(part for part in ("XML 完整", inspection.recipient.label, inspection.signature.label) if part)
