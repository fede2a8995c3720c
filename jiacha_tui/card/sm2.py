"""Verifies SM2 signatures (GB/T 32918.2 with SM3 and the default signer ID).

This program implements SM2 itself because `cryptography` has SM3 but no SM2, and the C libraries that have SM2 report a
wrong signature by printing to the terminal that shows the screens. Verifying uses no secret, so it need not run in
constant time. A point is (x, y); None is the point at infinity.
"""

import re
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import PublicKeyAlgorithmOID

SIGNATURE_BYTES: Final = 64
"""32 bytes for r and 32 bytes for s."""

SIGNER_ID: Final = b"1234567812345678"

# sm2p256v1, GB/T 32918.5
_P: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
_A: Final = _P - 3
_B: Final = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
_N: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
_G: Final = (
    0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
    0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
)
_WORD: Final = 32

_PUBLIC_KEY: Final = re.compile(
    # SubjectPublicKeyInfo: ecPublicKey on sm2p256v1, followed by the uncompressed point.
    re.escape(bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")) + rb"(.{64})",
    re.DOTALL,
)

_Point = tuple[int, int] | None


def public_key(certificate: x509.Certificate) -> bytes | None:
    """The SM2 public key of a certificate as x‖y, 64 bytes. None if the key has another type."""
    if certificate.public_key_algorithm_oid != PublicKeyAlgorithmOID.EC_PUBLIC_KEY:
        return None
    match = _PUBLIC_KEY.search(certificate.tbs_certificate_bytes)
    return match[1] if match else None


def is_valid_signature(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of the public key `key` (x‖y) made `signature` (r‖s) over `message`."""
    if len(key) != 2 * _WORD or len(signature) != SIGNATURE_BYTES:
        return False
    point = _number(key[:_WORD]), _number(key[_WORD:])
    r, s = _number(signature[:_WORD]), _number(signature[_WORD:])
    t = (r + s) % _N
    if not (_is_on_curve(point) and 0 < r < _N and 0 < s < _N and t):
        return False
    total = _add(_multiply(s, _G), _multiply(t, point))
    return total is not None and (_digest(key, message) + total[0]) % _N == r


def _digest(key: bytes, message: bytes) -> int:
    parameters = b"".join(number.to_bytes(_WORD) for number in (_A, _B, *_G))
    bits = (8 * len(SIGNER_ID)).to_bytes(2)
    return _number(_sm3(_sm3(bits + SIGNER_ID + parameters + key) + message))


def _sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def _number(data: bytes) -> int:
    return int.from_bytes(data)


def _is_on_curve(point: tuple[int, int]) -> bool:
    x, y = point
    return x < _P and y < _P and (y * y - (x * x * x + _A * x + _B)) % _P == 0


def _add(one: _Point, other: _Point) -> _Point:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 != x2:
        slope = (y2 - y1) * pow(x2 - x1, -1, _P) % _P
    elif y1 == y2 and y1:
        slope = (3 * x1 * x1 + _A) * pow(2 * y1, -1, _P) % _P
    else:
        return None
    x = (slope * slope - x1 - x2) % _P
    return x, (slope * (x1 - x) - y1) % _P


def _multiply(factor: int, point: _Point) -> _Point:
    product: _Point = None
    for bit in f"{factor:b}":
        product = _add(product, product)
        if bit == "1":
            product = _add(product, point)
    return product
