"""The recipient's half of HPKE (RFC 9180, base mode) where the private key is in a card, which gives the ECDH secret.

One suite, without info and associated data: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
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


def hpke_open(sealed: bytes, recipient: ec.EllipticCurvePublicKey, agree: Callable[[bytes], bytes]) -> bytes | None:
    """The message sealed to `recipient`; None if it is none. `agree` has the card agree with a point on a secret.

    The card is asked about points of the curve only: what it makes of others could tell of its key.
    """
    point, ciphertext = sealed[:_POINT_BYTES], sealed[_POINT_BYTES:]
    if len(ciphertext) < _TAG_BYTES or not _is_point(point):
        return None
    own_point = recipient.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    extracted = _extract(_KEM_SUITE, b"", b"eae_prk", agree(point))
    secret = _expand(_KEM_SUITE, extracted, b"shared_secret", point + own_point, _SECRET_BYTES)
    hashes = _extract(_SUITE, b"", b"psk_id_hash", b"") + _extract(_SUITE, b"", b"info_hash", b"")
    scheduled = _extract(_SUITE, secret, b"secret", b"")
    key = _expand(_SUITE, scheduled, b"key", _BASE_MODE + hashes, _KEY_BYTES)
    nonce = _expand(_SUITE, scheduled, b"base_nonce", _BASE_MODE + hashes, _NONCE_BYTES)
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


def _extract(suite: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
    """LabeledExtract of the RFC."""
    return hmac.digest(salt, _VERSION + suite + label + secret, hashlib.sha256)


def _expand(suite: bytes, secret: bytes, label: bytes, context: bytes, size: int) -> bytes:
    """LabeledExpand of the RFC, for no more than one hash."""
    return hmac.digest(secret, size.to_bytes(2) + _VERSION + suite + label + context + b"\x01", hashlib.sha256)[:size]
