"""批量预览/打印 and 直接打印 (manual 2.1.4, 2.1.8, 2.1.9): shows, saves and prints the declaration form."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from jiacha_tui.actions.detail import load_declarations
from jiacha_tui.actions.folders import downloads_folder, open_folder, store
from jiacha_tui.actions.recording import record_done
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Declaration
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.rules import BatchOperation, check_batch
from jiacha_tui.printing.pdf import make_pdf
from jiacha_tui.printing.printers import PRINT_TIME_LIMIT, Printer, list_printers, print_pdf
from jiacha_tui.printing.text_form import TextPage, text_pages

__all__ = [
    "PRINT_TIME_LIMIT",
    "DrawnForm",
    "PrintJobResult",
    "Printer",
    "SavedPdf",
    "TextPage",
    "draw_declarations",
    "draw_form",
    "list_printers",
    "print_now",
    "save_pdf",
]
"""Includes names of the printing package that the screens need, because the screens do not import that package."""


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """The text pages of several declarations, in the requested order; each page knows its declaration."""

    pages: tuple[TextPage, ...]
    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True)
class SavedPdf:
    """A stored PDF: its path, its number of pages and the name of the engine that made it.

    `unrecorded` says in Chinese that the cache could not record it, "" if it has.
    """

    path: Path
    pages: int
    engine: str
    unrecorded: str = ""


@dataclass(frozen=True, slots=True)
class PrintJobResult:
    """The result of printing the drawn form. If that failed and the PDF was saved instead, `saved` describes it."""

    message: str
    saved: SavedPdf | None = None


async def draw_form(session: Session, entry_ids: Sequence[str], width: int) -> DrawnForm:
    """The form of up to ten declarations as text of `width` cells.

    Raises Refusal, and the problem of a declaration that cannot be loaded.
    """
    check_batch(entry_ids, BatchOperation.PRINT)
    declarations = await load_declarations(session, entry_ids)
    return await draw_declarations(declarations, width)


async def draw_declarations(declarations: Sequence[Declaration], width: int) -> DrawnForm:
    """The drawn form of `declarations`, which are loaded already, as text of `width` cells."""

    def pages() -> DrawnForm:
        return DrawnForm(
            tuple(page for declaration in declarations for page in text_pages(declaration, width)), tuple(declarations)
        )

    return await asyncio.to_thread(pages)


async def save_pdf(session: Session, entry_ids: Sequence[str], folder: Path) -> SavedPdf:
    """Saves up to ten declarations as one PDF in `folder`. This counts as a print of each. Raises `Problem`."""
    check_batch(entry_ids, BatchOperation.PRINT)
    declarations = await load_declarations(session, entry_ids)
    loaded_at = session.app_context.clock()
    saved = await asyncio.to_thread(_save, session, declarations, await open_folder(str(folder)))
    unrecorded = await asyncio.to_thread(
        _record_print, session, entry_ids, loaded_at, f"已存为 PDF，{saved.pages} 页", {"path": str(saved.path)}
    )
    return replace(saved, unrecorded=unrecorded)


async def print_now(session: Session, entry_ids: Sequence[str], printer: Printer, title: str) -> PrintJobResult:
    """直接打印: sends up to ten declarations to `printer` and waits for the result.

    If printing fails, the PDF is saved to the downloads folder instead, and the report says if. Raises Refusal,
    the problem of a declaration that cannot be loaded or of the PDF, and, if the PDF cannot be saved either, the
    problem of the printer.
    """
    check_batch(entry_ids, BatchOperation.PRINT)
    declarations = await load_declarations(session, entry_ids)
    loaded_at = session.app_context.clock()
    pdf = await asyncio.to_thread(make_pdf, declarations)
    try:
        job = await print_pdf(printer, pdf.data, title)
    except Problem as problem:
        saved = await _save_instead(session, declarations)
        message = problem.message if saved is None else f"{problem.message}；已改存 PDF：{saved.path}"
        await asyncio.to_thread(_record_failure, session, entry_ids, message)
        if saved is None:
            raise
        return PrintJobResult(message, saved)
    message = f"{printer.name}：{job.state.label}（任务 {job.id}）"
    unrecorded = await asyncio.to_thread(
        _record_print, session, entry_ids, loaded_at, message, {"printer": printer.name}
    )
    return PrintJobResult(f"{message}{unrecorded}")


async def _save_instead(session: Session, declarations: Sequence[Declaration]) -> SavedPdf | None:
    try:
        folder = await open_folder(str(downloads_folder(session)))
        return await asyncio.to_thread(_save, session, declarations, folder)
    except Problem:  # the problem of the printer is reported instead
        return None


def _record_print(
    session: Session, entry_ids: Sequence[str], loaded_at: datetime, message: str, detail: dict[str, str]
) -> str:
    return record_done(
        session,
        lambda: session.declarations.add_print(entry_ids, loaded_at),
        lambda: session.journal.write(JournalKind.PRINT, entry_ids, Outcome.DONE, message, detail),
    )


def _record_failure(session: Session, entry_ids: Sequence[str], message: str) -> None:
    record_done(session, lambda: session.journal.write(JournalKind.PRINT, entry_ids, Outcome.FAILED, message))


def _save(session: Session, declarations: Sequence[Declaration], folder: Path) -> SavedPdf:
    pdf = make_pdf(declarations)
    first = declarations[0].summary.entry_id
    count = "" if len(declarations) == 1 else f"_{len(declarations)}票"
    name = f"报关单_{first}{count}_{session.app_context.clock():%Y%m%d%H%M%S}.pdf"
    return SavedPdf(store(folder, name, pdf.data), pdf.pages, pdf.engine)
