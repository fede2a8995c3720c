"""A card reader behind a real SSH connection, which forwards the socket of pcscd to PCSCLITE_CSOCK_NAME."""

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
from tests.card.cards import PIN, WAIT_SECONDS
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
def forwarded(sshd: SshServer, local_socket: str, socket_link: Path, folder: Path) -> Iterator[None]:
    """Forwards `local_socket` over SSH and links this process to the other end, as if it ran on the server."""
    remote_socket = folder / f"{secrets.token_hex(4)}.sock"  # a new name, because sshd removes the previous one late
    with forwarding(sshd, f"{remote_socket}:{local_socket}") as client:
        wait_until(lambda: is_served(remote_socket) or client.poll() is not None)
        with linked(socket_link, str(remote_socket)):
            yield


ForwardedPcscd = Callable[[], contextlib.AbstractContextManager[None]]


@pytest.fixture
def forwarded_pcscd(pcscd: Pcscd, sshd: SshServer, socket_link: Path, tmp_path: Path) -> ForwardedPcscd:
    """A context in which this process reaches pcscd over SSH."""
    return partial(forwarded, sshd, pcscd.socket, socket_link, tmp_path)


async def test_a_card_is_watched_signs_and_decrypts_over_ssh(
    pcscd: Pcscd,
    forwarded_pcscd: ForwardedPcscd,
    medium: PcscMedium,
    rsa_card: VirtualPiv,
    rsa_pairs: tuple[KeyPair, KeyPair],
) -> None:
    slot = pcscd.slots[0]
    with forwarded_pcscd():
        async with contextlib.aclosing(watch_readers()) as snapshots:
            assert (await anext(snapshots)).readers == {slot.name: False for slot in pcscd.slots}
            with slot.with_card(rsa_card):
                assert (await anext(snapshots)).readers[slot.name]
                card = await medium.open(Pin(PIN))
                verify(der(rsa_pairs[0]), TEXT, await card.sign(TEXT))
                assert await card.decrypt(encrypted(rsa_pairs[1], b"key")) == b"key"
            assert not (await anext(snapshots)).readers[slot.name]
            with pytest.raises(CardRemoved):
                await card.check_present()
            await card.close()


async def test_a_broken_connection_is_reported_and_a_new_one_needs_the_pin(
    pcscd: Pcscd, forwarded_pcscd: ForwardedPcscd, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    with forwarded_pcscd(), pcscd.slots[0].with_card(rsa_card):
        card = await medium.open(Pin(PIN))
    with pytest.raises(ServiceStopped):
        await card.sign(TEXT)
    with forwarded_pcscd(), pcscd.slots[0].with_card(rsa_card):
        with pytest.raises(PinVerificationLost):
            await card.sign(TEXT)
        await card.close()
        again = await medium.open(Pin(PIN))
        assert await again.sign(TEXT)
        await again.close()
    assert rsa_card.pins_tried() == 2


async def test_a_sync_pauses_while_the_connection_is_broken_and_continues_after_unlocking(
    pcscd: Pcscd, forwarded_pcscd: ForwardedPcscd, tmp_path: Path
) -> None:
    """The card loses its power with the connection, so it needs its PIN again."""
    with (
        embedded_port(tmp_path / "home", 60, SignaturePolicy.ALWAYS) as demo,
        contextlib.ExitStack() as first_connection,
    ):
        transport, card, slot = RecordingTransport(demo), demo_card(demo), pcscd.slots[0]
        app_context = demo_context(demo, tmp_path / "home", transport=transport, medium=PcscMedium())
        first_connection.enter_context(forwarded_pcscd())
        slot.insert(card)
        session = await log_in(app_context, "pcsc", DEMO_PIN, offline=False, on_stage=lambda _stage: None)
        session.enable_locking()

        async def cut() -> None:
            first_connection.close()

        transport.run_at_request(DETAIL, 5, cut)
        syncing = asyncio.create_task(sync(session, lambda _progress: None, lambda: None, months=1))
        assert await asyncio.wait_for(session.lock_state.wait_locked(), WAIT_SECONDS) is LockReason.CARD
        await transport.wait_until_idle()
        assert not syncing.done()
        assert "pcsc.no-service" in [message.code for message in app_context.messages.all()]
        with pytest.raises(ServiceStopped):
            await session.unlock(DEMO_PIN)
        with forwarded_pcscd():
            await session.unlock(DEMO_PIN)
            summary = await asyncio.wait_for(syncing, WAIT_SECONDS)
            assert (summary.failed, summary.cancelled) == (0, False)
            assert summary.details == session.declarations.count() > 5
            await session.close()
            slot.pull()
        assert card.pins_tried() == 2


async def test_a_forwarded_socket_without_a_service_differs_from_a_socket_that_is_not_forwarded(
    sshd: SshServer, socket_link: Path, tmp_path: Path, medium: PcscMedium
) -> None:
    with forwarded(sshd, str(tmp_path / "nothing.sock"), socket_link, tmp_path):
        with pytest.raises(ServiceDenied) as refused:
            await medium.read_identity()
        assert "pcscd" in refused.value.hint
    with pytest.raises(ServiceStopped):
        await medium.read_identity()
