"""Download: complete, private files for this card, within the limits of the port, and reported failures."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx
import pytest

from jiacha_tui.actions import download
from jiacha_tui.actions.download import DownloadReport
from jiacha_tui.actions.download_plan import DownloadPlan, plan_entries, plan_query, plan_view
from jiacha_tui.actions.problems import BadFolder
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.declaration.file_name import parse_file_name
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.declaration.rules import is_download_cap_message
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.encrypted_xml.decrypt import decrypt_file
from jiacha_tui.encrypted_xml.rtx_message import read_rtx_message
from tests.actions.conftest import show_view
from tests.app_contexts import TODAY, demo_context
from tests.card.decryption import decrypt_with
from tests.port_home import DECLARATIONS, open_session
from tests.recording_transport import DOWNLOAD, RecordingTransport, lose_connection

UNVERIFIED_SIGNATURE = "XML 完整，为本卡加密，签名无法核实"
JUNE = DateRange(date(2026, 6, 1), date(2026, 6, 30))


async def run(session: Session, plan: DownloadPlan, folder: Path) -> DownloadReport:
    return await download.download_files(session, plan, folder, lambda _so_far: None)


async def test_a_date_range_within_the_limits_is_one_file_with_the_planned_declarations(
    synced: Session, tmp_path: Path
) -> None:
    plan = await plan_query(synced, DateRangeQuery(JUNE))
    assert len(plan.parts) == 1
    assert plan.refusal is None
    report = await run(synced, plan, tmp_path / "out")
    (file,) = report.files
    document = await decrypt_file(file.path.read_bytes(), decrypt_with(synced.card))
    held = sorted(declaration.summary.entry_id for declaration in read_rtx_message(document))  # type: ignore[union-attr]  # none is unreadable
    assert len(held) == plan.parts[0].declarations == file.declarations
    name = parse_file_name(file.path.name)
    assert (name.first_entry_id, name.last_entry_id) == (held[0], held[-1])
    assert (name.card_number, name.at.date()) == ("JJ0G900000001", TODAY)
    assert file.path.stat().st_mode & 0o777 == 0o600


async def test_an_existing_file_is_never_overwritten(synced: Session, tmp_path: Path) -> None:
    plan = await plan_query(synced, DateRangeQuery(JUNE))
    first = (await run(synced, plan, tmp_path)).files[0]
    kept = first.path.read_bytes()
    again = await run(synced, plan, tmp_path)
    assert [problem.code for _, problem in again.failures] == ["file.exists"]
    assert again.remaining == plan.parts
    assert first.path.read_bytes() == kept


async def test_a_file_that_the_port_refuses_as_too_large_is_split_until_it_is_small_enough(
    home: Path, tmp_path: Path
) -> None:
    """On some days of the embedded port, the files are larger than the number of items suggests."""
    demo = make_demo(home, 300, today=TODAY)
    session = await open_session(demo_context(demo, home))
    try:
        await sync(session, lambda _progress: None, lambda: None, months=4)
        # These days are in the spring before `TODAY`.
        plan = await plan_query(session, DateRangeQuery(DateRange(date(2026, 3, 20), date(2026, 4, 10))))
        refused, files = 0, 0
        while plan.parts:
            report = await run(session, plan, tmp_path / f"round {refused}")
            refused += len(report.failures)
            files += len(report.files)
            assert all(is_download_cap_message(problem.message) for _, problem in report.failures)
            plan = DownloadPlan("", report.remaining)
        assert refused > 0
        assert files > 1
    finally:
        await session.close()
        demo.close()


async def test_progress_is_reported_after_each_file(synced: Session, tmp_path: Path) -> None:
    view = await show_view(synced, "2026-06")
    plan = await plan_entries(synced, [row.entry_id for row in view.first[:3]])
    reports: list[DownloadReport] = []
    report = await download.download_files(synced, plan, tmp_path, reports.append)
    assert [len(so_far.files) for so_far in reports] == [0, 1, 2, 3]
    assert [so_far.remaining for so_far in reports] == [plan.parts[count:] for count in range(4)]
    assert [file.part for file in report.files] == list(plan.parts)


async def test_a_lost_connection_ends_the_download_and_the_rest_remains(
    synced: Session, transport: RecordingTransport, tmp_path: Path
) -> None:
    view = await show_view(synced, "美国 2026-06")
    plan = (await plan_view(synced, view))[0]
    transport.before = lose_connection(DOWNLOAD, after=1)
    report = await run(synced, plan, tmp_path)
    assert len(report.files) == 1
    ((part, problem),) = report.failures
    assert (part, problem.code) == (plan.parts[1], "port.unreachable"), "the later ones were not tried"
    assert report.remaining == plan.parts[1:]
    transport.before = lambda path: None
    rest = await run(synced, DownloadPlan("", report.remaining), tmp_path)
    assert len(rest.files) == len(plan.parts) - 1


async def test_a_file_for_a_different_card_is_not_stored(synced: Session, home: Path, tmp_path: Path) -> None:
    """The port confuses two sessions."""
    other_demo = make_demo(home, DECLARATIONS, today=TODAY)
    other = demo_context(other_demo, home, card=other_demo.card_of(DemoCard.NEARLY_EXPIRED))
    other_session = await open_session(other)
    assert synced.port is not None
    synced.port._session, other_port = other_session.require_port()._session, synced.port
    other_port._transport = other_session.require_port()._transport
    entry_id = (await show_view(synced, "2026-06")).first[0].entry_id
    report = await run(synced, await plan_entries(synced, [entry_id]), tmp_path / "out")
    await other_session.close()
    other_demo.close()
    assert [problem.code for _, problem in report.failures] == ["download.wrong-file"]
    assert list((tmp_path / "out").iterdir()) == []


@dataclass
class ChangingTransport(httpx.AsyncBaseTransport):
    """A transport that changes the downloaded files."""

    port: httpx.AsyncBaseTransport
    change: Callable[[bytes], bytes]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.port.handle_async_request(request)
        if not request.url.path.endswith(DOWNLOAD):
            return response
        headers = {"content-type": response.headers["content-type"]}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(self.change(await response.aread())))


def with_one_byte_changed(body: bytes) -> bytes:
    middle = body.index(b"CipherValue>", len(body) // 2) - 400
    return body[:middle] + (b"A" if body[middle : middle + 1] != b"A" else b"B") + body[middle + 1 :]


async def test_a_file_that_was_changed_in_transit_is_not_stored(
    synced: Session, transport: RecordingTransport, tmp_path: Path
) -> None:
    entry_id = (await show_view(synced, "2026-06")).first[0].entry_id
    transport.port = ChangingTransport(transport.port, with_one_byte_changed)
    report = await run(synced, await plan_entries(synced, [entry_id]), tmp_path / "out")
    assert [problem.code for _, problem in report.failures] == ["download.wrong-file"]
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("change", "verified"),
    [
        (lambda _body: b"<Bill><Data>c2VhbGVk</Data></Bill>", "XML 完整，收件卡无法判断"),
        (lambda body: body.replace(b'<ds:Reference URI="">', b'<ds:Reference URI="#part">'), UNVERIFIED_SIGNATURE),
    ],
    ids=["container", "signature"],
)
async def test_a_file_that_cannot_be_verified_is_reported_so_and_stored_unchanged(
    synced: Session, transport: RecordingTransport, tmp_path: Path, change: Callable[[bytes], bytes], verified: str
) -> None:
    sent: list[bytes] = []

    def keep(body: bytes) -> bytes:
        sent.append(change(body))
        return sent[0]

    entry_id = (await show_view(synced, "2026-06")).first[0].entry_id
    transport.port = ChangingTransport(transport.port, keep)
    (file,) = (await run(synced, await plan_entries(synced, [entry_id]), tmp_path)).files
    assert file.verified == verified
    assert file.path.read_bytes() == sent[0]


BODIES = (b"MIIG3wYJKoZIhvcNAQcD", b'{"responseCode":700,"responseMsg":"x"}')


@pytest.mark.parametrize("body", BODIES, ids=["text", "JSON"])
async def test_what_is_no_xml_is_neither_stored_nor_marked_as_downloaded(
    synced: Session, transport: RecordingTransport, tmp_path: Path, body: bytes
) -> None:
    entry_id = (await show_view(synced, "2026-06")).first[0].entry_id
    transport.port = ChangingTransport(transport.port, lambda _body: body)
    report = await run(synced, await plan_entries(synced, [entry_id]), tmp_path / "out")
    assert report.files == ()
    assert len(report.failures) == 1
    assert list((tmp_path / "out").iterdir()) == []
    assert (await show_view(synced, f"号:{entry_id}")).first[0].downloaded_at is None


async def test_a_download_is_marked_in_the_cache_and_written_to_the_journal(synced: Session, tmp_path: Path) -> None:
    entry_id = (await show_view(synced, "2026-06")).first[0].entry_id
    plan = await plan_query(synced, NumberQuery(entry_id))
    report = await run(synced, plan, tmp_path)
    (marked,) = (await show_view(synced, f"号:{entry_id}")).first
    assert marked.downloaded_at is not None
    assert synced.declarations.download_counts().downloaded == 1
    (entry,) = synced.journal.recent(5, kind=JournalKind.DOWNLOAD)
    assert entry.outcome is Outcome.DONE
    assert entry.detail["path"] == str(report.files[0].path)


async def test_a_bad_folder_is_reported_before_the_port_is_asked(
    synced: Session, transport: RecordingTransport, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    transport.calls.clear()
    plan = await plan_query(synced, DateRangeQuery(JUNE))
    with pytest.raises(BadFolder, match="不是文件夹"):
        await run(synced, plan, file)
    assert transport.count(DOWNLOAD) == 0


async def test_cancelling_keeps_and_reports_the_file_that_has_arrived(
    synced: Session, transport: RecordingTransport, tmp_path: Path
) -> None:
    view = await show_view(synced, "2026-06")
    plan = await plan_entries(synced, [row.entry_id for row in view.first[:3]])

    def stop(path: str) -> None:
        if path.endswith(DOWNLOAD):
            task.cancel()

    transport.after = stop
    task = asyncio.create_task(run(synced, plan, tmp_path / "out"))
    report = await task
    assert report.cancelled
    assert len(report.files) == len(list((tmp_path / "out").iterdir()))
    assert len(report.files) + len(report.remaining) == 3


async def test_a_failure_is_reported_even_if_it_is_cancelled_while_it_is_recorded(
    synced: Session, transport: RecordingTransport, tmp_path: Path
) -> None:
    view = await show_view(synced, "2026-06")
    plan = await plan_entries(synced, [row.entry_id for row in view.first[:3]])

    def stop_and_cut(path: str) -> None:
        if path.endswith(DOWNLOAD):
            task.cancel()
            raise httpx.ReadError("cut")

    transport.before = stop_and_cut
    task = asyncio.create_task(run(synced, plan, tmp_path / "out"))
    report = await task
    assert report.cancelled
    assert [problem.code for _, problem in report.failures] == ["port.unreachable"]
    assert report.remaining == plan.parts
    (entry,) = synced.journal.recent(5, kind=JournalKind.DOWNLOAD)
    assert entry.outcome is Outcome.FAILED
