"""Compares what the program says and stores with the port's own books."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from db.outbox import ResendState
from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from jiacha_tui.demo.pin import DEMO_PIN
from tests.torture.job import CacheState, JobResult, Task


@dataclass(frozen=True, slots=True)
class Books:
    """What the port knows: the declarations that it lists, those that it resent, the files that it made.

    `downloadable` are the declarations in a file of the task's date range, `single_page` the first declaration of each
    list that fits on one page. `requests` are all bytes of each request, with the kind of call.
    """

    listed: frozenset[str]
    downloadable: frozenset[str]
    single_page: frozenset[str]
    resent: tuple[str, ...]
    files: tuple[bytes, ...] = field(repr=False)
    requests: tuple[tuple[CallKind | None, bytes], ...] = field(repr=False)


def violations(
    fault: PortFault, task: Task, result: JobResult, books: Books, folder: Path, *, has_short_timeouts: bool
) -> Iterator[str]:
    """What is wrong after the job, one sentence each. With `has_short_timeouts`, any call may have timed out."""
    for step, problem in result.problems.items():
        if not problem.message or not problem.code:
            yield f"the problem of {step} says nothing"
    if any(DEMO_PIN.encode() in content for _, content in books.requests):
        yield "a request contains the PIN"
    if len([call for call, _ in books.requests if call is CallKind.RESEND]) > 1:
        yield "the resend left more than once"
    resends = Counter(books.resent)
    yield from (f"{entry_id} was resent {count} times" for entry_id, count in resends.items() if count > 1)
    yield from _stored_files(task, result, books, folder)
    if result.state is None:
        if books.resent:
            yield "something was resent without a session"
        return
    yield from _sync(fault, result, result.state, books)
    may_be_unknown = fault.call is CallKind.RESEND or has_short_timeouts
    yield from _resend(task, result.state, books, may_be_unknown=may_be_unknown)
    yield from _marks(result, result.state, books)


def violations_after_recovery(fault: PortFault, before: JobResult, after: JobResult, books: Books) -> Iterator[str]:
    """What is wrong after a second sync, with a port that works again. `books.resent` is of both runs."""
    if after.state is None or after.summary is None:
        yield f"the second sync failed: {after.problems}"
        return
    if not after.summary.is_complete:
        yield f"the second sync is not complete: {after.summary}"
    cached = {entry_id for entry_id, row in after.state.rows.items() if row.delisted_at is None}
    late = books.single_page if fault.kind is FaultKind.ROW_COMES else frozenset()  # read within the last hours
    if cached - books.listed or books.listed - cached - late:
        yield f"after the second sync {len(books.listed - cached)} are missing, {len(cached - books.listed)} too many"
    if after.state.details_due:
        yield f"after the second sync {after.state.details_due} details are missing"
    if before.state is not None and after.state.resends != before.state.resends:
        yield "the outbox changed in the second run"
    if any(call is CallKind.RESEND for call, _ in books.requests):
        yield "the second run resent something"


def _sync(fault: PortFault, result: JobResult, state: CacheState, books: Books) -> Iterator[str]:
    cached = frozenset(entry_id for entry_id, row in state.rows.items() if row.delisted_at is None)
    if frozenset(state.rows) - cached:
        yield f"{len(frozenset(state.rows) - cached)} are marked as no longer listed"
    if cached - books.listed:
        yield f"the cache has declarations that the port does not: {sorted(cached - books.listed)[:3]}"
    summary = result.summary
    if summary is None:
        if "sync" not in result.problems:
            yield "the sync returned nothing and raised nothing"
        return
    complete_text = "同步完成" in summary.text()
    if complete_text != summary.is_complete:
        yield f"the summary contradicts itself: {summary.text()}"
    if not summary.is_complete:
        return
    missing = books.listed - cached
    if fault.kind is FaultKind.ROW_COMES:
        missing -= books.single_page  # a list of one page was read before the row came
    if fault.kind is FaultKind.DROPPED_ROWS:
        missing = frozenset()  # what the port does not list is not missing
    if missing:
        yield f"the sync says that it is complete, but {len(missing)} of {len(books.listed)} are missing"
    if result.details_due:
        yield f"the sync says that it is complete, but {result.details_due} details are missing"


def _resend(task: Task, state: CacheState, books: Books, *, may_be_unknown: bool) -> Iterator[str]:
    if len(state.resends) > 1:
        yield f"the outbox has {len(state.resends)} resends"
    was_applied = task.resent in books.resent
    outcome = state.resends[0] if state.resends else None
    expected = {
        None: not was_applied,
        ResendState.SENT: was_applied,
        ResendState.REFUSED: not was_applied,
        ResendState.UNKNOWN: may_be_unknown,
        ResendState.PENDING: False,
    }
    if not expected[outcome]:
        yield f"the outbox says {outcome}, the port has {'' if was_applied else 'not '}resent it"
    row = state.rows.get(task.resent)
    if row is not None and outcome is not None:
        if (row.resent_at is not None) != (outcome is ResendState.SENT):
            yield f"the row says resent_at {row.resent_at}, the outbox {outcome}"
        if (row.resend_unknown_at is not None) != (outcome is ResendState.UNKNOWN):
            yield f"the row says resend_unknown_at {row.resend_unknown_at}, the outbox {outcome}"


def _stored_files(task: Task, result: JobResult, books: Books, folder: Path) -> Iterator[str]:
    stored = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    yield from (f"{path.name} is no file of the port" for path, data in stored.items() if data not in books.files)
    downloaded = {file.path for file in result.download.files} if result.download else set()
    if downloaded | set(result.saved_prints) != set(stored):
        yield f"reported files {sorted(downloaded)} {sorted(result.saved_prints)}, stored files {sorted(stored)}"
    if result.download is not None and not (downloaded or result.download.failures or result.download.remaining):
        yield "the download reports neither a file nor a failure"
    if result.prints is not None:
        told = [one.entry_id for one in result.prints.prints] + [one.entry_id for one in result.prints.failures]
        if sorted(told) != sorted(task.printed):
            yield f"the prints of {sorted(task.printed)} were asked for, those of {sorted(told)} are reported"


def _marks(result: JobResult, state: CacheState, books: Books) -> Iterator[str]:
    marked = {entry_id for entry_id, row in state.rows.items() if row.downloaded_at is not None}
    if marked and not (result.download and result.download.files):
        yield f"{len(marked)} are marked as downloaded without a file"
    if marked - books.downloadable:
        yield f"{len(marked - books.downloadable)} are marked as downloaded and are in no file"
