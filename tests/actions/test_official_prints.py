"""The port's own prints, up to ten: fetched, checked, counted, saved and printed; what does not come has a reason."""

import shutil
from pathlib import Path

import pytest

from jiacha_tui.actions.official_prints import (
    FailedPrint,
    FetchedPrints,
    fetch_prints,
    listed_at_port,
    official_pages,
    print_official_prints,
    save_official_prints,
)
from jiacha_tui.actions.problems import NotListed, NotOnline
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.declaration.rules import BatchTooLarge, NothingSelected
from jiacha_tui.demo.demo import Demo
from jiacha_tui.eport.problems import InvalidPortResponse, PortRefused, TlsFailed, UnexpectedPage
from jiacha_tui.printing.printers import Printer, PrinterState
from jiacha_tui.printing.problems import NoPrinter, PrintOfAnother, PrintUnusable
from tests.actions.conftest import show_view
from tests.needs import needs
from tests.printing.print_server import PrintServer
from tests.printing.small_pdf import small_pdf
from tests.recording_transport import PREVIEW, RecordingTransport
from tests.replaced_prints import REFUSAL, Answer, ReplacedPrints, count_prints, pdf
from tests.screens.sample import FIRST, declaration

LASER = Printer("laser", "", PrinterState.IDLE, default=True)
OTHER = "223320990000000018"


@pytest.fixture
def replaced(transport: RecordingTransport) -> ReplacedPrints:
    return ReplacedPrints(transport)


async def numbers(session: Session, count: int) -> tuple[str, ...]:
    return tuple(line.entry_id for line in (await show_view(session, "2026-06")).first[:count])


async def print_count(session: Session, entry_id: str) -> int:
    (line,) = (await show_view(session, f"号:{entry_id}")).first
    return line.print_count


async def test_each_print_is_fetched_once_in_order_and_counted_as_the_port_counts_it(
    synced: Session, demo: Demo, transport: RecordingTransport
) -> None:
    entry_ids = await numbers(synced, 3)
    before = [await print_count(synced, entry_id) for entry_id in entry_ids]
    done: list[int] = []
    prints = await fetch_prints(synced, entry_ids, done.append)
    assert [print_.entry_id for print_ in prints.prints] == list(entry_ids)
    assert (prints.failures, done, count_prints(transport)) == ((), [0, 1, 2], 3)
    assert all(print_.number_found for print_ in prints.prints)
    after = [await print_count(synced, entry_id) for entry_id in entry_ids]
    assert after == [count + 1 for count in before]
    await sync(synced, lambda _progress: None, lambda: None)
    assert [await print_count(synced, entry_id) for entry_id in entry_ids] == after, "the port has counted the same"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (pdf(REFUSAL), PortRefused),
        (pdf(b""), InvalidPortResponse),
        (pdf(b"<html><title>x</title></html>"), UnexpectedPage),
        (pdf(small_pdf([OTHER])), PrintOfAnother),
        (pdf(small_pdf([OTHER])[:-20]), PrintUnusable),
    ],
    ids=["refusal", "empty", "page", "other", "cut off"],
)
async def test_what_is_no_print_of_the_declaration_is_a_failure_and_the_others_come(
    synced: Session, replaced: ReplacedPrints, answer: Answer, problem: type[Problem]
) -> None:
    first, second = await numbers(synced, 2)
    replaced.answers = {first: answer}
    prints = await fetch_prints(synced, (first, second))
    assert [print_.entry_id for print_ in prints.prints] == [second]
    assert [(failure.entry_id, type(failure.problem)) for failure in prints.failures] == [(first, problem)]
    (entry,) = synced.journal.recent(10, kind=JournalKind.PRINT)
    refused = problem is PortRefused
    assert (entry.entry_ids, entry.outcome) == ((first,), Outcome.REFUSED if refused else Outcome.FAILED)
    pages = official_pages(prints, (first, second), 40)
    assert [page.entry_id for page in pages] == [first, second]
    assert "没有取到口岸的打印" in pages[0].lines[0]


