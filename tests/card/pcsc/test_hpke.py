"""The recipient side of HPKE, compared with the HPKE of cryptography."""

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.card.pcsc.hpke import hpke_open

SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
KEY = ec.generate_private_key(ec.SECP256R1())


def ecdh(point: bytes) -> bytes:
    """Computes the shared secret like a card."""
    return KEY.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))


def decrypt(encrypted: bytes) -> bytes | None:
    return hpke_open(encrypted, KEY.public_key(), ecdh)


@given(message=st.binary(max_size=100))
def test_an_encrypted_message_is_decrypted(message: bytes) -> None:
    assert decrypt(SUITE.encrypt(message, KEY.public_key())) == message


@given(data=st.data())
def test_a_message_with_a_changed_or_missing_byte_is_refused(data: st.DataObject) -> None:
    encrypted = SUITE.encrypt(b"key", KEY.public_key())
    position = data.draw(st.integers(0, len(encrypted) - 1))
    changed = encrypted[position] ^ data.draw(st.integers(1, 255))
    assert decrypt(encrypted[:position] + bytes([changed]) + encrypted[position + 1 :]) is None
    assert decrypt(encrypted[:position]) is None


@given(encrypted=st.binary(max_size=120))
def test_arbitrary_bytes_are_refused(encrypted: bytes) -> None:
    assert decrypt(encrypted) is None


def test_another_suite_info_or_recipient_is_refused() -> None:
    other = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_128_GCM)
    assert decrypt(other.encrypt(b"key", KEY.public_key())) is None
    assert decrypt(SUITE.encrypt(b"key", KEY.public_key(), b"info")) is None
    assert decrypt(SUITE.encrypt(b"key", ec.generate_private_key(ec.SECP256R1()).public_key())) is None


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
