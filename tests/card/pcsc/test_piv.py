"""The commands of a PIV card, sent to a virtual card directly, without a reader."""

import gzip
import re

import pytest
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.card.pcsc.apdu import CommandApdu, Send, TransmissionProtocol
from jiacha_tui.card.pcsc.keys import KeyManagementKey, SigningKey
from jiacha_tui.card.pcsc.piv import PivCard, PivSlot
from jiacha_tui.card.pcsc.problems import CardRefused, NotPiv, NotVerified
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import (
    CardProblem,
    DecryptionFailed,
    InvalidCard,
    PinBlocked,
    PinMalformed,
    SigningFailed,
    WrongPin,
)
from tests.card.cards import PIN, WRONG_PIN
from tests.card.pcsc.conftest import IssueKeyPair
from tests.card.pcsc.virtual_piv import APPLICATION, KeyPair, VirtualPiv, tlv

VERIFY, GET_DATA, GENERAL_AUTHENTICATE = 0x20, 0xCB, 0x87


def sender(card: VirtualPiv, transmission: TransmissionProtocol = TransmissionProtocol.T1) -> Send:
    return lambda command: card.answer(command.encode(transmission))


def select(card: VirtualPiv) -> PivCard:
    piv = PivCard(sender(card))
    piv.select()
    return piv


def der(pair: KeyPair) -> bytes:
    return pair.certificate.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("name", [APPLICATION, APPLICATION[:9], APPLICATION[:5]])
@pytest.mark.parametrize("tagged", [True, False])
def test_the_application_is_selected_by_the_aid_that_the_card_accepts(
    rsa_card: VirtualPiv, name: bytes, *, tagged: bool
) -> None:
    rsa_card.aids, rsa_card.tagged = (name,), tagged
    select(rsa_card)
    assert rsa_card.commands[-1] == (0xA4, name)


def test_a_card_without_the_application_is_not_a_piv_card(rsa_card: VirtualPiv) -> None:
    rsa_card.aids = ()
    with pytest.raises(NotPiv):
        select(rsa_card)


@pytest.mark.parametrize("transmission", TransmissionProtocol)
@pytest.mark.parametrize("compressed", [False, True])
def test_a_certificate_is_read_in_several_parts(
    rsa_card: VirtualPiv, rsa_pairs: tuple[KeyPair, KeyPair], transmission: TransmissionProtocol, *, compressed: bool
) -> None:
    rsa_card.compressed = compressed
    piv = PivCard(sender(rsa_card, transmission))
    assert piv.certificate(PivSlot.AUTHENTICATION) == der(rsa_pairs[0])
    assert piv.certificate(PivSlot.KEY_MANAGEMENT) == der(rsa_pairs[1])
    del rsa_card.keys[0x9D]
    assert piv.certificate(PivSlot.KEY_MANAGEMENT) is None


def test_a_certificate_that_decompresses_to_a_huge_size_is_refused(rsa_card: VirtualPiv) -> None:
    bomb = tlv(0x53, tlv(0x70, gzip.compress(bytes(10_000_000))), tlv(0x71, b"\1"))
    rsa_card.intercept = lambda instruction, _data: (bomb, 0x9000) if instruction == GET_DATA else None
    with pytest.raises(InvalidCard):
        PivCard(sender(rsa_card)).certificate(PivSlot.AUTHENTICATION)


def test_the_retry_counter_is_read_without_using_a_try(rsa_card: VirtualPiv) -> None:
    piv = select(rsa_card)
    assert [piv.pin_retries_left() for _ in range(5)] == [3] * 5
    assert not piv.is_verified()
    with pytest.raises(WrongPin) as refused:
        piv.verify(Pin(WRONG_PIN))
    assert refused.value.retries_left == 2
    assert piv.pin_retries_left() == 2
    piv.verify(Pin(PIN))
    assert piv.is_verified()
    assert piv.pin_retries_left() is None
    assert rsa_card.retries_left == 3


def test_the_last_wrong_pin_locks_the_card(rsa_card: VirtualPiv) -> None:
    piv = select(rsa_card)
    rsa_card.retries_left = 1
    with pytest.raises(PinBlocked):
        piv.verify(Pin(WRONG_PIN))
    assert piv.pin_retries_left() == 0
    with pytest.raises(PinBlocked):
        piv.verify(Pin(PIN))


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (0x63C0, PinBlocked),
        (0x6983, PinBlocked),
        (0x63C1, WrongPin),
        (0x63CF, WrongPin),
        (0x6300, WrongPin),
        (0x6A80, PinMalformed),
        (0x6A88, CardRefused),
    ],
)
def test_each_status_of_a_pin_verification_becomes_a_problem(
    rsa_card: VirtualPiv, status: int, problem: type[CardProblem]
) -> None:
    rsa_card.intercept = lambda instruction, _data: (b"", status) if instruction == VERIFY else None
    with pytest.raises(problem):
        PivCard(sender(rsa_card)).verify(Pin(PIN))
    assert rsa_card.pins_tried() == 1


