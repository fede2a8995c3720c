"""The prints of many declarations: all that the port gives are saved, the rest is named, and a further run goes on."""

import asyncio
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import httpx
import pytest

from jiacha_tui.actions.bulk_print_report import BulkPrintReport
from jiacha_tui.actions.bulk_prints import (
    BulkPrintsPlan,
    folder_name,
    plan_bulk_prints,
    save_bulk_prints,
)
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.problems import BadFolder, NothingToDownload, NotOnline, TooManyPrints
from jiacha_tui.actions.result_file import FILE_NAME
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.envelope import ScriptShape, draw_envelope
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.eport.problems import PortBusy, PortRefused, PortUnreachable, SessionEnded
from jiacha_tui.private_files import DiskFull, FileMissing, PermissionDenied
from tests.actions.conftest import show_view
from tests.printing.small_pdf import SCAN, small_pdf
from tests.recording_transport import RecordingTransport
from tests.replaced_prints import REFUSAL, Answer, ReplacedPrints, count_prints, lost, pdf, status, unreachable
from tests.screens.sample import FIRST, declaration

OTHER = "223320990000000018"
FILTER = "2026-05..2026-06 类型:结关"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "prints"


@pytest.fixture
def replaced(transport: RecordingTransport) -> ReplacedPrints:
    return ReplacedPrints(transport)


@pytest.fixture
async def plan(synced: Session) -> BulkPrintsPlan:
    """More declarations than one batch has."""
    plan = await plan_bulk_prints(synced, await show_view(synced, FILTER))
    assert len(plan) > 10
    return plan


async def run(session: Session, plan: BulkPrintsPlan, folder: Path) -> BulkPrintReport:
    return await save_bulk_prints(session, plan, folder, pause=0.0)


def numbers(plan: BulkPrintsPlan) -> list[str]:
    return [summary.entry_id for summary in plan.summaries]


def saved(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.pdf"))


def modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in folder.iterdir()}


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def read_list(folder: Path) -> str:
    return (folder / FILE_NAME).read_text("utf-8")


def put(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


def contents(folder: Path, entry_ids: Iterable[str]) -> dict[str, bytes]:
    return {entry_id: (folder / f"{entry_id}.pdf").read_bytes() for entry_id in entry_ids}


def put_what_is_no_file(folder: Path, place: str, link: str) -> None:
    """A folder in the place of one print, and a link that leads nowhere in that of another."""
    (folder / f"{place}.pdf").mkdir()
    (folder / f"{link}.pdf").symlink_to(folder / "nowhere")


async def test_every_print_is_saved_and_counted_and_a_second_run_asks_for_nothing(
    synced: Session, plan: BulkPrintsPlan, folder: Path, transport: RecordingTransport
) -> None:
    progress: list[BulkPrintReport] = []
    report = await save_bulk_prints(synced, plan, folder, progress.append, pause=0.0)
    count = len(plan)
    assert (report.saved, report.present, report.unsaved, report.is_complete) == (count, 0, (), True)
    assert saved(folder) == sorted(numbers(plan))
    assert count_prints(transport) == report.calls == count
    assert [report.done for report in progress] == list(range(count + 1))
    assert modes(folder) == {0o600}
    view = await show_view(synced, FILTER)
    assert {row.print_count > 0 for row in await view.window(0, count)} == {True}
    again = await run(synced, plan, folder)
    assert (again.saved, again.present, again.calls, again.is_complete) == (0, count, 0, True)
    entries = synced.journal.recent(9, kind=JournalKind.PRINT)
    assert [(entry.outcome, len(entry.entry_ids)) for entry in entries] == [(Outcome.DONE, 0), (Outcome.DONE, count)]
    assert f"{count} 票的打印已齐" in read_list(folder)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (pdf(REFUSAL), "该报关单暂不能打印"),
        (pdf(small_pdf([OTHER])), f"里面是 {OTHER}"),
        (pdf(small_pdf([OTHER])[:-20]), "PDF 不完整"),
        (pdf(small_pdf(["System error"])), "System error"),
        (pdf(small_pdf([], [])), "空白"),
        (pdf(b""), "无法理解"),
        (pdf(b"<html><title>busy</title></html>"), "busy"),
    ],
    ids=["refusal", "other", "cut off", "error", "blank", "empty", "page"],
)
async def test_what_does_not_come_is_named_with_the_reason_and_not_saved(
    *, synced: Session, plan: BulkPrintsPlan, folder: Path, replaced: ReplacedPrints, answer: Answer, reason: str
) -> None:
    wrong = numbers(plan)[3], numbers(plan)[7]
    replaced.answers = dict.fromkeys(wrong, answer)
    report = await run(synced, plan, folder)
    assert [print_.entry_id for print_ in report.unsaved] == list(wrong)
    assert all(reason in print_.reason for print_ in report.unsaved)
    assert set(saved(folder)) == set(numbers(plan)) - set(wrong)
    assert (report.untried, report.is_complete) == ((), False)
    written = read_list(folder)
    assert all(entry_id in written for entry_id in wrong)
    assert reason in written
    (entry,) = synced.journal.recent(1)
    assert (entry.outcome, entry.detail["missing"]) == (Outcome.FAILED, 2)
    replaced.answers = {}
    assert (await run(synced, plan, folder)).calls == 2, "only the missing ones are asked for again"


