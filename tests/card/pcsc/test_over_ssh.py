"""A reader at the other end of a real SSH connection: pcscd's socket is forwarded, PCSCLITE_CSOCK_NAME leads to it."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.sync import sync
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.pcsc.problems import ServiceDenied, ServiceStopped
from jiacha_tui.card.pcsc.watch import watch_readers
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardRemoved, PinVerificationLost
from jiacha_tui.card.signature import verify
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.service import SignaturePolicy
from tests.app_contexts import demo_context, embedded_port
from tests.card.cards import PIN
from tests.card.pcsc.known_cards import demo_card
from tests.card.pcsc.pcscd import Pcscd, is_served, linked, wait_until
from tests.card.pcsc.test_medium import TEXT, encrypted
from tests.card.pcsc.test_piv import der
from tests.card.pcsc.virtual_piv import KeyPair, VirtualPiv
from tests.card.sshd import SshServer, forwarding
from tests.needs import needs
from tests.recording_transport import DETAIL, RecordingTransport

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev", "sshd", "ssh")


@contextlib.contextmanager
def far_end_of(sshd: SshServer, near_socket: str, way: Path, folder: Path) -> Iterator[None]:
    remote = folder / f"{secrets.token_hex(4)}.sock"  # the server may remove the one before at any moment
    with forwarding(sshd, f"{remote}:{near_socket}") as client:
        wait_until(lambda: is_served(remote) or client.poll() is not None)
        with linked(way, str(remote)):
            yield


FarEnd = Callable[[], contextlib.AbstractContextManager[None]]


@pytest.fixture
def far_end(pcscd: Pcscd, sshd: SshServer, way: Path, tmp_path: Path) -> FarEnd:
    """Where this process is while the connection stands; the cards are at the near end."""
    return partial(far_end_of, sshd, pcscd.socket, way, tmp_path)


async def test_a_card_is_watched_signs_and_decrypts_over_ssh(
    pcscd: Pcscd,
    far_end: FarEnd,
    medium: PcscMedium,
    rsa_card: VirtualPiv,
    rsa_pairs: tuple[KeyPair, KeyPair],
) -> None:
    slot = pcscd.slots[0]
    with far_end():
        async with contextlib.aclosing(watch_readers()) as news:
            assert (await anext(news)).readers == {slot.name: False for slot in pcscd.slots}
            with slot.with_card(rsa_card):
                assert (await anext(news)).readers[slot.name]
                card = await medium.open(Pin(PIN))
                verify(der(rsa_pairs[0]), TEXT, await card.sign(TEXT))
                assert await card.decrypt(encrypted(rsa_pairs[1], b"key")) == b"key"
            assert not (await anext(news)).readers[slot.name]
            with pytest.raises(CardRemoved):
                await card.check_present()
            await card.close()


async def test_a_broken_connection_is_reported_and_a_new_one_needs_the_pin(
    pcscd: Pcscd, far_end: FarEnd, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    with far_end(), pcscd.slots[0].with_card(rsa_card):
        card = await medium.open(Pin(PIN))
    with pytest.raises(ServiceStopped):
        await card.sign(TEXT)
    with far_end(), pcscd.slots[0].with_card(rsa_card):
        with pytest.raises(PinVerificationLost):
            await card.sign(TEXT)
        await card.close()
        again = await medium.open(Pin(PIN))
        assert await again.sign(TEXT)
        await again.close()
    assert rsa_card.pins_tried() == 2


async def test_a_sync_pauses_while_the_connection_is_broken_and_continues_after_unlocking(
    pcscd: Pcscd, far_end: FarEnd, tmp_path: Path
) -> None:
    """The card has lost its power with the line, so it wants its PIN."""
    with embedded_port(tmp_path / "home", 20, SignaturePolicy.ALWAYS) as demo, contextlib.ExitStack() as first:
        line, card, slot = RecordingTransport(demo), demo_card(demo), pcscd.slots[0]
        app_context = demo_context(demo, tmp_path / "home", transport=line, medium=PcscMedium())
        first.enter_context(far_end())
        slot.insert(card)
        session = await log_in(app_context, "pcsc", DEMO_PIN, offline=False, on_stage=lambda _stage: None)
        session.enable_locking()

        async def cut() -> None:
            first.close()

        line.run_at_request(DETAIL, 5, cut)
        running = asyncio.create_task(sync(session, lambda _progress: None, lambda: None))
        assert await asyncio.wait_for(session.lock_state.wait_locked(), 20) is LockReason.CARD
        await line.wait_until_idle()
        assert not running.done()
        assert "pcsc.no-service" in [message.code for message in app_context.messages.all()]
        with pytest.raises(ServiceStopped):
            await session.unlock(DEMO_PIN)
        with far_end():
            await session.unlock(DEMO_PIN)
            assert (await asyncio.wait_for(running, 20)).details == 20
            await session.close()
            slot.pull()
        assert card.pins_tried() == 2


async def test_a_forwarded_socket_without_a_service_differs_from_a_socket_that_is_not_forwarded(
    sshd: SshServer, way: Path, tmp_path: Path, medium: PcscMedium
) -> None:
    with far_end_of(sshd, str(tmp_path / "nothing.sock"), way, tmp_path):
        with pytest.raises(ServiceDenied) as refused:
            await medium.read_identity()
        assert "pcscd" in refused.value.hint
    with pytest.raises(ServiceStopped):
        await medium.read_identity()