def test_a_shorter_pin_is_padded(rsa_card: VirtualPiv) -> None:
    rsa_card.pin = "123456"
    PivCard(sender(rsa_card)).verify(Pin("123456"))
    assert rsa_card.commands == [(VERIFY, b"123456\xff\xff")]


@pytest.mark.parametrize("size", [1024, 2048])
def test_rsa_keys_sign_and_refuse_invalid_ciphertexts(issue: IssueKeyPair, size: int) -> None:
    pair = issue(rsa.generate_private_key(public_exponent=65537, key_size=size))
    card = VirtualPiv(PIN, {0x9A: pair, 0x9D: pair})
    piv = select(card)
    piv.verify(Pin(PIN))
    assert isinstance(pair.key, rsa.RSAPrivateKey)
    assert SigningKey(der(pair), pair.key.public_key()).sign(piv, "报关单")
    key_management = KeyManagementKey.read(piv)
    assert key_management is not None
    for ciphertext in (b"", bytes(size // 8 + 1), b"\xff" * (size // 8), b"\1" * (size // 8)):
        with pytest.raises(DecryptionFailed):
            key_management.decrypt(piv, ciphertext)


def test_p256_keys_sign_and_decrypt(p256_card: VirtualPiv, p256_pairs: tuple[KeyPair, KeyPair]) -> None:
    piv = select(p256_card)
    piv.verify(Pin(PIN))
    signing_key, decryption_key = (pair.key for pair in p256_pairs)
    assert isinstance(signing_key, ec.EllipticCurvePrivateKey)
    assert isinstance(decryption_key, ec.EllipticCurvePrivateKey)
    assert SigningKey(der(p256_pairs[0]), signing_key.public_key()).sign(piv, "报关单")
    key_management = KeyManagementKey.read(piv)
    assert key_management is not None
    suite = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    assert key_management.decrypt(piv, suite.encrypt(b"key", decryption_key.public_key())) == b"key"
    for ciphertext in (b"", bytes(97), suite.encrypt(b"key", signing_key.public_key())):
        with pytest.raises(DecryptionFailed):
            key_management.decrypt(piv, ciphertext)


def test_an_unusable_decryption_key_is_ignored(p256_card: VirtualPiv, issue: IssueKeyPair) -> None:
    p256_card.keys[0x9D] = issue(ec.generate_private_key(ec.SECP384R1()))
    assert KeyManagementKey.read(select(p256_card)) is None


@pytest.mark.parametrize("response", [b"", b"\x7c\x00", b"\x7c\x02\x82\x00", b"\x7c\x05\x82", bytes(8)])
def test_a_response_without_a_signature_is_refused(rsa_card: VirtualPiv, response: bytes) -> None:
    rsa_card.intercept = lambda instruction, _data: (response, 0x9000) if instruction == GENERAL_AUTHENTICATE else None
    key = rsa_card.keys[0x9A]
    assert isinstance(key.key, rsa.RSAPrivateKey)
    with pytest.raises(InvalidCard):
        SigningKey(der(key), key.key.public_key()).sign(select(rsa_card), "text")


def test_a_wrong_signature_is_refused(rsa_card: VirtualPiv) -> None:
    wrong = tlv(0x7C, tlv(0x82, bytes(256)))
    rsa_card.intercept = lambda instruction, _data: (wrong, 0x9000) if instruction == GENERAL_AUTHENTICATE else None
    key = rsa_card.keys[0x9A]
    assert isinstance(key.key, rsa.RSAPrivateKey)
    with pytest.raises(SigningFailed):
        SigningKey(der(key), key.key.public_key()).sign(select(rsa_card), "text")


def test_signing_without_a_verified_pin_is_refused(rsa_card: VirtualPiv) -> None:
    key = rsa_card.keys[0x9A]
    assert isinstance(key.key, rsa.RSAPrivateKey)
    with pytest.raises(NotVerified):
        SigningKey(der(key), key.key.public_key()).sign(select(rsa_card), "text")


RESPONSES = st.lists(
    st.builds(
        lambda data, status: data + status,
        st.binary(max_size=40),
        st.sampled_from([b"\x90\x00", b"\x61\x10", b"\x6c\x05", b"\x63\xc2", b"\x6a\x82", b"", b"\x69\x82"]),
    ),
    min_size=1,
    max_size=6,
)


@given(responses=RESPONSES)
def test_any_responses_give_a_value_or_a_problem_with_a_chinese_message(responses: list[bytes]) -> None:
    """Whatever the card responds, every call ends, and not with another exception."""
    remaining = iter(responses * 50)

    def send(_command: CommandApdu) -> bytes:
        return next(remaining, b"\x6f\x00")

    piv, problems = PivCard(send), []
    for call in (
        piv.select,
        lambda: piv.certificate(PivSlot.AUTHENTICATION),
        piv.pin_retries_left,
        lambda: piv.verify(Pin(PIN)),
        lambda: KeyManagementKey.read(piv),
    ):
        try:
            call()
        except CardProblem as problem:
            problems.append(problem)
    assert all(re.search(r"[\u4e00-\u9fff]", problem.message) for problem in problems)
