"""Save the port's print of each of many declarations, such as a month's, as `<报关单号>.pdf` in one folder.

The folder itself says what is done: a file that is whole and has the number of its declaration is not fetched again. So
a run that was cancelled, cut off or killed is continued by running it once more. No file is ever overwritten.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from jiacha_tui.actions.bulk_print_report import BulkPrintReport, UnsavedPrint
from jiacha_tui.actions.call_pauses import CallPauses
from jiacha_tui.actions.failure_limit import FailureLimit
from jiacha_tui.actions.folders import downloads_folder, open_folder, store
from jiacha_tui.actions.official_prints import fetch_checked_print, is_about_one_print
from jiacha_tui.actions.problems import NothingToDownload, TooManyPrints
from jiacha_tui.actions.recording import record_done
from jiacha_tui.actions.result_browser import ResultView
from jiacha_tui.actions.result_file import write_result_file
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, JournalValue, Outcome
from jiacha_tui.declaration.model import Summary
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.eport.problems import PortBusy, PortUnreachable, ServerError
from jiacha_tui.printing.official_print import MAX_PRINT_BYTES, OfficialPrint, PrintChecker
from jiacha_tui.printing.problems import PrintNotChecked, PrintOfAnother, PrintUnclear, PrintUnusable
from jiacha_tui.private_files import FileExists, FileMissing, FileProblem, read_limited

MAX_PRINTS: Final = 5000
"""The most declarations of one run. With the pauses it takes about an hour and a half."""

_MOVE_AWAY: Final = "请先看一下这个文件，把它移走或改名，再用这个文件夹批量保存一次"
_MAY_PASS: Final = (PortUnreachable, ServerError, PortBusy)
"""Failures after which a declaration is tried once more at the end."""

_FOLDER: Final = "报关单打印"


@dataclass(frozen=True, slots=True)
class BulkPrintsPlan:
    """The declarations whose prints are to be saved, and the proposed folder.

    `unsaved` are those that the port has no print of, because it does not list them.
    """

    title: str
    summaries: tuple[Summary, ...]
    unsaved: tuple[UnsavedPrint, ...]
    folder: Path

    def __len__(self) -> int:
        return len(self.summaries) + len(self.unsaved)

    def after(self, report: BulkPrintReport) -> "BulkPrintsPlan":
        """The same plan with the untried declarations first: those that failed must not stop the next run again."""
        untried = set(report.untried)
        first = tuple(summary for summary in self.summaries if summary.entry_id in untried)
        return replace(
            self, summaries=(*first, *(summary for summary in self.summaries if summary.entry_id not in untried))
        )


OnBulkPrintsProgress = Callable[[BulkPrintReport], None]
"""Called with the result so far, before each declaration and after the last summary."""


async def plan_bulk_prints(session: Session, what: ResultView | Sequence[str]) -> BulkPrintsPlan:
    """The plan for the declarations of a view, or for those with these numbers.

    Raises NotOnline, NothingToDownload, TooManyPrints.
    """
    session.require_port()
    if isinstance(what, ResultView):
        title = f"列表里的 {len(what):,} 票"
        entry_ids = await what.entry_ids(MAX_PRINTS + 1)
    else:
        title = f"选中的 {len(what):,} 票"
        entry_ids = tuple(what)
    if not entry_ids:
        raise NothingToDownload
    if len(entry_ids) > MAX_PRINTS:
        raise TooManyPrints(MAX_PRINTS)
    return await asyncio.to_thread(_plan, session, title, entry_ids)


async def save_bulk_prints(
    session: Session,
    plan: BulkPrintsPlan,
    folder: Path,
    on_progress: OnBulkPrintsProgress = lambda report: None,
    pause: float | None = None,
) -> BulkPrintReport:
    """Saves what is not in `folder` yet, one after the other, with a pause after ten calls.

    `pause` is in seconds, by default `call_pauses.PAUSE_SECONDS`. The run stops at a failure that concerns all
    declarations, and after failures in a row (`failure_limit`). Cancelling the task ends it at once, and it returns the
    report. The report is also written to the journal, as one entry, and to a text file in the folder. Raises `Problem`
    for a folder that cannot be written to, before the port is asked.
    """
    run = _BulkPrintsRun(session, plan, await open_folder(str(folder)), on_progress, CallPauses(pause))
    cancelled = False
    try:
        await run.run()
    except asyncio.CancelledError:
        cancelled = True
    return await run_to_completion(run.finish(cancelled=cancelled))


def folder_name(days: Sequence[date]) -> str:
    """The name of the folder for prints of declarations with these 出口日期: by month, or from month to month."""
    if not days:
        return _FOLDER
    first, last = f"{min(days):%Y-%m}", f"{max(days):%Y-%m}"
    return f"{_FOLDER}-{first}" if first == last else f"{_FOLDER}-{first}至{last}"


def _plan(session: Session, title: str, entry_ids: Sequence[str]) -> BulkPrintsPlan:
    declarations = session.declarations
    summaries = declarations.summaries(entry_ids)
    listed = set(declarations.still_listed(entry_ids))
    delisted = declarations.delisted(entry_ids)
    unsaved = tuple(
        UnsavedPrint(
            summary.entry_id,
            f"口岸不再列出（{delisted[summary.entry_id].astimezone():%Y-%m-%d} 发现）"
            if summary.entry_id in delisted
            else "只来自导入的文件，口岸没有列出",
        )
        for summary in summaries
        if summary.entry_id not in listed
    )
    to_fetch = tuple(summary for summary in summaries if summary.entry_id in listed)
    days = [summary.exported_on for summary in to_fetch if summary.exported_on is not None]
    return BulkPrintsPlan(title, to_fetch, unsaved, downloads_folder(session) / folder_name(days))


class _BulkPrintsRun:
    """One run with its counts. What has come is stored even if the task is cancelled."""

    def __init__(
        self,
        session: Session,
        plan: BulkPrintsPlan,
        folder: Path,
        on_progress: OnBulkPrintsProgress,
        pauses: CallPauses,
    ) -> None:
        self._session = session
        self._plan = plan
        self._folder = folder
        self._on_progress = on_progress
        self._pauses = pauses
        self._untried = deque(plan.summaries)
        self._again: list[Summary] = []
        self._saved: list[str] = []
        self._settled: set[str] = set()
        """Those that were stored or found to be in the folder; a cancellation may come right after that."""
        self._present = 0
        self._unchecked: list[str] = []
        self._unsaved: list[UnsavedPrint] = list(plan.unsaved)
        self._stopped_by: Problem | None = None
        self._started = time.monotonic()

    async def run(self) -> None:
        async with PrintChecker() as checker:
            await self._save_all(checker, may_try_again=True)
            if self._stopped_by is None and self._again:
                self._untried.extend(self._again)
                self._again.clear()
                await self._save_all(checker, may_try_again=False)
        self._on_progress(self._report(cancelled=False))

    async def finish(self, *, cancelled: bool) -> BulkPrintReport:
        report = self._report(cancelled=cancelled)
        return replace(report, unrecorded=await asyncio.to_thread(self._record, report))

    async def _save_all(self, checker: PrintChecker, *, may_try_again: bool) -> None:
        limit = FailureLimit()
        while self._untried and self._stopped_by is None:
            self._on_progress(self._report(cancelled=False))
            summary = self._untried.popleft()
            try:
                if not await self._is_settled_by_file(checker, summary.entry_id):
                    await self._save_one(checker, summary)
                    limit.record_success()
            except asyncio.CancelledError:
                if summary.entry_id not in self._settled:
                    self._untried.appendleft(summary)
                raise
            except Problem as problem:
                if not is_about_one_print(problem):
                    self._untried.appendleft(summary)
                    self._stopped_by = problem
                    return
                if may_try_again and isinstance(problem, _MAY_PASS):
                    self._again.append(summary)
                else:
                    self._unsaved.append(UnsavedPrint(summary.entry_id, problem.message, problem.hint))
                if limit.record_failure(problem):
                    self._stopped_by = problem
                    return
                await self._pauses.rest_after(limit.failures)

    async def _is_settled_by_file(self, checker: PrintChecker, entry_id: str) -> bool:
        """Whether the folder has a file for the declaration already: its print, or something else that stays."""
        path = self._folder / _file_name(entry_id)
        reason = ""
        try:
            data = await asyncio.to_thread(read_limited, path, MAX_PRINT_BYTES + 1)
            found = await checker.check(entry_id, data)
        except FileMissing:
            return False
        except FileProblem as problem:
            reason = problem.message
        except (PrintUnusable, PrintOfAnother, PrintUnclear, PrintNotChecked) as problem:
            reason = problem.message
        else:
            self._settled.add(entry_id)
            self._present += 1
            if not found.number_found:
                self._unchecked.append(entry_id)
            return True
        self._unsaved.append(UnsavedPrint(entry_id, f"文件夹里已有 {path.name}，没有覆盖；{reason}", _MOVE_AWAY))
        return True

    async def _save_one(self, checker: PrintChecker, summary: Summary) -> None:
        print_ = await self._pauses.call(partial(fetch_checked_print, self._session, checker, summary), self._show_wait)
        try:
            await run_to_completion(asyncio.to_thread(self._store, print_))
        except FileExists as problem:
            # It has come in the meantime, or it is a link that leads nowhere.
            if not await self._is_settled_by_file(checker, summary.entry_id):
                self._unsaved.append(UnsavedPrint(print_.entry_id, problem.message, _MOVE_AWAY))

    def _show_wait(self, text: str) -> None:
        self._on_progress(replace(self._report(cancelled=False), waiting=text))

    def _store(self, print_: OfficialPrint) -> None:
        store(self._folder, _file_name(print_.entry_id), print_.data)
        self._settled.add(print_.entry_id)
        self._saved.append(print_.entry_id)
        if not print_.number_found:
            self._unchecked.append(print_.entry_id)

    def _report(self, *, cancelled: bool) -> BulkPrintReport:
        return BulkPrintReport(
            folder=self._folder,
            total=len(self._plan),
            saved=len(self._saved),
            present=self._present,
            unchecked=tuple(self._unchecked),
            unsaved=tuple(self._unsaved),
            untried=tuple(summary.entry_id for summary in (*self._untried, *self._again)),
            stopped_by=self._stopped_by,
            cancelled=cancelled,
            calls=self._pauses.calls,
            seconds=time.monotonic() - self._started,
        )

    def _record(self, report: BulkPrintReport) -> str:
        write_result_file(report, self._session.app_context.clock())
        outcome = Outcome.CANCELLED if report.cancelled else Outcome.DONE if report.is_complete else Outcome.FAILED
        detail: dict[str, JournalValue] = {
            "path": str(report.folder),
            "saved": report.saved,
            "present": report.present,
            "missing": len(report.unsaved),
            "untried": len(report.untried),
        }
        message = f"打印批量保存：{report.text()}"
        return record_done(
            self._session,
            lambda: self._session.journal.write(JournalKind.PRINT, self._saved, outcome, message, detail),
        )


def _file_name(entry_id: str) -> str:
    return f"{entry_id}.pdf"
