"""Printing through a real scheduler, onto printers that work, jam, fail and are gone."""

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
def form() -> bytes:
    return make_pdf([declaration(1)]).data


async def printer(name: str) -> Printer:
    return next(one for one in await list_printers() if one.name == name)


async def test_the_printers_with_the_default_one_first(print_server: PrintServer) -> None:
    found = await list_printers()
    assert [one.name for one in found] == ["works", *sorted(QUEUES.keys() - {"works"})]
    assert [one.name for one in found if one.default] == ["works"]
    assert found[0].description == "一楼打印机 <b>"
    assert {one.name for one in found if one.state is PrinterState.STOPPED} == {"stopped"}
    assert {one.name for one in found if not one.accepting} == {"refusing"}


async def test_a_document_is_printed_unchanged(print_server: PrintServer) -> None:
    job = await print_pdf(await printer("works"), form(), TITLE)
    assert job.state is JobState.COMPLETED
    assert job.id > 0
    assert (print_server.paper / "document.pdf").read_bytes() == form()
    assert (print_server.paper / "title").read_text() == "223320250000012345", "ASCII only"
    assert await job_state(job) == job


async def test_a_job_that_fails_is_told_apart_from_one_that_was_printed(print_server: PrintServer) -> None:
    with pytest.raises(PrintFailed, match="已中止"):
        await print_pdf(await printer("broken"), form(), TITLE)


async def test_a_jam_is_told_in_chinese_and_the_job_is_taken_back(print_server: PrintServer) -> None:
    with pytest.raises(PrintFailed, match="已取消（卡纸") as failure:
        await print_pdf(await printer("jams"), form(), TITLE, time_limit=2)
    number = int(failure.value.message.split("任务 ")[1].split(" ")[0])
    gone = await job_state(PrintJob("jams", number, JobState.PENDING))
    assert gone.state is JobState.CANCELED


async def test_a_slow_printer_is_left_to_finish(print_server: PrintServer) -> None:
    job = await print_pdf(await printer("slow"), form(), TITLE, time_limit=1)
    assert job.state is JobState.PROCESSING


@pytest.mark.parametrize("name", ["stopped", "refusing"])
async def test_a_stopped_printer_gets_no_job(print_server: PrintServer, name: str) -> None:
    with pytest.raises(PrintFailed, match=name):
        await print_pdf(await printer(name), form(), TITLE)
    assert list(print_server.paper.iterdir()) == []


async def test_a_printer_that_was_removed(print_server: PrintServer) -> None:
    gone = Printer("gone/away", "", PrinterState.IDLE, default=False)
    with pytest.raises(NoPrinter, match="gone/away"):
        await print_pdf(gone, form(), TITLE)


async def test_a_print_service_that_was_stopped(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(short_folder / "nobody.sock"))
    with pytest.raises(NoPrinter, match="连接不上"):
        await print_pdf(Printer("works", "", PrinterState.IDLE, default=True), form(), TITLE)


async def test_a_job_that_nobody_knows(print_server: PrintServer) -> None:
    with pytest.raises(PrintFailed, match="任务 99999"):
        await job_state(PrintJob("works", 99999, JobState.PENDING))


@pytest.mark.parametrize("title", ["报关单", "", "\x1b[31m"])
async def test_a_title_without_ascii_is_replaced(print_server: PrintServer, title: str) -> None:
    await print_pdf(await printer("works"), form(), title)
    shown = (print_server.paper / "title").read_text()
    assert shown
    assert shown.isascii()
    assert shown.isprintable()


async def test_two_jobs_at_once(print_server: PrintServer) -> None:
    works = await printer("works")
    jobs = await asyncio.gather(*(print_pdf(works, form(), TITLE) for _ in range(2)))
    assert len({job.id for job in jobs}) == 2
    assert {job.state for job in jobs} == {JobState.COMPLETED}
