"""The PIN of a real card and what it decrypted must not appear anywhere where somebody could read it later."""

import logging
from collections.abc import Awaitable

import pytest

from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardProblem
from jiacha_tui.demo.card_issuing import INVENTED_PERSONAL_NUMBER
from tests.card.cards import PIN, WRONG_PIN
from tests.card.control.test_secrecy import everything_reachable
from tests.card.pcsc.pcscd import VirtualSlot
from tests.card.pcsc.test_medium import encrypted
from tests.card.pcsc.test_piv import GENERAL_AUTHENTICATE, VERIFY
from tests.card.pcsc.virtual_piv import KeyPair, Reply, VirtualPiv
from tests.needs import needs

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")

STATUSES = [0x63C2, 0x63C0, 0x6983, 0x6A80, 0x6F00]


async def failure_of(call: Awaitable[object]) -> CardProblem:
    """Caught in this function, which has no variable with the virtual card: the card knows every secret."""
    try:
        await call
    except CardProblem as problem:
        return problem
    raise AssertionError("the call succeeded")


@pytest.mark.parametrize("status", [*STATUSES, "pulled", "garbled"])
async def test_a_failed_verification_contains_no_pin(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv, caplog: pytest.LogCaptureFixture, status: int | str
) -> None:
    caplog.set_level(logging.DEBUG)

    def fail(instruction: int, data: bytes) -> Reply | None:
        if instruction != VERIFY or not data:
            return None
        if status == "pulled":
            slot.reader.pull()
        return (data, 0x61FF) if isinstance(status, str) else (b"", status)

    rsa_card.intercept = fail
    with slot.with_card(rsa_card):
        shown = everything_reachable(await failure_of(medium.open(Pin(WRONG_PIN))))
    assert "verify" in shown, "the traceback contains the frames that had the PIN"
    assert WRONG_PIN not in shown
    assert str(list(WRONG_PIN.encode())).strip("[]") not in shown
    assert WRONG_PIN not in caplog.text


async def test_an_open_card_and_its_failures_show_no_pin_and_no_personal_number(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv, rsa_pairs: tuple[KeyPair, KeyPair]
) -> None:
    with slot.with_card(rsa_card):
        card = await medium.open(Pin(PIN))
        shown = f"{card!r}{vars(card)!r}{medium!r}{vars(medium)!r}{card.identity!r}"
        rsa_card.intercept = lambda instruction, _data: (b"", 0x6F00) if instruction == GENERAL_AUTHENTICATE else None
        for call in (card.sign("text"), card.decrypt(encrypted(rsa_pairs[1], b"key"))):
            shown += everything_reachable(await failure_of(call))
        await card.close()
    assert PIN not in shown
    assert INVENTED_PERSONAL_NUMBER not in shown


async def test_a_failed_decryption_does_not_contain_the_plaintext(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv, rsa_pairs: tuple[KeyPair, KeyPair]
) -> None:
    """A key after a wrong padding is still a key."""
    secret = b"a key that nobody may see"
    ciphertext = encrypted(rsa_pairs[1], secret)
    with slot.with_card(rsa_card):
        card = await medium.open(Pin(PIN))
        rsa_card.intercept = lambda instruction, _data: (
            (b"\x7c\x82\x01\x04\x83\x82\x01\x00" + secret.ljust(256), 0x9000)
            if instruction == GENERAL_AUTHENTICATE
            else None
        )
        shown = everything_reachable(await failure_of(card.decrypt(ciphertext)))
        await card.close()
    assert "_authenticate" in shown
    assert secret.decode() not in shown
