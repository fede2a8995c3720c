"""The port's own print of declarations: fetch it, check it, save it and print it, at most ten at once (manual 2.1.4).

The port counts its prints in 打印次数. The count in the cache follows at once, and takes the port's at the next list.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.cells import cell_len

from jiacha_tui.actions.folders import downloads_folder, open_folder, store
from jiacha_tui.actions.problems import NotListed
from jiacha_tui.actions.recording import record_done
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.formatting import format_size
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Summary
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.rules import BatchOperation, check_batch
from jiacha_tui.eport.problems import InvalidPortResponse, PortBusy, PortRefused, PortUnreachable, ServerError
from jiacha_tui.printing.official_print import OfficialPrint, PrintChecker, text_lines
from jiacha_tui.printing.printers import Printer, print_pdf
from jiacha_tui.printing.problems import PrintNotChecked, PrintOfAnother, PrintUnclear, PrintUnusable
from jiacha_tui.printing.text_form import TextPage
from jiacha_tui.private_files import FileExists
from jiacha_tui.text_layout import SPECIFICATION, wrap

__all__ = [
    "FailedPrint",
    "FetchedPrints",
    "OfficialPrint",
    "OfficialPrintJobResult",
    "fetch_checked_print",
    "fetch_prints",
    "is_about_one_print",
    "listed_at_port",
    "official_pages",
    "print_official_prints",
    "save_official_prints",
]
"""Includes names of the printing package that the screens need, because the screens do not import that package."""

_ABOUT_ONE_PRINT = (
    *(PortRefused, InvalidPortResponse, ServerError, PortBusy, PortUnreachable),
    *(PrintUnusable, PrintOfAnother, PrintUnclear, PrintNotChecked, NotListed),
)


@dataclass(frozen=True, slots=True)
class FailedPrint:
    """A declaration whose print did not come, and why."""

    entry_id: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class FetchedPrints:
    """What the port gave of several declarations, in the requested order. Each is in one of the two."""

    prints: tuple[OfficialPrint, ...]
    failures: tuple[FailedPrint, ...]


@dataclass(frozen=True, slots=True)
class OfficialPrintJobResult:
    """The result of printing fetched prints. If the printer failed, `saved` are the PDFs that were saved instead."""

    message: str
    saved: tuple[Path, ...] = ()


def is_about_one_print(problem: Problem) -> bool:
    """Whether the failure concerns one print, so that those of other declarations may still come."""
    return isinstance(problem, _ABOUT_ONE_PRINT)


async def listed_at_port(session: Session, entry_ids: Sequence[str]) -> bool:
    """Whether the session is online and the port has listed all of the declarations, so that it can print them."""
    if not session.online:
        return False
    return len(await asyncio.to_thread(session.declarations.still_listed, entry_ids)) == len(entry_ids)


async def fetch_checked_print(session: Session, checker: PrintChecker, summary: Summary) -> OfficialPrint:
    """The port's print of one declaration. Raises the problems of the port and of `PrintChecker.check`."""
    data = await session.call_port(lambda port: port.official_print_pdf(summary.entry_id, summary.kind))
    await run_to_completion(asyncio.to_thread(session.declarations.add_port_print, [summary.entry_id]))
    return await checker.check(summary.entry_id, data)


async def fetch_prints(
    session: Session, entry_ids: Sequence[str], on_progress: Callable[[int], None] = lambda done: None
) -> FetchedPrints:
    """Fetches the prints of up to ten declarations, one after the other. Calls `on_progress` before each.

    One that does not come is in `failures`. After a failure that concerns all, the others are not tried. Raises a
    Refusal for no declaration or more than ten, and NotOnline.
    """
    check_batch(entry_ids, BatchOperation.PRINT)
    session.require_port()
    prints: list[OfficialPrint] = []
    failures: list[FailedPrint] = []
    fatal: Problem | None = None
    listed = await asyncio.to_thread(session.declarations.still_listed, entry_ids)
    summaries = {
        summary.entry_id: summary for summary in await asyncio.to_thread(session.declarations.summaries, listed)
    }
    async with PrintChecker() as checker:
        for done, entry_id in enumerate(entry_ids):
            on_progress(done)
            try:
                if fatal is not None:
                    raise fatal
                if entry_id not in summaries:
                    raise NotListed(entry_id)
                prints.append(await fetch_checked_print(session, checker, summaries[entry_id]))
            except Problem as problem:
                failures.append(FailedPrint(entry_id, problem))
                if not is_about_one_print(problem):
                    fatal = problem
    if failures:
        await asyncio.to_thread(_record_failures, session, failures)
    return FetchedPrints(tuple(prints), tuple(failures))


