"""Import decrypted declaration files (RtxMessage) that the operator already has into the cache of the card."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from db.declarations import ImportOutcome
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Declaration
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.encrypted_xml.rtx_message import UnreadableDec, read_rtx_message
from jiacha_tui.private_files import FileTooLarge, file_problems, open_regular

CHUNK_SIZE = 500
"""How many declarations are written to the cache at a time."""

MAX_IMPORT_BYTES = 1024 * 1024 * 1024
"""The largest file that is imported: a hundred times the size of a download."""

MAX_NAMED = 200
"""How many rejected or different declarations a report names. A damaged file can hold any number of errors."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """A declaration that was not imported, or a whole file (`line` is None), with the reason in Chinese."""

    path: Path
    line: int | None
    entry_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Counts of declarations compared with the cache. The `different` ones contradict it and were not imported.

    `rejected` counts what could not be read. The first `MAX_NAMED` of the different and of the rejected ones are named.
    """

    files: int = 0
    new: int = 0
    same: int = 0
    different: int = 0
    rejected: int = 0
    named_different: tuple[str, ...] = ()
    named_rejected: tuple[RejectedEntry, ...] = ()

    def text(self) -> str:
        """The counts as one Chinese sentence."""
        return (
            f"读取 {self.files} 个文件：新增 {self.new} 票，相同 {self.same} 票，"
            f"不同 {self.different} 票，拒绝 {self.rejected} 处"
        )


async def import_paths(
    session: Session, paths: Sequence[Path], on_progress: Callable[[ImportReport], None]
) -> ImportReport:
    """Imports all files of `paths`; a folder means the XML files in it.

    A file or declaration that cannot be read is reported as rejected, and the others are imported. `on_progress` is
    called on the event loop. Raises FileProblem for a folder that cannot be read, before anything is imported, and
    `Problem` if the cache fails.
    """
    report = ImportReport()
    for path in await asyncio.to_thread(lambda: list(files_in(paths))):
        report = replace(report, files=report.files + 1)
        rows = _read(path)
        while chunk := await asyncio.to_thread(_take, rows, CHUNK_SIZE):
            report = await asyncio.to_thread(_store, session, chunk, report)
            on_progress(report)
    outcome = Outcome.DONE if report.new or report.same else Outcome.REFUSED
    await asyncio.to_thread(session.journal.write, JournalKind.IMPORT, (), outcome, report.text())
    return report


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that `paths` mean, in order. Raises FileProblem for a folder that cannot be read."""
    for path in paths:
        with file_problems(path):
            files = (
                sorted(file for file in path.iterdir() if file.suffix.lower() == ".xml") if path.is_dir() else [path]
            )
        yield from files


def _read(path: Path) -> Iterator[Declaration | RejectedEntry]:
    try:
        with file_problems(path), open_regular(path) as stream:
            if os.fstat(stream.fileno()).st_size > MAX_IMPORT_BYTES:
                raise FileTooLarge(path, MAX_IMPORT_BYTES)
            for found in read_rtx_message(stream):
                if isinstance(found, UnreadableDec):
                    yield RejectedEntry(path, found.line, found.entry_id, found.reason)
                else:
                    yield found
    except Problem as problem:
        yield RejectedEntry(path, None, "", problem.message)


def _take(rows: Iterator[_Value], count: int) -> list[_Value]:
    return list(islice(rows, count))


def _store(session: Session, chunk: Sequence[Declaration | RejectedEntry], report: ImportReport) -> ImportReport:
    found = [entry for entry in chunk if isinstance(entry, Declaration)]
    results = session.declarations.put_imported(found)
    different = [key for key, outcome in results.items() if outcome is ImportOutcome.DIFFERENT]
    rejected = [entry for entry in chunk if isinstance(entry, RejectedEntry)]
    return replace(
        report,
        new=report.new + sum(outcome is ImportOutcome.NEW for outcome in results.values()),
        same=report.same + sum(outcome is ImportOutcome.SAME for outcome in results.values()),
        different=report.different + len(different),
        rejected=report.rejected + len(rejected),
        named_different=(*report.named_different, *different)[:MAX_NAMED],
        named_rejected=(*report.named_rejected, *rejected)[:MAX_NAMED],
    )
