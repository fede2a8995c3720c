"""Printing: what counts as a print, and what happens without a printer."""

from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.printing import draw_form, print_now, save_pdf
from jiacha_tui.actions.session import Session
from jiacha_tui.config import Config, DownloadsConfig
from jiacha_tui.declaration.journal import JournalEntry, JournalKind, Outcome
from jiacha_tui.declaration.rules import BatchTooLarge, NothingSelected
from jiacha_tui.printing.printers import Printer, PrinterState
from jiacha_tui.printing.problems import NoPrinter
from tests.actions.conftest import show_view

LASER = Printer("laser", "", PrinterState.IDLE, default=True)


@pytest.fixture
def without_print_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "missing.sock"))


async def first_entry_ids(session: Session, count: int) -> tuple[str, ...]:
    return tuple(line.entry_id for line in (await show_view(session, "2026-06")).first[:count])


async def print_count(session: Session, entry_id: str) -> int:
    (line,) = (await show_view(session, f"号:{entry_id}")).first
    return line.print_count


def journal_entries(session: Session) -> list[JournalEntry]:
    return session.journal.recent(10, kind=JournalKind.PRINT)


async def test_a_preview_does_not_count_as_a_print(synced: Session) -> None:
    entry_ids = await first_entry_ids(synced, 2)
    before = [await print_count(synced, entry_id) for entry_id in entry_ids]
    pages = (await draw_form(synced, entry_ids, 80)).pages
    assert list(dict.fromkeys(page.entry_id for page in pages)) == list(entry_ids)
    assert [await print_count(synced, entry_id) for entry_id in entry_ids] == before
    assert journal_entries(synced) == []


async def test_a_saved_pdf_counts_as_a_print_of_each(synced: Session, tmp_path: Path) -> None:
    entry_ids = await first_entry_ids(synced, 2)
    before = [await print_count(synced, entry_id) for entry_id in entry_ids]
    saved = await save_pdf(synced, entry_ids, tmp_path / "out")
    assert saved.path.read_bytes().startswith(b"%PDF-")
    assert saved.path.stat().st_mode & 0o777 == 0o600
    assert [await print_count(synced, entry_id) for entry_id in entry_ids] == [count + 1 for count in before]
    (entry,) = journal_entries(synced)
    assert (entry.outcome, entry.entry_ids, entry.detail["path"]) == (Outcome.DONE, entry_ids, str(saved.path))


@pytest.mark.usefixtures("without_print_service")
async def test_where_the_printer_fails_the_pdf_is_saved_and_not_counted(synced: Session) -> None:
    entry_ids = await first_entry_ids(synced, 1)
    before = await print_count(synced, entry_ids[0])
    report = await print_now(synced, entry_ids, LASER, "title")
    assert report.saved is not None
    assert report.saved.path.parent == synced.app_context.locations.downloads
    assert str(report.saved.path) in report.message
    assert await print_count(synced, entry_ids[0]) == before
    assert [entry.outcome for entry in journal_entries(synced)] == [Outcome.FAILED]


@pytest.mark.usefixtures("without_print_service")
async def test_where_the_pdf_cannot_be_saved_either_the_problem_of_the_printer_is_raised(
    synced: Session, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    synced.app_context = replace(
        synced.app_context, config=Config(downloads=DownloadsConfig(folder=tmp_path / "file" / "folder"))
    )
    with pytest.raises(NoPrinter):
        await print_now(synced, await first_entry_ids(synced, 1), LASER, "title")
    (entry,) = journal_entries(synced)
    assert (entry.outcome, "打印服务" in entry.message) == (Outcome.FAILED, True)


async def test_at_most_ten_declarations_are_printed_together(synced: Session, tmp_path: Path) -> None:
    entry_ids = await first_entry_ids(synced, 1)
    with pytest.raises(NothingSelected):
        await draw_form(synced, (), 80)
    for print_all in (
        lambda many: draw_form(synced, many, 80),
        lambda many: save_pdf(synced, many, tmp_path),
        lambda many: print_now(synced, many, LASER, "title"),
    ):
        with pytest.raises(BatchTooLarge):
            await print_all(entry_ids * 11)
    assert journal_entries(synced) == []
