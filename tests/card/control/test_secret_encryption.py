"""How a secret is encrypted for a card of the control: nothing that the control says is believed."""

import base64
import contextlib
import importlib.util
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.medium import ControlMedium, OpenControlCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CannotDecrypt, CardMismatch, CardRemoved, DecryptionFailed, WrongPin
from jiacha_tui.card_encryption import OAEP_SHA1, OAEP_SHA256, EncryptedSecret, SecretScheme
from jiacha_tui.certificates import load_certificate
from jiacha_tui.demo.pin import DEMO_PIN
from tests.card.cards import PIN
from tests.card.control.simulator import Simulator

needs_sm2 = pytest.mark.skipif(
    importlib.util.find_spec("gmssl_pyx") is None,
    reason="gmssl-pyx, which the SM2 card decrypts with, is not installed",
)
SECRET = bytes(range(200, 232))
ENCRYPT, DECRYPT, CERTIFICATE = (f"cus-sec_Spc{name}" for name in ("RSAEncrypt", "RSADecrypt", "GetEnvCertAsPEM"))
CHECK = ["cus-sec_SpcGetCardID", "cus-sec_SpcGetCertNo"]


async def open_card(medium: ControlMedium, pin: str = PIN) -> OpenControlCard:
    return await medium.open(Pin(pin))


@pytest.mark.parametrize(
    ("commands", "scheme"),
    [
        (["padding oaep-sha256"], SecretScheme.CONTROL_OAEP_SHA256),
        (["padding oaep-sha1"], SecretScheme.CONTROL_OAEP_SHA1),
        (["padding pkcs1v15"], SecretScheme.CONTROL_PKCS1V15),
        (["padding oaep-sha1", "encryption no-encrypt"], SecretScheme.CONTROL_OAEP_SHA1),
        (["encryption base64"], SecretScheme.CONTROL_PKCS1V15),
        (["encryption no-certificate"], SecretScheme.CONTROL_OWN),
        (["encryption no-certificate base64"], SecretScheme.CONTROL_OWN),
        (["certificate other"], SecretScheme.CONTROL_OWN),
        (["encoding gb18030"], SecretScheme.CONTROL_PKCS1V15),
    ],
)
async def test_the_way_that_survives_a_round_trip_is_taken(
    simulator: Simulator, medium: ControlMedium, commands: list[str], scheme: SecretScheme
) -> None:
    for command in commands:
        assert simulator.run(command) == "ok"
    card = await open_card(medium)
    encrypted = await card.encrypt_secret(SECRET)
    assert encrypted.scheme is scheme
    assert SECRET not in encrypted.ciphertext
    assert base64.b64encode(SECRET) not in encrypted.ciphertext
    await card.close()
    again = await open_card(medium)
    assert await again.decrypt_secret(encrypted) == SECRET
    await again.close()


@needs_sm2
@pytest.mark.parametrize("certificate", ["own", "card"])
async def test_an_sm2_card_encrypts_with_its_own_pair(
    simulator: Simulator, medium: ControlMedium, certificate: str
) -> None:
    """Its certificate is of no use here, and one of an RSA card does not survive the round trip."""
    simulator.run("insert sm2")
    simulator.run(f"certificate {certificate}")
    card = await open_card(medium, DEMO_PIN)
    encrypted = await card.encrypt_secret(SECRET)
    assert encrypted.scheme is SecretScheme.CONTROL_OWN
    assert await card.decrypt_secret(encrypted) == SECRET
    await card.close()


@pytest.mark.parametrize("card_kind", ["card", pytest.param("sm2", marks=needs_sm2)])
@pytest.mark.parametrize(
    "faults",
    ["no-encrypt no-certificate", "no-decrypt", "no-encrypt no-decrypt no-certificate", "lies", "echo", "lies echo"],
)
async def test_a_control_that_lacks_a_method_or_lies_keeps_no_secret(
    simulator: Simulator, medium: ControlMedium, faults: str, card_kind: str
) -> None:
    simulator.run(f"insert {card_kind}")
    simulator.run(f"encryption {faults}")
    card = await open_card(medium, PIN if card_kind == "card" else DEMO_PIN)
    simulator.calls()
    with pytest.raises(CannotDecrypt):
        await card.encrypt_secret(SECRET)
    calls = simulator.calls()
    assert set(calls) <= {*CHECK, ENCRYPT, DECRYPT, CERTIFICATE}
    assert calls.count(DECRYPT) <= 4
    assert await card.sign("text"), "the card is as usable as before"
    await card.close()


