"""A download by date is planned, named and marked from the lists that were read right before, over TLS sockets."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from starlette.requests import Request

from jiacha_tui.actions.download import DownloadReport, download_files
from jiacha_tui.actions.download_plan import DownloadPlan, plan_query, plan_ranges, plan_selected, plan_view
from jiacha_tui.actions.problems import NothingToDownload, PlanOutdated
from jiacha_tui.declaration.file_name import parse_file_name
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.faults import FaultKind
from jiacha_tui.encrypted_xml.decrypt import decrypt_file
from jiacha_tui.encrypted_xml.rtx_message import read_rtx_message
from tests.actions.conftest import show_view
from tests.actions.served_port import ServedPort
from tests.card.decryption import decrypt_with
from tests.recording_transport import DOWNLOAD, LIST

JUNE = DateRangeQuery(DateRange(date(2026, 6, 1), date(2026, 6, 30)))
SPRING = DateRangeQuery(DateRange(date(2026, 4, 1), date(2026, 6, 29)))
"""Several months, and too long for one file."""


async def download(port: ServedPort, plan: DownloadPlan, folder: Path) -> DownloadReport:
    port.http.calls.clear()
    return await download_files(port.session, plan, folder, lambda _so_far: None)


async def content(port: ServedPort, report: DownloadReport) -> list[str]:
    """The numbers in all files of the report, in order."""
    held: list[str] = []
    for file in report.files:
        document = await decrypt_file(file.path.read_bytes(), decrypt_with(port.session.card))
        held += [declaration.summary.entry_id for declaration in read_rtx_message(document)]  # type: ignore[union-attr]  # none is unreadable
    return sorted(held)


async def downloaded(port: ServedPort) -> list[str]:
    return sorted(await port.numbers("已下载"))


async def last_numbers(port: ServedPort, query: DateRangeQuery) -> Sequence[str]:
    days = f"{query.date_range.start}..{query.date_range.end}"
    return sorted(await port.numbers(f"类型:结关 {days} -不再列出"))


async def test_a_plan_that_the_list_confirms_is_downloaded(port: ServedPort, tmp_path: Path) -> None:
    plan = await plan_query(port.session, JUNE)
    report = await download(port, plan, tmp_path / "out")
    assert port.http.calls[LIST] in (1, 2), "one list, perhaps with the request for a signature"
    assert await content(port, report) == await downloaded(port)


@pytest.mark.parametrize("query", [JUNE, SPRING], ids=["a month", "several months"])
async def test_a_deleted_declaration_changes_plan_name_and_marks(
    port: ServedPort, query: DateRangeQuery, tmp_path: Path
) -> None:
    plan = await plan_query(port.session, query)
    last = (await last_numbers(port, query))[-1]
    port.demo.withdraw(last)
    with pytest.raises(PlanOutdated, match="1 票口岸不再列出") as outdated:
        await download(port, plan, tmp_path / "out")
    assert port.http.calls[DOWNLOAD] == 0
    assert await downloaded(port) == []
    assert await port.marked() == {last}
    plan = await plan_query(port.session, query, outdated.value.lists)
    report = await download(port, plan, tmp_path / "out")
    held = await content(port, report)
    assert last not in held
    assert held == await downloaded(port)
    names = [parse_file_name(file.path.name) for file in report.files]
    assert max(name.last_entry_id for name in names) == held[-1]
    assert min(name.first_entry_id for name in names) == held[0]


async def test_a_new_number_is_planned_before_it_is_downloaded(port: ServedPort, tmp_path: Path) -> None:
    plan = await plan_query(port.session, JUNE)
    old = (await last_numbers(port, JUNE))[0]
    new = port.demo.renumber(old)
    with pytest.raises(PlanOutdated, match=r"新增 1 票.*1 票口岸不再列出") as outdated:
        await download(port, plan, tmp_path)
    again = await plan_query(port.session, JUNE, outdated.value.lists)
    assert again.declarations == plan.declarations, "only the numbers differ"
    held = await content(port, await download(port, again, tmp_path))
    assert new in held
    assert old not in held
    assert held == await downloaded(port)


async def test_a_view_is_planned_again_from_the_lists(port: ServedPort, tmp_path: Path) -> None:
    view = await show_view(port.session, "2026-06 类型:结关")
    (plan,) = await plan_view(port.session, view)
    gone = (await last_numbers(port, JUNE))[0]
    port.demo.withdraw(gone)
    with pytest.raises(PlanOutdated) as outdated:
        await download(port, plan, tmp_path)
    (again,) = await plan_view(port.session, view, outdated.value.lists)
    assert (again.declarations, again.extra, again.delisted) == (plan.declarations - 1, 0, 1)
    assert len((await download(port, again, tmp_path)).files) == 1


async def test_a_list_that_stays_short_is_told_once_and_only_what_it_has_is_marked(
    port: ServedPort, tmp_path: Path
) -> None:
    plan = await plan_query(port.session, JUNE)
    port.spoil(FaultKind.TOTAL_HIGH)
    with pytest.raises(PlanOutdated) as outdated:
        await download(port, plan, tmp_path)
    assert outdated.value.lists.incomplete == 7
    again = await plan_query(port.session, JUNE, outdated.value.lists)
    assert (again.incomplete, again.declarations) == (7, plan.declarations)
    assert len((await download(port, again, tmp_path)).files) == 1
    assert await port.marked() == set()


async def test_what_a_list_lacks_without_proof_is_not_marked_as_downloaded(port: ServedPort, tmp_path: Path) -> None:
    plan = await plan_query(port.session, JUNE)
    port.spoil(FaultKind.BAD_ROW)
    with pytest.raises(PlanOutdated) as outdated:
        await download(port, plan, tmp_path)
    again = await plan_query(port.session, JUNE, outdated.value.lists)
    assert again.declarations == plan.declarations - 1
    await download(port, again, tmp_path)
    assert len(await downloaded(port)) == plan.declarations - 1


async def test_nothing_is_downloaded_if_everything_is_gone(port: ServedPort, tmp_path: Path) -> None:
    plan = await plan_query(port.session, JUNE)
    port.demo.withdraw(*await last_numbers(port, JUNE))
    with pytest.raises(NothingToDownload):
        await download(port, plan, tmp_path)
    assert port.http.calls[DOWNLOAD] == 0


async def test_cancelling_while_the_lists_are_read_downloads_nothing(port: ServedPort, tmp_path: Path) -> None:
    plan = await plan_query(port.session, SPRING)

    async def cancel(_request: Request) -> None:
        task.cancel()

    port.http.faults[LIST] = cancel
    task = asyncio.create_task(download(port, plan, tmp_path))
    report = await task
    assert (report.cancelled, report.files, report.remaining) == (True, (), plan.parts)
    assert port.http.calls[DOWNLOAD] == 0


async def test_the_remaining_files_of_a_download_are_checked_again(port: ServedPort, tmp_path: Path) -> None:
    plan = await plan_query(port.session, SPRING)
    rest = DownloadPlan("", plan.parts[1:])
    last_day = rest.date_ranges[-1]
    gone = (await last_numbers(port, last_day))[0]
    port.demo.withdraw(gone)
    with pytest.raises(PlanOutdated) as outdated:
        await download(port, rest, tmp_path)
    again = await plan_ranges(port.session, rest.date_ranges, outdated.value.lists)
    assert len((await download(port, again, tmp_path)).files) == len(rest.parts)


async def test_selected_declarations_that_the_port_no_longer_lists_are_left_out(port: ServedPort) -> None:
    gone, kept = (await last_numbers(port, JUNE))[:2]
    port.demo.withdraw(gone)
    await port.query(JUNE)
    plan = await plan_selected(port.session, [gone, kept])
    assert (plan.declarations, plan.delisted) == (1, 1)
    with pytest.raises(NothingToDownload):
        await plan_selected(port.session, [gone])
