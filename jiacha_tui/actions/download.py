"""XML 文件下载 (manual 2.1.2, 2.1.6): fetch the files of a plan, check and store them.

What the port sends is stored unchanged. It is checked first: well-formed, and for the card that is logged in as far
as its container tells.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jiacha_tui.actions.app_context import NotOnline
from jiacha_tui.actions.download_plan import DownloadPart, DownloadPlan, NothingToDownload, next_parts
from jiacha_tui.actions.folders import open_folder, store
from jiacha_tui.actions.query import query_text
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.card.problems import CardProblem
from jiacha_tui.declaration.file_name import download_file_name
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.declaration.rules import Refusal, check_download_size
from jiacha_tui.encrypted_xml.inspection import FileInspection, Recipient, SignatureStatus, inspect_file
from jiacha_tui.eport.problems import PortRefused, PortUnreachable
from jiacha_tui.private_files import DiskFull

_ENDS_ALL = (PortUnreachable, NotOnline, DiskFull, CardProblem)
"""After one of these the next file would fail in the same way."""


class WrongFile(Problem):
    """What the port sent must not go to the tax bureau; it was not kept."""

    def __init__(self, what: str) -> None:
        super().__init__("download.wrong-file", f"{what}，没有保存", "请用登录的卡重新下载；仍然如此请联系口岸")


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """A stored file, the `part` of its plan; `size` is in bytes, `verified` says in Chinese what the check found."""

    part: DownloadPart
    path: Path
    declarations: int
    size: int
    seconds: float
    verified: str


@dataclass(frozen=True, slots=True)
class DownloadReport:
    """What became of a plan. `rest` is what it still lacks: what failed and what `cancelled` left undone.

    A part that the port found to hold too much is in `rest` as two smaller ones.
    """

    files: tuple[DownloadedFile, ...]
    failures: tuple[tuple[DownloadPart, Problem], ...]
    remaining: tuple[DownloadPart, ...]
    cancelled: bool


OnProgress = Callable[[DownloadReport], None]
"""Told before each part, and after the last, what has become of the plan so far; `rest` is what is still to come."""


async def download_files(session: Session, plan: DownloadPlan, folder: Path, on_progress: OnProgress) -> DownloadReport:
    """Downloads the plan's parts one after the other into `folder`.

    A part that fails does not stop the next ones, unless port, card or disk have failed for all of them. Cancelling
    the task ends it between two files. Raises `Problem` for a folder that cannot be written to, before anything is
    asked for.
    """
    files = _DownloadRun(session, await open_folder(str(folder)))
    for index, part in enumerate(plan.parts):
        on_progress(files.report(undone=plan.parts[index:]))
        try:
            await files.add(part)
        except asyncio.CancelledError:
            return files.report(undone=plan.parts[files.tried :], cancelled=True)
        if files.is_fatal:
            return files.report(undone=plan.parts[index + 1 :])
    on_progress(files.report())
    return files.report()


class _DownloadRun:
    """What has become of the parts so far. Whatever was begun is written down, also when the caller is cancelled."""

    def __init__(self, session: Session, folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._files: list[DownloadedFile] = []
        self._failures: list[tuple[DownloadPart, Problem]] = []
        self._rest: list[DownloadPart] = []

    @property
    def tried(self) -> int:
        return len(self._files) + len(self._failures)

    @property
    def is_fatal(self) -> bool:
        """Whether the last one failed for a reason that all have in common."""
        return bool(self._failures) and isinstance(self._failures[-1][1], _ENDS_ALL)

    async def add(self, part: DownloadPart) -> None:
        started = time.monotonic()
        try:
            data = await self._session.call_port(lambda port: port.download(part.query))
            if isinstance(part.query, DateRangeQuery):
                check_download_size(part.query.date_range, len(data))
            await run_to_completion(asyncio.to_thread(self._keep, part, data, started))
        except Problem as problem:
            await run_to_completion(asyncio.to_thread(self._note, part, problem))

    def report(self, undone: Sequence[DownloadPart] = (), *, cancelled: bool = False) -> DownloadReport:
        return DownloadReport(tuple(self._files), tuple(self._failures), (*self._rest, *undone), cancelled)

    def _keep(self, part: DownloadPart, data: bytes, started: float) -> None:
        session = self._session
        verified = _verified(inspect_file(data, session.card.identity.certificate))
        extent = session.declarations.query_summary(part.query)
        if extent is None:
            raise NothingToDownload
        now = session.app_context.clock()
        # The name needs its dates; where the port listed none, the days that are known stand in.
        exported = extent.exported or DateRange.day(now.date())
        name = download_file_name(
            session.card_summary.card_number,
            exported=exported,
            reported=extent.reported or exported,
            first_entry_id=extent.first_entry_id,
            last_entry_id=extent.last_entry_id,
            at=now,
        )
        path = store(self._folder, name, data)
        session.journal.write(
            JournalKind.DOWNLOAD,
            (),
            Outcome.DONE,
            f"下载 {extent.declarations} 票",
            {"query": query_text(part.query), "path": str(path), "size": len(data)},
        )
        session.declarations.mark_downloaded(part.query, now)
        seconds = time.monotonic() - started
        self._files.append(DownloadedFile(part, path, extent.declarations, len(data), seconds, verified))

    def _note(self, part: DownloadPart, problem: Problem) -> None:
        self._failures.append((part, problem))
        self._rest.extend(next_parts(self._session, part, problem))
        outcome = Outcome.REFUSED if isinstance(problem, Refusal | PortRefused) else Outcome.FAILED
        detail = {"query": query_text(part.query)}
        self._session.journal.write(JournalKind.DOWNLOAD, (), outcome, problem.message, detail)


def _verified(checked: FileInspection) -> str:
    """What is known of a file before it is stored. Raises `WrongFile` for one that must not be used."""
    if checked.recipient is Recipient.OTHER:
        raise WrongFile(f"收到的文件{checked.recipient.label}")
    if checked.signature is SignatureStatus.BAD:
        raise WrongFile("收到的文件签名不符，内容可能已被改动")
    if not checked.well_formed:
        return "不是 XML，按原样保存"
    return "，".join(part for part in ("XML 完整", checked.recipient.label, checked.signature.label) if part)