async def test_a_scan_is_saved_and_said_to_be_unchecked_in_every_run(
    synced: Session, plan: BulkPrintsPlan, folder: Path, replaced: ReplacedPrints
) -> None:
    scan = numbers(plan)[0]
    replaced.answers = {scan: pdf(SCAN)}
    for _ in range(2):
        report = await run(synced, plan, folder)
        assert (report.unchecked, report.is_complete) == ((scan,), True)
        assert "没有核对" in report.text()


async def test_equal_failures_in_a_row_stop_the_run_and_the_next_one_begins_with_the_others(
    synced: Session, plan: BulkPrintsPlan, folder: Path, replaced: ReplacedPrints, transport: RecordingTransport
) -> None:
    refused = numbers(plan)[:5]
    replaced.answers = dict.fromkeys(refused, pdf(REFUSAL))
    report = await run(synced, plan, folder)
    assert isinstance(report.stopped_by, PortRefused)
    assert (report.saved, len(report.unsaved), len(report.untried)) == (0, 5, len(plan) - 5)
    assert count_prints(transport) == 5
    assert "停下的原因：该报关单暂不能打印" in read_list(folder)
    report = await run(synced, plan.after(report), folder)
    assert (report.saved, report.untried) == (len(plan) - 5, ())
    assert [print_.entry_id for print_ in report.unsaved] == refused


@pytest.mark.parametrize(
    ("answer", "problem", "calls"),
    [
        (unreachable, PortUnreachable, 2),
        (lost, PortUnreachable, 2),
        (status(429, **{"retry-after": "3600"}), PortBusy, 1),
    ],
    ids=["unreachable", "lost", "long pause"],
)
async def test_a_port_that_is_gone_or_wants_a_long_pause_stops_the_run_soon(
    *,
    synced: Session,
    plan: BulkPrintsPlan,
    folder: Path,
    replaced: ReplacedPrints,
    transport: RecordingTransport,
    answer: Answer,
    problem: type[Exception],
    calls: int,
) -> None:
    replaced.every = answer
    report = await run(synced, plan, folder)
    assert isinstance(report.stopped_by, problem)
    assert (len(report.untried), count_prints(transport)) == (len(plan), calls)
    replaced.every = None
    assert (await run(synced, plan, folder)).is_complete


async def test_a_failure_that_may_pass_is_tried_once_more_at_the_end(
    synced: Session, plan: BulkPrintsPlan, folder: Path, replaced: ReplacedPrints
) -> None:
    answers = iter([status(503), status(429, **{"retry-after": "0"})])

    def fail_twice() -> httpx.Response:
        if (answer := next(answers, None)) is not None:
            return answer()
        return httpx.Response(200, stream=httpx.ByteStream(small_pdf([numbers(plan)[1]])))

    replaced.answers = {numbers(plan)[1]: fail_twice}
    report = await run(synced, plan, folder)
    assert (report.is_complete, report.calls) == (True, len(plan) + 2)