def official_pages(prints: FetchedPrints, entry_ids: Sequence[str], width: int) -> tuple[TextPage, ...]:
    """The prints as text pages in the order of `entry_ids`. No line is wider than `width` cells.

    The first page of a print begins with what is known of its PDF. A declaration without a print has one page that says
    why.
    """
    by_number = {print_.entry_id: print_ for print_ in prints.prints}
    problems = {failure.entry_id: failure.problem for failure in prints.failures}
    pages: list[TextPage] = []
    for entry_id in entry_ids:
        print_ = by_number.get(entry_id)
        if print_ is None:
            pages.append(TextPage(entry_id, 1, 1, _wrapped(_failure_lines(problems[entry_id]), width)))
            continue
        for index in range(len(print_.pages)):
            lines = text_lines(print_, index) or ("（这一页没有文字，请存为 PDF 或打印出来看）",)
            about = _about(print_) if index == 0 else ()
            pages.append(TextPage(entry_id, index + 1, len(print_.pages), _wrapped((*about, *lines), width)))
    return tuple(pages)


async def save_official_prints(session: Session, prints: Sequence[OfficialPrint], folder: Path) -> tuple[Path, ...]:
    """Saves each print unchanged as `<报关单号>.pdf`, with the time in the name if there is such a file. Raises
    `Problem`; the files before stay."""
    opened = await open_folder(str(folder))
    return await asyncio.to_thread(_save, session, prints, opened)


async def print_official_prints(
    session: Session, prints: Sequence[OfficialPrint], printer: Printer, title: str
) -> OfficialPrintJobResult:
    """Sends the prints to `printer`, a job each, and waits for each result.

    From the first one that fails on, they are saved to the downloads folder instead, and the result says where. Raises
    the problem of the printer if they cannot be saved either.
    """
    states: list[str] = []
    for done, print_ in enumerate(prints):
        try:
            job = await print_pdf(printer, print_.data, title)
        except Problem as problem:
            return await _save_instead(session, prints, done, problem)
        states.append(f"{job.state.label}（任务 {job.id}）")
        message = f"口岸打印，{printer.name}：{states[-1]}"
        states[-1] += await asyncio.to_thread(_record, session, [print_.entry_id], message, {"printer": printer.name})
    return OfficialPrintJobResult(f"{printer.name}：{'，'.join(dict.fromkeys(states))}")


async def _save_instead(
    session: Session, prints: Sequence[OfficialPrint], done: int, problem: Problem
) -> OfficialPrintJobResult:
    unprinted = prints[done:]
    entry_ids = [print_.entry_id for print_ in unprinted]
    await asyncio.to_thread(
        record_done,
        session,
        lambda: session.journal.write(JournalKind.PRINT, entry_ids, Outcome.FAILED, problem.message),
    )
    try:
        saved = await save_official_prints(session, unprinted, downloads_folder(session))
    except Problem:
        raise problem from None
    printed = f"已打印 {done} 票；" if done else ""
    return OfficialPrintJobResult(f"{printed}{problem.message}；{len(saved)} 票已改存 PDF：{saved[0].parent}", saved)


def _about(print_: OfficialPrint) -> tuple[str, ...]:
    return (
        f"口岸的打印，PDF，{len(print_.pages)} 页，{format_size(len(print_.data))}；{checked_text(print_)}。",
        "这里只列出其中的文字，版面以存下的 PDF 或打印出来的为准。",
        "",
    )


def checked_text(print_: OfficialPrint) -> str:
    """What was checked, in Chinese."""
    return "PDF 完整，报关单号相符" if print_.number_found else "PDF 完整，报关单号没有核对（没有文字，或分不清号码）"


def _failure_lines(problem: Problem) -> tuple[str, ...]:
    return ("没有取到口岸的打印：", problem.message, problem.hint, "", "按 F4 看本机绘制的单据。")


def _wrapped(lines: Iterable[str], width: int) -> tuple[str, ...]:
    return tuple(part for line in lines for part in wrap(line, width, cell_len, SPECIFICATION))


def _save(session: Session, prints: Sequence[OfficialPrint], folder: Path) -> tuple[Path, ...]:
    paths: list[Path] = []
    for print_ in prints:
        try:
            path = store(folder, f"{print_.entry_id}.pdf", print_.data)
        except FileExists:
            now = session.app_context.clock()
            path = store(folder, f"{print_.entry_id}_{now:%Y%m%d%H%M%S}.pdf", print_.data)
        paths.append(path)
        message = f"口岸打印已存为 PDF，{len(print_.pages)} 页"
        _record(session, [print_.entry_id], message, {"path": str(path)})
    return tuple(paths)


def _record(session: Session, entry_ids: Sequence[str], message: str, detail: dict[str, str]) -> str:
    return record_done(
        session, lambda: session.journal.write(JournalKind.PRINT, entry_ids, Outcome.DONE, message, detail)
    )


def _record_failures(session: Session, failures: Sequence[FailedPrint]) -> None:
    for failure in failures:
        outcome = Outcome.REFUSED if isinstance(failure.problem, PortRefused) else Outcome.FAILED
        message = f"没有取到口岸的打印：{failure.problem.message}"
        write = partial(session.journal.write, JournalKind.PRINT, [failure.entry_id], outcome, message)
        record_done(session, write)
