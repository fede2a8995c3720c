"""The RSA paddings (RFC 8017). A PIV card computes with whole blocks and leaves padding to the host."""

import hashlib
import hmac
from typing import Final

_SHA1_DIGEST_INFO: Final = bytes.fromhex("3021300906052b0e03021a05000414")
"""The beginning of a DigestInfo for SHA-1 (RFC 8017, 9.2, note 1)."""

_SHA256_BYTES: Final = 32
_EMPTY_LABEL_HASH: Final = hashlib.sha256().digest()


def pkcs1v15_sha1(message: bytes, size: int) -> bytes:
    """The block that a key of `size` bytes signs: PKCS#1 v1.5 padding and the SHA-1 hash of `message`."""
    digest = _SHA1_DIGEST_INFO + hashlib.sha1(message, usedforsecurity=False).digest()
    return b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest


def oaep_unpad(block: bytes) -> bytes | None:
    """The message in a decrypted OAEP block (SHA-256, MGF1-SHA-256, no label), None if the padding is wrong.

    All checks are made before the result is decided. Knowing which check failed would help an attacker to decrypt
    (Manger's attack).
    """
    if len(block) < 2 * _SHA256_BYTES + 2:
        return None
    masked_seed, masked_content = block[1 : _SHA256_BYTES + 1], block[_SHA256_BYTES + 1 :]
    seed = _xor(masked_seed, _mgf1(masked_content, len(masked_seed)))
    content = _xor(masked_content, _mgf1(seed, len(masked_content)))
    wrong = block[0] | (not hmac.compare_digest(content[:_SHA256_BYTES], _EMPTY_LABEL_HASH))
    searching, start = 1, 0
    for position in range(_SHA256_BYTES, len(content)):
        byte = content[position]
        is_zero = (byte - 1) >> 8 & 1
        is_one = ((byte ^ 1) - 1) >> 8 & 1
        start |= searching * is_one * (position + 1)
        wrong |= searching * (1 - is_zero) * (1 - is_one)
        searching &= is_zero
    return None if wrong | searching else content[start:]


def _mgf1(seed: bytes, length: int) -> bytes:
    rounds = -(-length // _SHA256_BYTES)
    return b"".join(hashlib.sha256(seed + counter.to_bytes(4)).digest() for counter in range(rounds))[:length]


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))
