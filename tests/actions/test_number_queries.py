"""Many declarations asked for by number: what the port has comes, the rest is told apart, a run can be continued."""

import asyncio

import pytest

from jiacha_tui.actions.number_queries import NumbersReport, query_numbers
from jiacha_tui.actions.problems import NotOnline
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Kind
from tests.actions.conftest import show_view
from tests.recording_transport import LIST, RecordingTransport, lose_connection

MISSING = "020120260000000000"
IMPORT = "020120261000000000"
FILTER = "类型:结关 2026-04..2026-06"


@pytest.fixture
async def numbers(synced: Session) -> tuple[str, ...]:
    """More numbers than are asked for without a pause."""
    numbers = await (await show_view(synced, FILTER)).entry_ids(15)
    assert len(numbers) > 10
    return numbers


async def run(session: Session, numbers: tuple[str, ...], kinds: tuple[Kind, ...] = tuple(Kind)) -> NumbersReport:
    return await query_numbers(session, numbers, kinds, pause=0.0)


async def test_each_number_is_told_apart_and_the_journal_has_one_entry(
    synced: Session, numbers: tuple[str, ...]
) -> None:
    progress: list[NumbersReport] = []
    report = await query_numbers(synced, (*numbers, MISSING, IMPORT), tuple(Kind), progress.append, pause=0.0)
    assert set(report.found) == set(numbers)
    assert report.not_found == (MISSING,)
    assert [failed.entry_id for failed in report.failed] == [IMPORT]
    assert [one.done for one in progress] == list(range(1, len(numbers) + 3))
    (entry,) = synced.journal.recent(5, kind=JournalKind.QUERY)
    assert set(entry.entry_ids) == set(numbers)
    assert f"查到 {len(numbers)} 票" in entry.message
    assert synced.declarations.not_cached((*numbers, MISSING)) == (MISSING,)


async def test_a_number_of_the_other_kind_is_found_too(synced: Session) -> None:
    (number,) = await (await show_view(synced, "类型:启运港")).entry_ids(1)
    assert (await run(synced, (number,), (Kind.CLEARED,))).not_found == (number,)
    assert (await run(synced, (number,))).found == (number,)


async def test_lost_connections_stop_the_run_and_it_goes_on_with_the_rest(
    synced: Session, numbers: tuple[str, ...], transport: RecordingTransport
) -> None:
    transport.before = lose_connection(LIST, after=3)
    report = await run(synced, numbers, (Kind.CLEARED,))
    assert report.stopped_by is not None
    assert report.untried
    assert report.found
    transport.before = lambda path: None
    rest = (*report.untried, *(failed.entry_id for failed in report.failed))
    assert set((await run(synced, rest)).found) | set(report.found) == set(numbers)


async def test_a_run_that_is_cancelled_returns_what_has_come(
    synced: Session, numbers: tuple[str, ...], transport: RecordingTransport
) -> None:
    asked = asyncio.Event()

    async def hang() -> None:
        asked.set()
        await asyncio.Event().wait()

    transport.run_at_request(LIST, 4, hang)
    task = asyncio.create_task(run(synced, numbers, (Kind.CLEARED,)))
    await asked.wait()
    task.cancel()
    report = await task
    assert report.cancelled
    assert report.found
    assert len(report.found) + len(report.untried) == len(numbers)
    assert synced.journal.recent(1, kind=JournalKind.QUERY)[0].outcome is Outcome.CANCELLED


async def test_offline_nothing_is_asked(synced: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synced, "port", None)
    with pytest.raises(NotOnline):
        await run(synced, (MISSING,))
