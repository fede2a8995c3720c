"""A card of the control: its identity, its PIN and its signatures, over real sockets to a simulator process."""

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import ControlRefused, ReaderResetFailed
from jiacha_tui.card.identity import KeyType
from jiacha_tui.card.medium import Medium, OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import (
    CardClosed,
    CardExpired,
    CardMismatch,
    CardRemoved,
    NoCard,
    SigningFailed,
    WrongPin,
)
from jiacha_tui.card.signature import verify
from jiacha_tui.demo.card_issuing import IssuedCard
from jiacha_tui.demo.pin import DEMO_PIN
from tests.card.cards import PIN, WRONG_PIN
from tests.card.control.simulator import Simulator
from tests.needs import needs

TEXT = "JJ0G900000001||报关单"
IDENTITY_CALLS = ["cus-sec_SpcGetCardID", "cus-sec_SpcGetCertNo", "cus-sec_SpcGetSignCertAsPEM"]
CHECK_CALLS = IDENTITY_CALLS[:2]


async def open_card(medium: ControlMedium, pin: str = PIN) -> OpenCard:
    card: OpenCard = await medium.open(Pin(pin))
    return card


def openssl(folder: Path, *arguments: str) -> str:
    """The output of OpenSSL. Raises CalledProcessError if it fails."""
    return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_the_control_is_a_medium() -> None:
    medium: Medium = ControlMedium()
    assert medium.name == "IC卡/Key"
    assert medium.medium_id == ControlMedium().medium_id == "control:ws://127.0.0.1:61232"


async def test_the_identity_is_read_without_the_pin(
    simulator: Simulator, medium: ControlMedium, issued: IssuedCard
) -> None:
    assert await medium.read_identity() == issued.identity
    assert simulator.calls() == IDENTITY_CALLS


@pytest.mark.parametrize("command", ["pull", "next 51590", "next 50200"])
async def test_no_inserted_card_is_reported(simulator: Simulator, medium: ControlMedium, command: str) -> None:
    simulator.run(command)
    assert await medium.read_identity() is None
    simulator.run(command)
    with pytest.raises(NoCard) as refused:
        await open_card(medium)
    assert refused.value.message == "请插入IC卡或者Key"
    assert "VerifyPIN" not in "".join(simulator.calls())


async def test_a_reader_that_no_longer_reacts_works_after_a_restart_of_the_control(
    simulator: Simulator, medium: ControlMedium
) -> None:
    card = await open_card(medium)
    simulator.run("dark")
    for call in (medium.read_identity(), medium.open(Pin(PIN)), card.sign(TEXT)):
        with pytest.raises(ReaderResetFailed) as refused:
            await call
        assert "重新启动客户端控件" in refused.value.hint
    simulator.run("restart")
    verify(card.identity.certificate, TEXT, await card.sign(TEXT))
    await card.close()


@pytest.mark.parametrize(
    ("reader", "verify_method", "sign_method"),
    [
        ("ordinary", "cus-sec_SpcVerifyPINAll", "security_SpcSignRandom"),
        ("white", "ra_VerifyPinAndGetCardUserInfo", "ra_identifyFirstStep"),
    ],
)
async def test_a_login_makes_the_calls_of_the_official_page(
    simulator: Simulator, medium: ControlMedium, reader: str, verify_method: str, sign_method: str
) -> None:
    simulator.run(f"reader {reader}")
    card = await open_card(medium)
    assert simulator.calls() == [*IDENTITY_CALLS, "ra_Is903Reader", verify_method]
    nonce = "c2FtcGxlIHJhbmRvbQ=="
    verify(card.identity.certificate, nonce, await card.sign_challenge(nonce))
    assert simulator.calls() == [*CHECK_CALLS, sign_method]
    verify(card.identity.certificate, TEXT, await card.sign(TEXT))
    assert simulator.calls() == [*CHECK_CALLS, "cus-sec_SpcSignDataAsPEM"]
    await card.close()


@pytest.mark.parametrize("reader", ["ordinary", "white"])
async def test_a_control_may_sign_the_decoded_nonce(simulator: Simulator, medium: ControlMedium, reader: str) -> None:
    simulator.run(f"reader {reader}")
    simulator.run("random decoded")
    card = await open_card(medium)
    nonce = b"sample nonce"
    verify(card.identity.certificate, nonce, await card.sign_challenge(base64.b64encode(nonce).decode()))
    with pytest.raises(SigningFailed):  # the text of a request to the port has this form
        await card.sign_challenge(base64.b64encode(b"JJ0G900000001||202606010000000001").decode())
    await card.close()


async def test_a_control_that_does_not_know_its_reader_counts_as_having_an_ordinary_one(
    simulator: Simulator, medium: ControlMedium
) -> None:
    simulator.run("next 50070 Is903Reader")
    card = await open_card(medium)
    await card.sign_challenge("1234")
    await card.close()