async def test_a_short_pause_that_the_port_asks_for_is_made_and_said(
    synced: Session, plan: BulkPrintsPlan, folder: Path, replaced: ReplacedPrints
) -> None:
    first = numbers(plan)[0]
    replaced.answers = {first: status(429, **{"retry-after": "0"})}
    waits: list[str] = []

    def note(report: BulkPrintReport) -> None:
        if report.waiting:
            waits.append(report.waiting)
            replaced.answers = {}

    assert (await save_bulk_prints(synced, plan, folder, note, pause=0.0)).is_complete
    assert waits == ["口岸要求暂停，0 秒后接着取"]


async def test_files_that_are_not_the_print_stay_and_are_named(
    synced: Session, plan: BulkPrintsPlan, folder: Path, transport: RecordingTransport
) -> None:
    foreign, half, another, place, link = numbers(plan)[:5]
    before = {foreign: b"mine", half: small_pdf([half])[:-30], another: small_pdf([OTHER])}
    for entry_id, content in before.items():
        put(folder, f"{entry_id}.pdf", content)
    put_what_is_no_file(folder, place, link)
    report = await run(synced, plan, folder)
    assert [print_.entry_id for print_ in report.unsaved] == [foreign, half, another, place, link]
    assert all("没有覆盖" in print_.reason for print_ in report.unsaved)
    assert all("移走或改名" in print_.hint for print_ in report.unsaved)
    assert contents(folder, before) == before
    assert count_prints(transport) == len(plan) - 4, "only the link leads to a request"
    assert (report.saved, report.untried) == (len(plan) - 5, ())


async def test_a_run_can_be_cancelled_at_once_and_continued(
    synced: Session, plan: BulkPrintsPlan, folder: Path, transport: RecordingTransport
) -> None:
    never = asyncio.Event()
    transport.run_at_request(",1", 4, never.wait)
    reached = asyncio.Event()
    seen: list[int] = []

    def note(report: BulkPrintReport) -> None:
        seen.append(report.saved)
        if report.saved == 3:
            reached.set()

    task = asyncio.create_task(save_bulk_prints(synced, plan, folder, note, pause=0.0))
    await reached.wait()
    task.cancel()
    report = await task
    assert (report.cancelled, report.saved, len(report.untried)) == (True, 3, len(plan) - 3)
    (entry,) = synced.journal.recent(1)
    assert (entry.outcome, entry.entry_ids) == (Outcome.CANCELLED, tuple(numbers(plan)[:3]))
    never.set()
    report = await run(synced, plan, folder)
    assert (report.present, report.is_complete) == (3, True)