async def test_an_error_that_may_have_spent_a_try_is_the_last_one(simulator: Simulator, medium: ControlMedium) -> None:
    """The signature that the login needs anyway still works: the card is not locked."""
    simulator.run("encryption wrong-pin")
    card = await open_card(medium)
    simulator.calls()
    with pytest.raises(CannotDecrypt):
        await card.encrypt_secret(SECRET)
    assert [call for call in simulator.calls() if call not in (*CHECK, CERTIFICATE)] == [DECRYPT]
    assert await card.sign("text")
    await card.close()


@pytest.mark.parametrize("fault", ["garble", "no-text", "no-result", "echo", "drop", "silent", "51590"])
@pytest.mark.parametrize("method", ["RSAEncrypt", "RSADecrypt", "GetEnvCert"])
async def test_a_call_that_fails_once_ends_in_a_secret_that_the_card_decrypts_or_in_none(
    simulator: Simulator, fault: str, method: str
) -> None:
    medium = simulator.medium(RetryPolicy(attempts=10, interval=0.5, reply_timeout=3.0 if fault == "silent" else 30.0))
    if method == "RSAEncrypt":
        simulator.run("encryption no-certificate")
    card = await open_card(medium)
    simulator.run(f"next {fault} {method}")
    encrypted = None
    with contextlib.suppress(CannotDecrypt, CardRemoved):
        encrypted = await card.encrypt_secret(SECRET)
    await card.close()
    again = await open_card(simulator.medium())
    assert encrypted is None or await again.decrypt_secret(encrypted) == SECRET
    assert await again.sign("text")
    await again.close()


async def test_what_was_not_encrypted_for_the_card_is_not_decrypted(
    simulator: Simulator, medium: ControlMedium
) -> None:
    card = await open_card(medium)
    encrypted = await card.encrypt_secret(SECRET)
    own = load_certificate(card.identity.certificate).public_key()
    assert isinstance(own, rsa.RSAPublicKey)
    simulator.calls()
    with pytest.raises(CannotDecrypt):
        await card.decrypt_secret(EncryptedSecret(SecretScheme.CERTIFICATE, own.encrypt(SECRET, OAEP_SHA256)))
    assert DECRYPT not in simulator.calls()
    for ciphertext in (
        b"",
        os.urandom(256),
        encrypted.ciphertext[:-1],
        own.encrypt(SECRET, padding.PKCS1v15()),
        own.encrypt(base64.b64encode(SECRET[1:]), padding.PKCS1v15()),
        own.encrypt(base64.b64encode(SECRET), OAEP_SHA1),
    ):
        with pytest.raises(DecryptionFailed):
            await card.decrypt_secret(EncryptedSecret(encrypted.scheme, ciphertext))
    await card.close()


async def test_another_card_gets_no_pin(simulator: Simulator, medium: ControlMedium) -> None:
    card = await open_card(medium)
    encrypted = await card.encrypt_secret(SECRET)
    simulator.run("insert other")
    simulator.calls()
    with pytest.raises(CardMismatch):
        await card.decrypt_secret(encrypted)
    with pytest.raises(CardMismatch):
        await card.encrypt_secret(SECRET)
    assert simulator.calls() == CHECK * 2
    simulator.run("pull")
    with pytest.raises(CardRemoved):
        await card.decrypt_secret(encrypted)
    await card.close()


async def test_a_pin_that_was_changed_since_is_tried_once(simulator: Simulator, medium: ControlMedium) -> None:
    card = await open_card(medium)
    assert simulator.run(f"pin {PIN} Neu-8765") == "ok"
    simulator.calls()
    with pytest.raises(WrongPin):
        await card.encrypt_secret(SECRET)
    assert [call for call in simulator.calls() if call not in (*CHECK, CERTIFICATE)] == [DECRYPT]
