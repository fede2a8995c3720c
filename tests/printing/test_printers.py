"""Printing with a real CUPS scheduler, on printers that work, jam, fail or are missing."""

import asyncio
import functools
from pathlib import Path

import pytest

from jiacha_tui.printing.pdf import make_pdf
from jiacha_tui.printing.printers import (
    JobState,
    Printer,
    PrinterState,
    PrintJob,
    job_state,
    list_printers,
    print_pdf,
)
from jiacha_tui.printing.problems import NoPrinter, PrintFailed
from tests.needs import needs
from tests.printing.print_server import QUEUES, PrintServer
from tests.printing.samples import declaration

pytestmark = needs("cupsd")

TITLE = "报关单 223320250000012345"


@functools.cache
def form_pdf() -> bytes:
    return make_pdf([declaration(1)]).data


async def find_printer(name: str) -> Printer:
    return next(printer for printer in await list_printers() if printer.name == name)


async def test_printers_are_listed_with_the_default_one_first(print_server: PrintServer) -> None:
    printers = await list_printers()
    assert [printer.name for printer in printers] == ["works", *sorted(QUEUES.keys() - {"works"})]
    assert [printer.name for printer in printers if printer.default] == ["works"]
    assert printers[0].description == "一楼打印机 <b>"
    assert {printer.name for printer in printers if printer.state is PrinterState.STOPPED} == {"stopped"}
    assert {printer.name for printer in printers if not printer.accepting} == {"refusing"}


async def test_a_document_is_printed_unchanged(print_server: PrintServer) -> None:
    job = await print_pdf(await find_printer("works"), form_pdf(), TITLE)
    assert job.state is JobState.COMPLETED
    assert job.id > 0
    assert (print_server.paper / "document.pdf").read_bytes() == form_pdf()
    assert (print_server.paper / "title").read_text() == "223320250000012345", "ASCII only"
    assert await job_state(job) == job


async def test_a_job_that_fails_is_not_taken_for_a_printed_one(print_server: PrintServer) -> None:
    with pytest.raises(PrintFailed, match="已中止"):
        await print_pdf(await find_printer("broken"), form_pdf(), TITLE)


async def test_a_jam_is_reported_in_chinese_and_the_job_is_canceled(print_server: PrintServer) -> None:
    with pytest.raises(PrintFailed, match="已取消（卡纸") as failure:
        await print_pdf(await find_printer("jams"), form_pdf(), TITLE, time_limit=2)
    number = int(failure.value.message.split("任务 ")[1].split(" ")[0])
    canceled = await job_state(PrintJob("jams", number, JobState.PENDING))
    assert canceled.state is JobState.CANCELED


async def test_a_job_that_is_still_printing_is_not_canceled(print_server: PrintServer) -> None:
    job = await print_pdf(await find_printer("slow"), form_pdf(), TITLE, time_limit=1)
    assert job.state is JobState.PROCESSING


@pytest.mark.parametrize("name", ["stopped", "refusing"])
async def test_a_printer_that_takes_no_jobs_gets_none(print_server: PrintServer, name: str) -> None:
    with pytest.raises(PrintFailed, match=name):
        await print_pdf(await find_printer(name), form_pdf(), TITLE)
    assert list(print_server.paper.iterdir()) == []


async def test_a_removed_printer_is_reported(print_server: PrintServer) -> None:
    removed = Printer("gone/away", "", PrinterState.IDLE, default=False)
    with pytest.raises(NoPrinter, match="gone/away"):
        await print_pdf(removed, form_pdf(), TITLE)


async def test_a_stopped_print_service_is_reported(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(short_folder / "missing.sock"))
    with pytest.raises(NoPrinter, match="连接不上"):
        await print_pdf(Printer("works", "", PrinterState.IDLE, default=True), form_pdf(), TITLE)


async def test_an_unknown_job_is_reported(print_server: PrintServer) -> None:
    with pytest.raises(PrintFailed, match="任务 99999"):
        await job_state(PrintJob("works", 99999, JobState.PENDING))


@pytest.mark.parametrize("title", ["报关单", "", "\x1b[31m"])
async def test_a_title_without_ascii_is_replaced(print_server: PrintServer, title: str) -> None:
    await print_pdf(await find_printer("works"), form_pdf(), title)
    printed = (print_server.paper / "title").read_text()
    assert printed
    assert printed.isascii()
    assert printed.isprintable()


async def test_two_jobs_can_run_at_once(print_server: PrintServer) -> None:
    works = await find_printer("works")
    jobs = await asyncio.gather(*(print_pdf(works, form_pdf(), TITLE) for _ in range(2)))
    assert len({job.id for job in jobs}) == 2
    assert {job.state for job in jobs} == {JobState.COMPLETED}
