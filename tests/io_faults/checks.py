"""Compares what the program has reported with what a later start finds, and with the port's own books."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from errno import EIO, EROFS
from pathlib import Path
from signal import SIGABRT, SIGKILL

from jiacha_tui.declaration.journal import JournalKind, Outcome
from tests.io_faults.faults import Fault, Lasting
from tests.io_faults.orders import LookReport, Report, StepReport, Task

_JOURNAL = {
    "login": JournalKind.LOGIN,
    "sync": JournalKind.SYNC,
    "download": JournalKind.DOWNLOAD,
    "resend": JournalKind.RESEND,
    "prints": JournalKind.PRINT,
    "print": JournalKind.PRINT,
    "import": JournalKind.IMPORT,
}


@dataclass(frozen=True, slots=True)
class Books:
    """What the port knows: what it lists, what it resent and how often it was asked to, and the files that it made."""

    listed: frozenset[str]
    resent: tuple[str, ...]
    resend_requests: int
    files: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended: its exit code, its report, and the temporary files that were there then."""

    code: int
    report: Report
    temporary_files: tuple[str, ...]


def violations(
    fault: Fault | None, task: Task, work: Ended, later: Ended, *, books: Books, home: Path
) -> Iterator[str]:
    """What is wrong after the work and the later start, one sentence each."""
    was_killed = fault is not None and fault.is_kill
    has_aborted = work.code == -SIGABRT and _may_abort(fault)
    if work.code != (-SIGKILL if was_killed else 0) and not has_aborted:
        yield f"the program ended with {work.code}"
    if fault is not None and not (was_killed or has_aborted or work.report.failed_calls):
        yield "the fault did not happen"
    yield from _steps(fault, work.report)
    yield from _files(work.report, books, home)
    could_remove = fault is None or (fault.lasting is Lasting.ONCE and fault.call != "remove" and not was_killed)
    if work.temporary_files and could_remove:
        yield f"temporary files stayed: {work.temporary_files}"
    look = later.report.look
    if fault is None and look is not None and [state for _entry_ids, state in look.resends] != ["sent"]:
        yield f"without a fault the outbox says {look.resends}"
    yield from violations_after_start(task, work.report, later, books)


def violations_after_start(task: Task, work: Report, later: Ended, books: Books) -> Iterator[str]:
    """What is wrong with what the later start finds after the `work`."""
    yield from _steps(None, later.report)
    if later.temporary_files:
        yield f"temporary files stayed after the next start: {later.temporary_files}"
    look = later.report.look
    if later.code or look is None:
        yield f"the later start ended with {later.code}"
        return
    yield from _later(look, books)
    yield from _acknowledged(work, look, task, books)
    yield from _resends(work, look, books)


def _may_abort(fault: Fault | None) -> bool:
    """Whether the engine may end the process: it does if it cannot take back what it has written to its log.

    It throws in a destructor then. Nothing that was committed is lost, and nothing in Python can prevent it.
    """
    if fault is None or fault.error not in (EIO, EROFS):
        return False
    return fault.files in ("wal", "cache") or fault.lasting is Lasting.ON  # which then reaches them too


def _steps(fault: Fault | None, report: Report) -> Iterator[str]:
    for step in report.steps:
        if step.traceback:
            yield f"{step.step} raised:\n{step.traceback}"
        if step.failure is not None:
            if fault is None:
                yield f"{step.step} failed without a fault: {step.failure}"
            if not (step.failure.code and any("一" <= character <= "鿿" for character in step.failure.message)):
                yield f"the problem of {step.step} says nothing: {step.failure}"


def _later(look: LookReport, books: Books) -> Iterator[str]:
    if not look.again.is_complete:
        yield f"the sync after it is not complete: {look.again}"
    if frozenset(look.rows_after) != books.listed:
        yield f"after it {len(books.listed - frozenset(look.rows_after))} of the port's declarations are missing"
    if any(kind == JournalKind.CACHE.value for kind, _outcome in look.journal):
        yield "the later start found the cache tampered with"
    if look.details_due:
        yield f"after it {look.details_due} details are missing"


def _acknowledged(work: Report, look: LookReport, task: Task, books: Books) -> Iterator[str]:
    from_port = [row for row in look.rows.values() if row.from_port]
    details = sum(row.has_detail for row in from_port)
    journal = Counter(look.journal)
    for step in work.steps:
        if step.listed > len(from_port):
            yield f"{step.step} had reported {step.listed} rows, {len(from_port)} are there"
        if step.details > details:
            yield f"{step.step} had reported {step.details} details, {details} are there"
        if step.is_complete and not len(from_port) == details == len(books.listed):
            yield f"the sync had said that it is complete: {len(from_port)} rows, {details} details"
        kind = _JOURNAL.get(step.step)
        if kind and _is_done(step) and not journal[kind.value, Outcome.DONE.value]:
            yield f"{step.step} was reported as done and is not in the journal"
        if step.step == "import" and step.new and not look.rows.keys() >= set(task.imported):
            yield "what was reported as imported is not there"
        is_marked = any(row.downloaded for row in look.rows.values())
        if step.step == "download" and _is_done(step) and not is_marked:
            yield "a download was reported as done and no declaration is marked"


def _is_done(step: StepReport) -> bool:
    if step.failure is not None or step.traceback or "没有记下" in step.text:
        return False
    return {
        "sync": step.is_complete,
        "resend": step.outcome == Outcome.DONE.value,
        "download": bool(step.files),
        "prints": len(step.files) > 1,
        "import": step.new > 0,
    }.get(step.step, True)


def _files(work: Report, books: Books, home: Path) -> Iterator[str]:
    stored = {path: path.read_bytes() for path in (home / "downloads").rglob("*") if path.is_file()}
    for path, data in stored.items():
        if path.suffix in (".xml", ".pdf") and data not in books.files:
            yield f"{path.name} is no file of the port: {len(data)} bytes"
    for step in work.steps:
        yield from (f"{step.step} reported {path.name}, which is missing" for path in set(step.files) - stored.keys())


def _resends(work: Report, look: LookReport, books: Books) -> Iterator[str]:
    if books.resend_requests > 1 or len(books.resent) > 1:
        yield f"the resend left {books.resend_requests} times, the port has {books.resent}"
    if len(look.resends) > 1:
        yield f"the outbox has {len(look.resends)} resends"
    was_applied = bool(books.resent)
    entry_ids, state = look.resends[0] if look.resends else (books.resent, None)
    expected = {
        None: not was_applied,
        "sent": was_applied,
        "refused": not was_applied,
        "unknown": True,
        "pending": False,
    }
    if not expected[state]:
        yield f"the outbox says {state}, the port has {'' if was_applied else 'not '}resent it"
    if was_applied and entry_ids != books.resent:
        yield f"the outbox has {entry_ids}, the port has {books.resent}"
    for entry_id in entry_ids:
        row = look.rows.get(entry_id)
        if row is not None and row.resent != (state == "sent"):
            yield f"the row of {entry_id} says resent {row.resent}, the outbox {state}"
        if state == "unknown" and not (row is not None and row.resend_unknown and entry_id in look.warned):
            yield f"nobody is warned that it is unknown whether {entry_id} was resent"
    said = next((step for step in work.steps if step.step == "resend"), None)
    if said is None:
        return
    if was_applied and said.failure is not None:
        yield f"the port has resent it, and the operator was told that it failed: {said.failure}"
    if said.outcome == Outcome.DONE.value and state != "sent" and "没有记下" not in said.text:
        yield f"the resend was reported as done, the outbox says {state}"
