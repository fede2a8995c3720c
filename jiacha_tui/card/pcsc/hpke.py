"""The recipient side of HPKE (RFC 9180, base mode) for a private key in a card, which computes the ECDH secret.

Supports one suite, without info and associated data: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_KEM_SUITE: Final = b"KEM\x00\x10"
_SUITE: Final = b"HPKE\x00\x10\x00\x01\x00\x02"
_VERSION: Final = b"HPKE-v1"
_BASE_MODE: Final = b"\x00"
_POINT_BYTES: Final = 65
_SECRET_BYTES: Final = 32
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


def hpke_open(encrypted: bytes, recipient: ec.EllipticCurvePublicKey, ecdh: Callable[[bytes], bytes]) -> bytes | None:
    """Decrypts `encrypted` (encapsulated key, then ciphertext), None if it was not encrypted to `recipient`.

    `ecdh` has the card compute the secret that it shares with the owner of a point. It is called with points of the
    curve only: the result for another point could reveal something about the card's key.
    """
    point, ciphertext = encrypted[:_POINT_BYTES], encrypted[_POINT_BYTES:]
    if len(ciphertext) < _TAG_BYTES or not _is_point(point):
        return None
    own_point = recipient.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    extracted = _labeled_extract(_KEM_SUITE, b"", b"eae_prk", ecdh(point))
    secret = _labeled_expand(_KEM_SUITE, extracted, b"shared_secret", point + own_point, _SECRET_BYTES)
    psk_id_hash = _labeled_extract(_SUITE, b"", b"psk_id_hash", b"")
    info_hash = _labeled_extract(_SUITE, b"", b"info_hash", b"")
    context = _BASE_MODE + psk_id_hash + info_hash
    scheduled = _labeled_extract(_SUITE, secret, b"secret", b"")
    key = _labeled_expand(_SUITE, scheduled, b"key", context, _KEY_BYTES)
    nonce = _labeled_expand(_SUITE, scheduled, b"base_nonce", context, _NONCE_BYTES)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, b"")
    except InvalidTag:
        return None


def _is_point(encoded: bytes) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encoded)
    except ValueError:
        return False
    return len(encoded) == _POINT_BYTES


def _labeled_extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt, _VERSION + suite + label + secret, hashlib.sha256)


def _labeled_expand(suite: bytes, secret: bytes, label: bytes, context: bytes, size: int) -> bytes:
    """LabeledExpand of the RFC for at most 32 bytes, the length of one SHA-256 hash."""
    return hmac.digest(secret, size.to_bytes(2) + _VERSION + suite + label + context + b"\x01", hashlib.sha256)[:size]
