"""The RSA paddings, compared with those of cryptography."""

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from jiacha_tui.card.pcsc.rsa_padding import oaep_unpad, pkcs1v15_sha1
from jiacha_tui.card.signature import SIGNATURE_HASH, SIGNATURE_PADDING
from tests.card.pcsc.virtual_piv import rsa_private

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SIZE = KEY.key_size // 8
MAX_MESSAGE_BYTES = SIZE - 2 * 32 - 2


def _private_key_operation(block: bytes) -> bytes:
    return rsa_private(int.from_bytes(block), KEY.private_numbers()).to_bytes(SIZE)


def _block(message: bytes, hashing: hashes.HashAlgorithm | None = None, label: bytes | None = None) -> bytes:
    """A decrypted OAEP block, as the card returns it."""
    oaep = padding.OAEP(padding.MGF1(hashing or hashes.SHA256()), hashing or hashes.SHA256(), label)
    return _private_key_operation(KEY.public_key().encrypt(message, oaep))


@settings(max_examples=20)
@given(message=st.binary(max_size=200))
def test_the_private_key_turns_a_padded_block_into_a_signature(message: bytes) -> None:
    assert _private_key_operation(pkcs1v15_sha1(message, SIZE)) == KEY.sign(message, SIGNATURE_PADDING, SIGNATURE_HASH)


@settings(max_examples=20)
@given(message=st.binary(max_size=MAX_MESSAGE_BYTES))
def test_a_padded_message_is_unpadded(message: bytes) -> None:
    assert oaep_unpad(_block(message)) == message


@pytest.mark.parametrize(
    "message", [b"", b"\0", b"\1", b"\0\0\1\1", bytes(MAX_MESSAGE_BYTES), b"\1" * MAX_MESSAGE_BYTES]
)
def test_a_message_that_looks_like_padding_is_unpadded(message: bytes) -> None:
    assert oaep_unpad(_block(message)) == message


@settings(max_examples=60)
@given(position=st.integers(0, SIZE - 1), bit=st.integers(0, 7))
def test_a_block_with_any_changed_bit_is_refused(position: int, bit: int) -> None:
    changed = bytearray(_block(b"x" * MAX_MESSAGE_BYTES))
    changed[position] ^= 1 << bit
    assert oaep_unpad(bytes(changed)) is None


@given(block=st.binary(max_size=2 * SIZE))
def test_arbitrary_bytes_are_refused(block: bytes) -> None:
    assert oaep_unpad(block) is None


def test_another_hash_or_label_is_refused() -> None:
    assert oaep_unpad(_block(b"key", hashes.SHA384())) is None
    assert oaep_unpad(_block(b"key", label=b"label")) is None


def _masked(content: bytes, first: bytes = b"\0") -> bytes:
    """A block with this content, which no correct implementation would produce."""
    seed = bytes(range(32))
    masked = _xor(content, _mask(seed, len(content)))
    return first + _xor(seed, _mask(masked, len(seed))) + masked


def _mask(seed: bytes, size: int) -> bytes:
    return b"".join(hashlib.sha256(seed + bytes([0, 0, 0, number])).digest() for number in range(9))[:size]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def test_each_rule_of_the_padding_is_checked() -> None:
    label, zeroes = hashlib.sha256().digest(), bytes(150)
    assert oaep_unpad(_masked(label + zeroes + b"\1key")) == b"key"
    assert oaep_unpad(_masked(label + zeroes + b"\1key", b"\1")) is None
    assert oaep_unpad(_masked(label + zeroes + b"\2key")) is None
    assert oaep_unpad(_masked(label + zeroes)) is None
    assert oaep_unpad(_masked(label[:-1] + b"x" + zeroes + b"\1key")) is None
