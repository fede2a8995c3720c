"""The recipient's half of HPKE, against the whole of it in cryptography."""

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.card.pcsc.hpke import hpke_open

SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
KEY = ec.generate_private_key(ec.SECP256R1())


def agree(point: bytes) -> bytes:
    """As the card does: the x of the common point."""
    return KEY.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))


def opened(sealed: bytes) -> bytes | None:
    return hpke_open(sealed, KEY.public_key(), agree)


@given(message=st.binary(max_size=100))
def test_an_encrypted_message_is_decrypted(message: bytes) -> None:
    assert opened(SUITE.encrypt(message, KEY.public_key())) == message


@given(data=st.data())
def test_a_message_with_a_changed_or_missing_byte_is_refused(data: st.DataObject) -> None:
    sealed = SUITE.encrypt(b"key", KEY.public_key())
    position = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[position] ^ data.draw(st.integers(1, 255))
    assert opened(sealed[:position] + bytes([changed]) + sealed[position + 1 :]) is None
    assert opened(sealed[:position]) is None


@given(sealed=st.binary(max_size=120))
def test_arbitrary_bytes_are_refused(sealed: bytes) -> None:
    assert opened(sealed) is None


def test_another_suite_info_or_recipient_is_refused() -> None:
    other = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)
    assert opened(other.encrypt(b"key", KEY.public_key())) is None
    assert opened(SUITE.encrypt(b"key", KEY.public_key(), b"info")) is None
    assert opened(SUITE.encrypt(b"key", ec.generate_private_key(ec.SECP256R1()).public_key())) is None


def test_the_card_gets_points_of_the_curve_only() -> None:
    def refuse(_point: bytes) -> bytes:
        raise AssertionError("the card was asked")

    wrong = b"\x04" + bytes(63) + b"\x01"
    compressed = b"\x02" + KEY.public_key().public_numbers().x.to_bytes(32)
    for point in (wrong, b"\0" * 65, compressed + bytes(32), b""):
        assert hpke_open(point + bytes(32), KEY.public_key(), refuse) is None


def test_a_failure_of_the_card_is_passed_on() -> None:
    def fail(_point: bytes) -> bytes:
        raise RuntimeError("pulled")

    with pytest.raises(RuntimeError, match="pulled"):
        hpke_open(SUITE.encrypt(b"key", KEY.public_key()), KEY.public_key(), fail)