async def test_a_folder_that_is_removed_or_full_stops_the_run_and_nothing_is_lost(
    synced: Session, plan: BulkPrintsPlan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove(report: BulkPrintReport) -> None:
        if report.saved == 2:
            shutil.rmtree(folder, ignore_errors=True)

    report = await save_bulk_prints(synced, plan, folder, remove, pause=0.0)
    assert isinstance(report.stopped_by, FileMissing)
    assert (report.saved, len(report.untried)) == (2, len(plan) - 2)
    assert (await run(synced, plan, folder)).is_complete

    shutil.rmtree(folder)
    monkeypatch.setattr("jiacha_tui.actions.bulk_prints.store", _full)
    report = await run(synced, plan, folder)
    assert isinstance(report.stopped_by, DiskFull)
    assert (report.saved, report.calls, len(report.untried)) == (0, 1, len(plan))
    assert names(folder) == [FILE_NAME]


def _full(folder: Path, name: str, data: bytes) -> Path:
    raise DiskFull(folder / name)


async def test_a_folder_that_cannot_be_used_is_refused_before_the_port_is_asked(
    synced: Session, plan: BulkPrintsPlan, folder: Path, transport: RecordingTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "file", b"")
    with pytest.raises(BadFolder):
        await run(synced, plan, folder / "file")
    monkeypatch.setattr("jiacha_tui.actions.folders.os.access", lambda *_: False)
    with pytest.raises(PermissionDenied):
        await run(synced, plan, folder)
    assert count_prints(transport) == 0
    assert synced.journal.recent(9, kind=JournalKind.PRINT) == []


async def test_a_session_that_ends_in_the_middle_is_opened_again(
    synced: Session, plan: BulkPrintsPlan, folder: Path, demo: Demo, transport: RecordingTransport
) -> None:
    def end_session(report: BulkPrintReport) -> None:
        if report.saved == 3:
            demo.release(draw_envelope(ScriptShape.PLAIN))  # a new release ends all sessions

    assert (await save_bulk_prints(synced, plan, folder, end_session, pause=0.0)).is_complete
    assert count_prints(transport) == len(plan) + 1


async def test_a_lock_in_the_middle_waits(
    synced: Session, plan: BulkPrintsPlan, folder: Path, transport: RecordingTransport
) -> None:
    synced.enable_locking()
    locked = asyncio.Event()

    def note(report: BulkPrintReport) -> None:
        if report.saved == 2 and not locked.is_set():
            locked.set()

    async def lock() -> None:
        await locked.wait()
        await synced.lock(LockReason.COMMAND)

    locking = asyncio.create_task(lock())
    task = asyncio.create_task(save_bulk_prints(synced, plan, folder, note, pause=0.0))
    await locking
    await transport.wait_until_idle()
    asked = count_prints(transport)
    assert not task.done()
    assert asked < len(plan)
    await synced.unlock(DEMO_PIN)
    assert (await task).is_complete


async def test_a_session_that_has_ended_for_good_stops_the_run(
    synced: Session, plan: BulkPrintsPlan, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise SessionEnded

    port = synced.require_port()
    monkeypatch.setattr(port, "official_print_pdf", refuse)
    report = await run(synced, plan, folder)
    assert isinstance(report.stopped_by, SessionEnded)
    assert len(report.untried) == len(plan)


async def test_what_the_port_does_not_list_is_missing_with_the_reason(
    synced: Session, folder: Path, transport: RecordingTransport
) -> None:
    synced.declarations.put_imported([declaration(FIRST)])
    view = await show_view(synced, FILTER)
    listed = view.first[0].entry_id
    plan = await plan_bulk_prints(synced, (listed, FIRST))
    report = await run(synced, plan, folder)
    assert [(print_.entry_id, print_.reason) for print_ in report.unsaved] == [
        (FIRST, "只来自导入的文件，口岸没有列出")
    ]
    assert (report.total, report.saved, count_prints(transport)) == (2, 1, 1)


async def test_what_the_port_no_longer_lists_is_missing_with_the_day(
    synced: Session, folder: Path, demo: Demo, transport: RecordingTransport
) -> None:
    gone = (await show_view(synced, FILTER)).first[2].entry_id
    demo.withdraw(gone)
    await sync(synced, lambda _progress: None, lambda: None)
    plan = await plan_bulk_prints(synced, await show_view(synced, FILTER))
    report = await run(synced, plan, folder)
    (unsaved,) = report.unsaved
    assert (unsaved.entry_id, unsaved.reason) == (gone, "口岸不再列出（2026-06-30 发现）")
    assert count_prints(transport) == report.saved == len(plan) - 1


async def test_a_plan_needs_declarations_a_limit_and_the_port(synced: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NothingToDownload):
        await plan_bulk_prints(synced, ())
    view = await show_view(synced, "2026-06")
    assert (await plan_bulk_prints(synced, view)).folder.name == "报关单打印-2026-06"
    monkeypatch.setattr("jiacha_tui.actions.bulk_prints.MAX_PRINTS", 2)
    with pytest.raises(TooManyPrints):
        await plan_bulk_prints(synced, view)
    monkeypatch.setattr(synced, "port", None)
    with pytest.raises(NotOnline):
        await plan_bulk_prints(synced, view)


def test_the_folder_is_named_after_the_months() -> None:
    assert folder_name(()) == "报关单打印"
    assert folder_name([date(2026, 6, 30), date(2026, 6, 1)]) == "报关单打印-2026-06"
    assert folder_name([date(2026, 6, 30), date(2025, 12, 1)]) == "报关单打印-2025-12至2026-06"


async def test_a_list_of_the_operator_is_not_replaced(synced: Session, plan: BulkPrintsPlan, folder: Path) -> None:
    put(folder, FILE_NAME, b"mine")
    await run(synced, plan, folder)
    assert read_list(folder) == "mine"
