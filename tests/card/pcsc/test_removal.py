"""A card that is removed from its reader during work: the session locks, the work waits, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jiacha_tui.actions import download
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import scan_media
from jiacha_tui.actions.connection_limit import FEWEST
from jiacha_tui.actions.download import DownloadReport
from jiacha_tui.actions.download_plan import plan_selected
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_plan import months_back
from jiacha_tui.card.problems import CardMismatch, NoCard, WrongPin
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRangeQuery
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.demo.service import SignaturePolicy
from jiacha_tui.encrypted_xml.decrypt import decrypt_file
from tests.app_contexts import TODAY, embedded_port
from tests.card.cards import WAIT_SECONDS, WRONG_PIN
from tests.card.decryption import decrypt_with
from tests.card.pcsc.pcscd import VirtualSlot
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.needs import needs
from tests.recording_transport import DETAIL, DOWNLOAD, LIST, RecordingTransport

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")

DECLARATIONS = 60
MONTHS = 4
"""The months of the sync. They have about half of the declarations."""


@pytest.fixture(params=[SignaturePolicy.ONCE, SignaturePolicy.ALWAYS], ids=["signed-once", "signed-always"])
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Demo]:
    with embedded_port(tmp_path / "home", DECLARATIONS, request.param) as demo:
        yield demo


@pytest.fixture
async def session(slot: VirtualSlot, app_context: AppContext, card: VirtualPiv) -> AsyncIterator[Session]:
    """A session that locks when its card is removed."""
    with slot.with_card(card):
        (found,) = await scan_media(app_context)
        opened = await log_in(app_context, found.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
        opened.enable_locking()
        yield opened
        await opened.close()


@dataclass(frozen=True)
class Workplace:
    """A session and the reader from which its card is removed."""

    slot: VirtualSlot
    card: VirtualPiv
    other: VirtualPiv
    session: Session

    async def pull(self) -> LockReason:
        """Removes the card and waits until the session is locked."""
        self.slot.reader.pull()
        return await asyncio.wait_for(self.session.lock_state.wait_locked(), WAIT_SECONDS)

    async def unlock(self) -> None:
        """Tries to unlock without a card, with another card and with a wrong PIN, then with the right card and PIN."""
        await asyncio.to_thread(self.slot.pull)
        with pytest.raises(NoCard):
            await self.session.unlock(DEMO_PIN)
        await asyncio.to_thread(self.slot.insert, self.other)
        with pytest.raises(CardMismatch):
            await self.session.unlock(DEMO_PIN)
        assert self.other.pins_tried() == 0
        await asyncio.to_thread(self.slot.pull)
        await asyncio.to_thread(self.slot.insert, self.card)
        tried = self.card.pins_tried()
        with pytest.raises(WrongPin) as refused:
            await self.session.unlock(WRONG_PIN)
        assert refused.value.retries_left == 2
        assert self.session.lock_state.reason is LockReason.CARD
        await self.session.unlock(DEMO_PIN)
        assert self.card.pins_tried() == tried + 2


@pytest.fixture
def reader_session(slot: VirtualSlot, card: VirtualPiv, other_card: VirtualPiv, session: Session) -> Workplace:
    return Workplace(slot, card, other_card, session)


def count_declarations(demo: Demo) -> int:
    """How many declarations the port has in the months of the sync."""
    queries = [DateRangeQuery(month, kind) for month in months_back(TODAY, MONTHS) for kind in Kind]
    return sum(demo.population.count(DEMO_COMPANY, query, demo.clock()) for query in queries)


@pytest.mark.parametrize("kind", [LIST, DETAIL])
async def test_a_sync_pauses_and_continues_where_it_stopped(
    reader_session: Workplace, demo: Demo, transport: RecordingTransport, kind: str
) -> None:
    session, declarations = reader_session.session, reader_session.session.declarations
    expected = count_declarations(demo)
    transport.run_at_request(kind, 5, reader_session.pull)
    working = asyncio.create_task(sync(session, lambda _progress: None, lambda: None, months=MONTHS))
    assert await asyncio.wait_for(session.lock_state.wait_locked(), WAIT_SECONDS) is LockReason.CARD
    await transport.wait_until_idle()
    assert not working.done()
    assert declarations.count() - declarations.count_details_due() < 5 + FEWEST

    await reader_session.unlock()
    summary = await asyncio.wait_for(working, WAIT_SECONDS)
    assert (summary.details, summary.failed, summary.cancelled) == (expected, 0, False)
    assert (declarations.count(), declarations.count_details_due()) == (expected, 0)


async def test_a_download_pauses_between_two_files_and_continues(
    reader_session: Workplace, transport: RecordingTransport, tmp_path: Path
) -> None:
    session, folder = reader_session.session, tmp_path / "out"
    await sync(session, lambda _progress: None, lambda: None, months=1)
    newest = await asyncio.to_thread(session.results.run, "")
    plan = await plan_selected(session, newest.entry_ids(6))
    transport.run_at_request(DOWNLOAD, 3, reader_session.pull)
    three_files_saved = asyncio.Event()

    def on_progress(so_far: DownloadReport) -> None:
        if len(so_far.files) == 3:
            three_files_saved.set()

    working = asyncio.create_task(download.download_files(session, plan, folder, on_progress))
    assert await asyncio.wait_for(session.lock_state.wait_locked(), WAIT_SECONDS) is LockReason.CARD
    await asyncio.wait_for(three_files_saved.wait(), WAIT_SECONDS)
    assert not working.done()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(before) == 3, "the file in transfer is saved, and no further one is requested"

    await reader_session.unlock()
    report = await asyncio.wait_for(working, WAIT_SECONDS)
    assert (len(report.files), report.failures, report.remaining, report.cancelled) == (6, (), (), False)
    assert transport.count_answered(DOWNLOAD) == 6
    assert {path.name for path in folder.iterdir()} == {file.path.name for file in report.files}
    assert all((folder / name).read_bytes() == data for name, data in before.items())
    for file in report.files:
        assert await decrypt_file(file.path.read_bytes(), decrypt_with(session.card))
