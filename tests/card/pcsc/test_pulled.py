"""A card pulled out of its reader in the middle of work: the screen locks, the work waits, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jiacha_tui.actions import download
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import scan_media
from jiacha_tui.actions.download import DownloadReport
from jiacha_tui.actions.download_plan import plan_selected
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import CONNECTIONS, sync
from jiacha_tui.card.problems import CardMismatch, NoCard, WrongPin
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.service import SignaturePolicy
from jiacha_tui.encrypted_xml.decrypt import decrypt_file
from tests.app_contexts import embedded_port
from tests.card.cards import WRONG_PIN
from tests.card.pcsc.pcscd import VirtualSlot
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.needs import needs
from tests.recording_transport import DETAIL, DOWNLOAD, LIST, RecordingTransport

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")

DECLARATIONS = 60
PATIENCE = 20


@pytest.fixture(params=[SignaturePolicy.ONCE, SignaturePolicy.ALWAYS], ids=["signed-once", "signed-always"])
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Demo]:
    with embedded_port(tmp_path / "home", DECLARATIONS, request.param) as demo:
        yield demo


@pytest.fixture
async def session(slot: VirtualSlot, app_context: AppContext, card: VirtualPiv) -> AsyncIterator[Session]:
    """One that somebody attends to."""
    with slot.with_card(card):
        (found,) = await scan_media(app_context)
        opened = await log_in(app_context, found.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
        opened.enable_locking()
        yield opened
        await opened.close()


@dataclass(frozen=True)
class Desk:
    """Where the card is pulled out and put back."""

    slot: VirtualSlot
    card: VirtualPiv
    other: VirtualPiv
    session: Session

    async def pull(self) -> LockReason:
        """Ends when the session is locked."""
        self.slot.reader.pull()
        return await asyncio.wait_for(self.session.lock_state.wait_locked(), PATIENCE)

    async def come_back(self) -> None:
        """With everything that an operator may try before it is the right card and the right PIN."""
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
def desk(slot: VirtualSlot, card: VirtualPiv, other_card: VirtualPiv, session: Session) -> Desk:
    return Desk(slot, card, other_card, session)


@pytest.mark.parametrize("kind", [LIST, DETAIL])
async def test_a_sync_pauses_and_continues_where_it_stopped(desk: Desk, line: RecordingTransport, kind: str) -> None:
    session, declarations = desk.session, desk.session.declarations
    line.run_at_request(kind, 5, desk.pull)
    running = asyncio.create_task(sync(session, lambda _progress: None, lambda: None))
    assert await asyncio.wait_for(session.lock_state.wait_locked(), PATIENCE) is LockReason.CARD
    await line.wait_until_idle()
    assert not running.done()
    assert declarations.count() - declarations.count_details_due() < 5 + CONNECTIONS

    await desk.come_back()
    summary = await asyncio.wait_for(running, PATIENCE)
    assert (summary.details, summary.failed, summary.cancelled) == (DECLARATIONS, 0, False)
    assert (declarations.count(), declarations.count_details_due()) == (DECLARATIONS, 0)


async def test_a_download_pauses_between_two_files_and_continues(
    desk: Desk, line: RecordingTransport, tmp_path: Path
) -> None:
    session, folder = desk.session, tmp_path / "out"
    await sync(session, lambda _progress: None, lambda: None)
    newest = await asyncio.to_thread(session.results.run, "")
    plan = await plan_selected(session, newest.entry_ids(6))
    line.run_at_request(DOWNLOAD, 3, desk.pull)
    three_kept = asyncio.Event()

    def told(so_far: DownloadReport) -> None:
        if len(so_far.files) == 3:
            three_kept.set()

    running = asyncio.create_task(download.download_files(session, plan, folder, told))
    assert await asyncio.wait_for(session.lock_state.wait_locked(), PATIENCE) is LockReason.CARD
    await asyncio.wait_for(three_kept.wait(), PATIENCE)
    assert not running.done()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(before) == 3, "what was on its way is kept, what was not is not asked for"

    await desk.come_back()
    report = await asyncio.wait_for(running, PATIENCE)
    assert (len(report.files), report.failures, report.remaining, report.cancelled) == (6, (), (), False)
    assert line.count_answered(DOWNLOAD) == 6
    assert {path.name for path in folder.iterdir()} == {file.path.name for file in report.files}
    assert all((folder / name).read_bytes() == data for name, data in before.items())
    for file in report.files:
        assert await decrypt_file(file.path.read_bytes(), session.card.decrypt)
