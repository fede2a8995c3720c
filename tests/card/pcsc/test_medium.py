"""A PIV card through a real pcscd and the real pyscard: inserted, opened, removed and inserted again."""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from jiacha_tui.card.identity import CardIdentity, KeyType
from jiacha_tui.card.medium import Medium, ObservableMedium, OpenCard
from jiacha_tui.card.pcsc.medium import OpenPivCard, PcscMedium
from jiacha_tui.card.pcsc.problems import CardUnresponsive, NotPiv, ReaderBusy, ReaderTimeout, SeveralCardsInserted
from jiacha_tui.card.pcsc.readers import ReaderConnection, Readers, Sharing
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import (
    CannotDecrypt,
    CardClosed,
    CardExpired,
    CardMismatch,
    CardProblem,
    CardRemoved,
    DecryptionFailed,
    InvalidCard,
    NoCard,
    PinBlocked,
    PinVerificationLost,
    WrongPin,
)
from jiacha_tui.card.signature import verify
from jiacha_tui.card_encryption import OAEP_SHA256
from tests.card.cards import NOW, PIN, WAIT_SECONDS, WRONG_PIN
from tests.card.pcsc.conftest import IssueKeyPair
from tests.card.pcsc.pcscd import Pcscd, VirtualSlot, wait_until
from tests.card.pcsc.test_piv import GENERAL_AUTHENTICATE, VERIFY, der
from tests.card.pcsc.virtual_piv import ATR_T0, KeyPair, Reply, VirtualPiv
from tests.needs import needs

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")

TEXT = "JJ0G900000001||报关单"


def encrypted(pair: KeyPair, secret: bytes) -> bytes:
    public = pair.certificate.public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    return public.encrypt(secret, OAEP_SHA256)


async def problems_of(card: OpenPivCard) -> list[type[CardProblem]]:
    """The problems that the calls that need the card raise."""
    problems: list[type[CardProblem]] = []
    calls: tuple[Callable[[], Awaitable[object]], ...] = (
        card.check_present,
        lambda: card.sign(TEXT),
        lambda: card.decrypt(bytes(256)),
    )
    for call in calls:
        with pytest.raises(CardProblem) as refused:
            await call()
        problems.append(type(refused.value))
    return problems


def test_the_readers_are_an_observable_medium() -> None:
    medium: Medium = PcscMedium()
    assert isinstance(medium, ObservableMedium)
    assert medium.name == "读卡器"
    assert medium.medium_id == PcscMedium().medium_id == "pcsc"


async def test_no_inserted_card_is_reported(linked_pcscd: Pcscd, medium: PcscMedium) -> None:
    assert await medium.read_identity() is None
    assert await medium.pin_retries_left() is None
    pin = Pin(PIN)
    with pytest.raises(NoCard):
        await medium.open(pin)
    assert pin.cleared


async def test_an_rsa_card_is_opened_signs_decrypts_and_is_closed(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv, rsa_pairs: tuple[KeyPair, KeyPair]
) -> None:
    with slot.with_card(rsa_card):
        identity = await medium.read_identity()
        assert identity == CardIdentity.from_certificate(der(rsa_pairs[0]))
        assert await medium.pin_retries_left() == 3
        assert rsa_card.pins_tried() == 0
        pin = Pin(PIN)
        card = await medium.open(pin)
        held: OpenCard = card
        assert held.identity == identity
        assert card.encryption_certificate == der(rsa_pairs[1])
        verify(der(rsa_pairs[0]), TEXT, await card.sign(TEXT))
        verify(der(rsa_pairs[0]), "random", await card.sign_challenge("random"))
        secret = os.urandom(32)
        assert await card.decrypt(encrypted(rsa_pairs[1], secret)) == secret
        for ciphertext in (encrypted(rsa_pairs[0], secret), bytes(256), b""):
            with pytest.raises(DecryptionFailed):
                await card.decrypt(ciphertext)
        await card.check_present()
        assert await medium.read_identity() == identity, "also while the card is open"
        assert rsa_card.pins_tried() == 1
        await card.close()
        await card.close()
        assert pin.cleared
        assert not rsa_card.verified, "the card is reset"
        for call in (card.sign(TEXT), card.decrypt(b"key"), card.check_present()):
            with pytest.raises(CardClosed):
                await call