async def test_after_a_failure_that_concerns_all_the_others_are_not_tried(
    synced: Session, transport: RecordingTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_ids = await numbers(synced, 3)

    async def fail(*_: object) -> bytes:
        transport.calls.append(PREVIEW)
        raise TlsFailed

    monkeypatch.setattr(synced.require_port(), "official_print_pdf", fail)
    prints = await fetch_prints(synced, entry_ids)
    assert (prints.prints, len(prints.failures), count_prints(transport)) == ((), 3, 1)


async def test_a_declaration_that_the_port_does_not_list_is_not_asked_for(
    synced: Session, transport: RecordingTransport
) -> None:
    synced.declarations.put_imported([declaration(FIRST)])
    (listed,) = await numbers(synced, 1)
    assert await listed_at_port(synced, [listed])
    assert not await listed_at_port(synced, [listed, FIRST])
    prints = await fetch_prints(synced, [FIRST])
    assert [type(failure.problem) for failure in prints.failures] == [NotListed]
    assert count_prints(transport) == 0


async def test_one_to_ten_declarations_online(synced: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    (entry_id,) = await numbers(synced, 1)
    with pytest.raises(NothingSelected):
        await fetch_prints(synced, ())
    with pytest.raises(BatchTooLarge):
        await fetch_prints(synced, [entry_id] * 11)
    monkeypatch.setattr(synced, "port", None)
    assert not await listed_at_port(synced, [entry_id])
    with pytest.raises(NotOnline):
        await fetch_prints(synced, [entry_id])


async def test_prints_are_saved_as_they_came_and_never_over_another_file(synced: Session, tmp_path: Path) -> None:
    entry_ids = await numbers(synced, 2)
    prints = (await fetch_prints(synced, entry_ids)).prints
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / f"{entry_ids[1]}.pdf").write_text("mine")
    first, second = await save_official_prints(synced, prints, folder)
    assert (first.name, first.read_bytes()) == (f"{entry_ids[0]}.pdf", prints[0].data)
    assert (second.name.startswith(f"{entry_ids[1]}_"), second.read_bytes()) == (True, prints[1].data)
    assert (folder / f"{entry_ids[1]}.pdf").read_text() == "mine"
    assert first.stat().st_mode & 0o777 == 0o600
    assert [entry.detail["path"] for entry in synced.journal.recent(2)] == [str(second), str(first)]


@needs("cupsd")
async def test_a_print_goes_to_the_printer_unchanged(synced: Session, print_server: PrintServer) -> None:
    prints = (await fetch_prints(synced, await numbers(synced, 1))).prints
    job = await print_official_prints(synced, prints, Printer("works", "", PrinterState.IDLE, default=True), "title")
    assert "已打印" in job.message
    assert (job.saved, (print_server.paper / "document.pdf").exists()) == ((), True)
    (entry,) = synced.journal.recent(1)
    assert (entry.outcome, entry.detail["printer"]) == (Outcome.DONE, "works")


async def test_where_the_printer_fails_the_prints_are_saved(
    synced: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "missing.sock"))
    prints = (await fetch_prints(synced, await numbers(synced, 2))).prints
    job = await print_official_prints(synced, prints, LASER, "title")
    assert [path.read_bytes() for path in job.saved] == [print_.data for print_ in prints]
    assert str(job.saved[0].parent) in job.message
    shutil.rmtree(job.saved[0].parent)
    job.saved[0].parent.touch()
    with pytest.raises(NoPrinter):
        await print_official_prints(synced, prints, LASER, "title")


def test_a_failure_is_a_page_that_says_why_and_what_to_do() -> None:
    problem = PortRefused(700, "该报关单暂不能打印", "请联系申报地海关")
    (page,) = official_pages(FetchedPrints((), (FailedPrint(FIRST, problem),)), (FIRST,), 80)
    assert {"该报关单暂不能打印", "请联系申报地海关", "按 F4 看本机绘制的单据。"} <= set(page.lines)
