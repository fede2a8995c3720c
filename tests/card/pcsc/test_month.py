"""The work of a month at the embedded port with a P-256 card in a reader, and with exchanged cards."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.cards import scan_media
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.card.identity import KeyType
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.problems import CardMismatch, PinVerificationLost
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.demo import refusals
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.sample_data.companies import invented_card_number
from jiacha_tui.demo.service import SignaturePolicy
from tests.app_contexts import TODAY, demo_context
from tests.card.cards import WAIT_SECONDS
from tests.card.month_of_work import (
    DETAIL,
    LIST,
    RESEND,
    SigningTransport,
    do_month_of_work,
    list_entry_ids,
    outcomes,
    resend_declarations,
)
from tests.card.pcsc.known_cards import new_p256_card
from tests.card.pcsc.pcscd import VirtualSlot
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.needs import needs

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")

SIGNATURE = 0x87


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A port that requires a signature for each list and each detail."""
    made = make_demo(tmp_path / "home", 20, today=TODAY, signature_policy=SignaturePolicy.ALWAYS)
    yield made
    made.close()


@pytest.fixture
def wire(demo: Demo) -> SigningTransport:
    return SigningTransport(demo)


@pytest.fixture
def card(demo: Demo) -> VirtualPiv:
    return new_p256_card(demo, invented_card_number(20))


@pytest.fixture
def other(demo: Demo) -> VirtualPiv:
    """Another card of the same company with the same PIN."""
    return new_p256_card(demo, invented_card_number(21))


@pytest.fixture
async def session(
    slot: VirtualSlot, demo: Demo, wire: SigningTransport, card: VirtualPiv, tmp_path: Path
) -> AsyncIterator[Session]:
    medium = PcscMedium()
    app_context = replace(demo_context(demo, tmp_path / "home", transport=wire), media=lambda: (medium,))
    slot.insert(card)
    (found,) = await scan_media(app_context)
    opened = await log_in(app_context, found.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    yield opened
    await opened.close()
    slot.pull()


def count_signatures(card: VirtualPiv) -> int:
    return sum(instruction == SIGNATURE for instruction, _data in card.commands)


async def test_the_work_of_a_month_with_a_p256_card(
    session: Session, wire: SigningTransport, card: VirtualPiv, tmp_path: Path
) -> None:
    assert session.card.identity.key_type is KeyType.P256
    report = await do_month_of_work(session, tmp_path / "out")
    (file,) = report.files
    assert file.verified == "XML 完整，为本卡加密，签名与内容相符"
    assert {LIST, DETAIL, RESEND} == set(wire.signed)
    assert set(outcomes(session).values()) == {Outcome.DONE}
    assert card.pins_tried() == 1


async def test_the_port_refuses_a_changed_signature(session: Session, wire: SigningTransport) -> None:
    (entry_id,) = await list_entry_ids(session, 1)

    def flip_last_bit(sign: str) -> str:
        der = base64.b64decode(sign)
        return base64.b64encode(der[:-1] + bytes([der[-1] ^ 1])).decode()

    wire.forge = flip_last_bit
    sent = await resend_declarations(session, entry_id)
    assert sent.outcome is Outcome.UNKNOWN, "only an expected reply decides over a resend"
    assert refusals.BAD_SIGNATURE in sent.message
    assert wire.demo.store.resends() == ()


async def test_a_card_exchanged_between_two_signed_requests_signs_nothing(
    session: Session, slot: VirtualSlot, wire: SigningTransport, card: VirtualPiv, other: VirtualPiv
) -> None:
    (entry_id,) = await list_entry_ids(session, 1)
    before = list(wire.signed)
    slot.pull()
    slot.insert(other)
    sent = await resend_declarations(session, entry_id)
    assert (sent.outcome, sent.message) == (Outcome.REFUSED, CardMismatch().message)
    assert (count_signatures(other), other.pins_tried()) == (0, 0)

    slot.pull()
    slot.insert(card)
    sent = await resend_declarations(session, entry_id)
    assert (sent.outcome, sent.message) == (Outcome.REFUSED, PinVerificationLost().message)
    assert card.pins_tried() == 1, "the PIN is never tried automatically"
    assert wire.signed == before
    assert wire.demo.store.resends() == ()


async def test_an_exchanged_card_locks_the_session(
    session: Session, slot: VirtualSlot, wire: SigningTransport, card: VirtualPiv, other: VirtualPiv
) -> None:
    (entry_id,) = await list_entry_ids(session, 1)
    before = list(wire.signed)
    session.enable_locking()
    slot.pull()
    slot.insert(other)
    sending = asyncio.create_task(resend_declarations(session, entry_id))
    assert await asyncio.wait_for(session.lock_state.wait_locked(), WAIT_SECONDS) is LockReason.CARD
    with pytest.raises(CardMismatch):
        await session.unlock(DEMO_PIN)
    assert (count_signatures(other), other.pins_tried()) == (0, 0)

    slot.pull()
    slot.insert(card)
    await session.unlock(DEMO_PIN)
    assert (await asyncio.wait_for(sending, WAIT_SECONDS)).outcome is Outcome.DONE
    assert wire.signed == [*before, RESEND]