@needs("openssl")
async def test_openssl_confirms_an_rsa_signature(medium: ControlMedium, issued: IssuedCard, tmp_path: Path) -> None:
    card = await open_card(medium)
    (tmp_path / "signature").write_bytes(base64.b64decode(await card.sign(TEXT)))
    await card.close()
    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    (tmp_path / "key.pem").write_bytes(
        issued.certificate.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    checked = openssl(tmp_path, "dgst", "-sha1", "-verify", "key.pem", "-signature", "signature", "text")
    assert checked == "Verified OK\n"


@needs("openssl")
async def test_openssl_confirms_an_sm2_signature(simulator: Simulator, medium: ControlMedium, tmp_path: Path) -> None:
    simulator.run("insert sm2")
    identity = await medium.read_identity()
    assert identity is not None
    assert identity.key_type is KeyType.SM2
    assert len(identity.certificate_serial) == 16
    card = await open_card(medium, DEMO_PIN)
    raw = base64.b64decode(await card.sign(TEXT))
    await card.close()
    assert len(raw) == 64

    (tmp_path / "card.der").write_bytes(identity.certificate)
    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    (tmp_path / "signature.txt").write_text(f"asn1=SEQ:rs\n[rs]\nr=INT:0x{raw[:32].hex()}\ns=INT:0x{raw[32:].hex()}\n")

    openssl(tmp_path, "asn1parse", "-genconf", "signature.txt", "-out", "signature.der", "-noout")
    key = openssl(tmp_path, "x509", "-inform", "DER", "-in", "card.der", "-pubkey", "-noout")
    (tmp_path / "key.pem").write_text(key)
    verify_with_key = ("pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-in", "text")
    sm2_options = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678", "-sigfile", "signature.der")
    assert "Success" in openssl(tmp_path, *verify_with_key, *sm2_options)


@pytest.mark.parametrize("reader", ["ordinary", "white"])
async def test_a_wrong_pin_is_tried_once_and_cleared(simulator: Simulator, medium: ControlMedium, reader: str) -> None:
    simulator.run(f"reader {reader}")
    pin = Pin(WRONG_PIN)
    with pytest.raises(WrongPin) as refused:
        await medium.open(pin)
    assert refused.value.retries_left is None
    assert "连续错误会锁卡" in refused.value.message
    assert pin.cleared
    assert sum("Verify" in method for method in simulator.calls()) == 1


async def test_the_text_of_a_locked_card_is_shown_unchanged(simulator: Simulator, medium: ControlMedium) -> None:
    for _ in range(2):
        with pytest.raises(WrongPin):
            await open_card(medium, WRONG_PIN)
    for pin in (WRONG_PIN, PIN):
        with pytest.raises(ControlRefused, match="卡已锁定"):
            await open_card(medium, pin)


async def test_an_expired_card_has_an_identity_but_uses_no_try(simulator: Simulator) -> None:
    simulator.run("insert expired")
    medium = ControlMedium(simulator.url)
    assert await medium.read_identity() is not None
    with pytest.raises(CardExpired):
        await open_card(medium, DEMO_PIN)
    assert "cus-sec_SpcVerifyPINAll" not in simulator.calls()


async def test_a_pin_that_the_control_repeats_is_not_shown(simulator: Simulator, medium: ControlMedium) -> None:
    simulator.run("next echo Verify")
    with pytest.raises(ControlRefused) as refused:
        await open_card(medium)
    assert "参数错误" in refused.value.message
    assert "********" in refused.value.message
    assert PIN not in f"{refused.value!r}{refused.value.message}{refused.value.hint}"


async def test_a_signature_that_the_certificate_does_not_confirm_is_refused(
    simulator: Simulator, medium: ControlMedium
) -> None:
    card = await open_card(medium)
    for call in (card.sign(TEXT), card.sign_challenge("random")):
        simulator.run("next wrong-signature Sign")
        with pytest.raises(SigningFailed):
            await call
    await card.close()


async def test_a_different_card_gets_no_pin(simulator: Simulator, medium: ControlMedium) -> None:
    card = await open_card(medium)
    simulator.run("insert other")
    simulator.calls()
    for call in (card.check_present(), card.sign(TEXT), card.sign_challenge("random")):
        with pytest.raises(CardMismatch):
            await call
    assert simulator.calls() == CHECK_CALLS * 3
    simulator.run("insert card")
    await card.check_present()
    await card.close()


async def test_a_removed_card_gets_no_pin_and_can_sign_after_it_is_back(
    simulator: Simulator, medium: ControlMedium
) -> None:
    card = await open_card(medium)
    simulator.run("pull")
    for call in (card.check_present(), card.sign(TEXT)):
        with pytest.raises(CardRemoved):
            await call
    simulator.run("insert card")
    verify(card.identity.certificate, TEXT, await card.sign(TEXT))
    await card.close()


async def test_a_card_removed_during_a_signature_is_reported(simulator: Simulator, medium: ControlMedium) -> None:
    card = await open_card(medium)
    simulator.run("next pull SignData")
    with pytest.raises(CardRemoved):
        await card.sign(TEXT)
    await card.close()


async def test_the_signature_of_a_different_card_is_refused(simulator: Simulator, medium: ControlMedium) -> None:
    """Both cards have the same PIN. They are exchanged after the check."""
    simulator.run("insert sm2")
    card = await open_card(medium, DEMO_PIN)
    simulator.run("next foreign SignData")
    with pytest.raises(CardMismatch):
        await card.sign(TEXT)
    await card.close()


async def test_a_pin_that_was_changed_since_is_not_tried_again(simulator: Simulator, medium: ControlMedium) -> None:
    card = await open_card(medium)
    simulator.calls()
    simulator.run("next foreign SignData")
    with pytest.raises(WrongPin):
        await card.sign(TEXT)
    for call in (card.sign(TEXT), card.sign_challenge("random"), card.check_present()):
        with pytest.raises(CardClosed):
            await call
    assert simulator.calls() == [*CHECK_CALLS, "cus-sec_SpcSignDataAsPEM"]


async def test_every_call_of_a_closed_card_fails(simulator: Simulator, medium: ControlMedium) -> None:
    pin = Pin(PIN)
    card = await medium.open(pin)
    encrypted = await card.encrypt_secret(bytes(32))
    await card.close()
    await card.close()
    assert pin.cleared
    for call in (card.sign(TEXT), card.sign_challenge("random"), card.check_present()):
        with pytest.raises(CardClosed):
            await call
    with pytest.raises(CardClosed):
        await card.encrypt_secret(bytes(32))
    with pytest.raises(CardClosed):
        await card.decrypt_secret(encrypted)