async def test_a_p256_card_is_opened_signs_and_decrypts(
    slot: VirtualSlot, medium: PcscMedium, p256_card: VirtualPiv, p256_pairs: tuple[KeyPair, KeyPair]
) -> None:
    with slot.with_card(p256_card):
        card = await medium.open(Pin(PIN))
        assert card.identity.key_type is KeyType.P256
        verify(der(p256_pairs[0]), TEXT, await card.sign(TEXT))
        assert card.encryption_certificate == der(p256_pairs[1])
        decryption_key = p256_pairs[1].certificate.public_key()
        assert isinstance(decryption_key, ec.EllipticCurvePublicKey)
        suite = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
        assert await card.decrypt(suite.encrypt(b"key", decryption_key)) == b"key"
        with pytest.raises(DecryptionFailed):
            await card.decrypt(bytes(256))
        await card.close()


async def test_a_card_without_a_decryption_key_signs_only(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    del rsa_card.keys[0x9D]
    with slot.with_card(rsa_card):
        card = await medium.open(Pin(PIN))
        assert await card.sign(TEXT)
        assert card.encryption_certificate is None
        with pytest.raises(CannotDecrypt):
            await card.decrypt(bytes(256))
        await card.close()


async def test_rsa_1024_keys_sign_and_decrypt(slot: VirtualSlot, medium: PcscMedium, issue: IssueKeyPair) -> None:
    keys = (rsa.generate_private_key(public_exponent=65537, key_size=1024) for _ in range(2))  # noqa: S505 - PIV has it
    signing_key, decryption_key = map(issue, keys)
    with slot.with_card(VirtualPiv(PIN, {0x9A: signing_key, 0x9D: decryption_key})):
        card = await medium.open(Pin(PIN))
        verify(der(signing_key), TEXT, await card.sign(TEXT))
        secret = os.urandom(32)
        assert await card.decrypt(encrypted(decryption_key, secret)) == secret
        await card.close()


async def test_a_card_with_only_the_protocol_t0_signs_and_decrypts(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv, rsa_pairs: tuple[KeyPair, KeyPair]
) -> None:
    rsa_card.atr = ATR_T0
    with slot.with_card(rsa_card):
        card = await medium.open(Pin(PIN))
        verify(der(rsa_pairs[0]), TEXT, await card.sign(TEXT))
        assert await card.decrypt(encrypted(rsa_pairs[1], b"key")) == b"key"
        await card.close()


async def test_each_wrong_pin_uses_one_try_and_the_third_locks_the_card(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    with slot.with_card(rsa_card):
        for left in (2, 1):
            pin = Pin(WRONG_PIN)
            with pytest.raises(WrongPin) as refused:
                await medium.open(pin)
            assert refused.value.retries_left == left == await medium.pin_retries_left()
            assert pin.cleared
        with pytest.raises(PinBlocked):
            await medium.open(Pin(WRONG_PIN))
        assert await medium.read_identity() is not None
        assert await medium.pin_retries_left() == 0
        with pytest.raises(PinBlocked):
            await medium.open(Pin(PIN))
        assert rsa_card.pins_tried() == 3, "a card that is locked gets no PIN"


async def test_a_card_that_is_not_valid_today_uses_no_try(slot: VirtualSlot, rsa_card: VirtualPiv) -> None:
    with slot.with_card(rsa_card):
        with pytest.raises(CardExpired):
            await PcscMedium(clock=lambda: NOW + timedelta(days=3660)).open(Pin(PIN))
        with pytest.raises(InvalidCard):
            await PcscMedium(clock=lambda: NOW - timedelta(days=30)).open(Pin(PIN))
        assert rsa_card.pins_tried() == 0


async def test_a_removed_card_is_reported_and_needs_its_pin_when_it_is_back(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv, other_card: VirtualPiv
) -> None:
    with slot.with_card(rsa_card):
        card = await medium.open(Pin(PIN))
    assert await problems_of(card) == [CardRemoved] * 3
    with slot.with_card(other_card):
        assert await problems_of(card) == [CardMismatch] * 3
    with slot.with_card(rsa_card):
        assert await problems_of(card) == [PinVerificationLost] * 3
        assert rsa_card.pins_tried() == 1, "the PIN is never tried automatically"
        again = await medium.open(Pin(PIN))
        assert await again.sign(TEXT)
        await again.close()
    await card.close()


async def test_an_unusable_card_in_its_place_counts_as_removed(
    linked_pcscd: Pcscd, medium: PcscMedium, rsa_card: VirtualPiv, other_card: VirtualPiv
) -> None:
    slot, other_slot = linked_pcscd.slots
    with slot.with_card(rsa_card):
        card = await medium.open(Pin(PIN))
    not_piv, unresponsive = replace(other_card, aids=()), replace(other_card, atr=b"\x3b")
    for unusable in (not_piv, unresponsive):
        with slot.with_card(unusable):
            assert await problems_of(card) == [CardRemoved] * 3
    with slot.with_card(rsa_card), other_slot.with_card(other_card):
        assert await problems_of(card) == [CardRemoved] * 3, "while two cards are inserted"
    await card.close()


@pytest.mark.parametrize("instruction", [VERIFY, GENERAL_AUTHENTICATE])
async def test_a_card_removed_during_a_call_is_reported(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv, instruction: int
) -> None:
    def pull(requested: int, data: bytes) -> Reply | None:
        if requested == instruction and data:
            slot.reader.pull()
        return None

    rsa_card.intercept = pull
    with slot.with_card(rsa_card):
        if instruction == VERIFY:
            with pytest.raises(NoCard):
                await medium.open(Pin(PIN))
        else:
            card = await medium.open(Pin(PIN))
            with pytest.raises(CardRemoved):
                await card.sign(TEXT)
            await card.close()
    assert await medium.read_identity() is None


async def test_a_card_that_lost_its_power_needs_its_pin(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    """As after the machine has slept: the connection still exists, but the PIN no longer counts as verified."""
    with slot.with_card(rsa_card):
        card = await medium.open(Pin(PIN))
        rsa_card.verified = False
        with pytest.raises(PinVerificationLost):
            await card.sign(TEXT)
        assert rsa_card.pins_tried() == 1
        await card.close()


async def test_opening_a_card_closes_the_one_that_was_open(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    with slot.with_card(rsa_card):
        first = await medium.open(Pin(PIN))
        with pytest.raises(WrongPin):
            await medium.open(Pin(WRONG_PIN))
        second = await medium.open(Pin(PIN))
        with pytest.raises(CardClosed):
            await first.sign(TEXT)
        assert await second.sign(TEXT)
        await second.close()


HOLDING_A_CARD = """
import asyncio, sys
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.pin import Pin
from tests.card.cards import NOW, PIN
async def hold():
    card = await PcscMedium(clock=lambda: NOW).open(Pin(PIN))
    print("open", flush=True)
    await asyncio.Event().wait()
asyncio.run(hold())
"""


async def test_a_card_used_by_another_program_is_busy_and_reset_when_that_program_is_killed(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv, child_environment: dict[str, str]
) -> None:
    with slot.with_card(rsa_card):
        holder = await asyncio.create_subprocess_exec(
            sys.executable, "-c", HOLDING_A_CARD, env=child_environment, stdout=asyncio.subprocess.PIPE
        )
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"open\n"
        assert rsa_card.verified
        with pytest.raises(ReaderBusy):
            await medium.read_identity()
        with pytest.raises(ReaderBusy):
            await medium.open(Pin(PIN))
        holder.kill()
        await holder.wait()
        wait_until(lambda: not rsa_card.verified)
        await (await medium.open(Pin(PIN))).close()


async def test_reading_the_identity_waits_for_a_transaction_of_another_program(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, order = threading.Event(), []
    connect = Readers.connect

    def observed(readers: Readers, reader: str, sharing: Sharing) -> ReaderConnection:
        asked.set()
        connected = connect(readers, reader, sharing)
        order.append("connected")
        return connected

    with slot.with_card(rsa_card), Readers() as readers:
        connection = readers.connect(slot.name, Sharing.SHARED)
        monkeypatch.setattr(Readers, "connect", observed)
        try:
            reading = asyncio.create_task(medium.read_identity())
            assert await asyncio.to_thread(asked.wait, WAIT_SECONDS)
        finally:
            order.append("ended")
            connection.close()
        assert await reading is not None
    assert order == ["ended", "connected"]


async def test_two_cards_are_reported_and_none_is_used(
    linked_pcscd: Pcscd, medium: PcscMedium, rsa_card: VirtualPiv, other_card: VirtualPiv
) -> None:
    one, other = linked_pcscd.slots
    with one.with_card(rsa_card), other.with_card(other_card):
        for call in (medium.read_identity(), medium.pin_retries_left(), medium.open(Pin(PIN))):
            with pytest.raises(SeveralCardsInserted) as refused:
                await call
            assert one.name in refused.value.message
        assert rsa_card.pins_tried() == other_card.pins_tried() == 0


async def test_a_card_of_another_kind_in_another_reader_is_ignored(
    linked_pcscd: Pcscd, medium: PcscMedium, rsa_card: VirtualPiv, other_card: VirtualPiv
) -> None:
    other_card.aids = ()
    one, other = linked_pcscd.slots
    with other.with_card(other_card):
        with pytest.raises(NotPiv):
            await medium.read_identity()
        with one.with_card(rsa_card):
            card = await medium.open(Pin(PIN))
            assert await card.sign(TEXT)
            await card.close()
        assert other_card.pins_tried() == 0


async def test_an_unusable_card_is_reported_with_the_reason(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    rsa_card.keys = {}
    with slot.with_card(rsa_card):
        with pytest.raises(InvalidCard) as refused:
            await medium.read_identity()
        assert "9A" in refused.value.hint
    rsa_card.atr = b"\x3b"
    with slot.with_card(rsa_card), pytest.raises(CardUnresponsive):
        await medium.read_identity()


async def test_a_card_that_does_not_respond_times_out(slot: VirtualSlot, rsa_card: VirtualPiv) -> None:
    released = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(instruction: int, _data: bytes) -> Reply | None:
        if instruction == GENERAL_AUTHENTICATE:
            asyncio.run_coroutine_threadsafe(released.wait(), loop).result()
        return None

    rsa_card.intercept = hang
    medium = PcscMedium(clock=lambda: NOW, operation_timeout=1.0)
    with slot.with_card(rsa_card):
        card = await medium.open(Pin(PIN))
        with pytest.raises(ReaderTimeout):
            await card.sign(TEXT)
        with pytest.raises(CardProblem) as refused:
            await medium.read_identity()
        assert not isinstance(refused.value, ReaderTimeout), "later calls do not wait for the one that hangs"
        released.set()
        await card.close()


async def test_a_cancelled_opening_releases_the_card(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    verifying, continuing = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def pause(instruction: int, data: bytes) -> Reply | None:
        if instruction == VERIFY and data:
            loop.call_soon_threadsafe(verifying.set)
            asyncio.run_coroutine_threadsafe(continuing.wait(), loop).result()
        return None

    rsa_card.intercept = pause
    with slot.with_card(rsa_card):
        pin = Pin(PIN)
        opening = asyncio.create_task(medium.open(pin))
        await verifying.wait()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert pin.cleared
        continuing.set()
        assert await medium.read_identity() is not None
        assert not rsa_card.verified
