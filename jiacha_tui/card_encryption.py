"""How a short secret (a key, never a document) is encrypted so that only one card decrypts it.

Whoever encrypts and the media that decrypt must use the same parameters: files on disk depend on them.
"""

import enum
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

OAEP_SHA256: Final = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
"""For an RSA key: OAEP with SHA-256, MGF1 with SHA-256, no label (RFC 8017)."""

OAEP_SHA1: Final = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)  # noqa: S303
"""The same with SHA-1, the default of PKCS#1. Only for a client control that knows nothing newer."""

HPKE_P256: Final = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
"""For a P-256 key: HPKE in base mode without info (RFC 9180). The encapsulated key precedes the ciphertext."""


class SecretScheme(enum.Enum):
    """What a secret was encrypted by. The value is in key files and must not change."""

    CERTIFICATE = "certificate"
    """To the public key of a certificate: RSA-OAEP with SHA-256 or, for a P-256 key, HPKE. Not for the control."""

    CONTROL_OAEP_SHA256 = "control-oaep-sha256"
    CONTROL_OAEP_SHA1 = "control-oaep-sha1"
    CONTROL_PKCS1V15 = "control-pkcs1v15"
    """By this program to the certificate that the control hands out, for the control's `RSADecrypt`. The plain text is
    the base64 of the secret."""

    CONTROL_OWN = "control"
    """By the control's own `RSAEncrypt`, for its `RSADecrypt`. The plain text is the base64 of the secret."""


@dataclass(frozen=True, slots=True)
class EncryptedSecret:
    """A secret that only the card decrypts for which it was encrypted."""

    scheme: SecretScheme
    ciphertext: bytes = field(repr=False)


def encrypt_to_key(secret: bytes, public_key: PublicKeyTypes) -> EncryptedSecret:
    """By `SecretScheme.CERTIFICATE`. Raises ValueError for a key that is neither RSA nor P-256, or too short."""
    if isinstance(public_key, rsa.RSAPublicKey):
        return EncryptedSecret(SecretScheme.CERTIFICATE, public_key.encrypt(secret, OAEP_SHA256))
    if isinstance(public_key, ec.EllipticCurvePublicKey) and isinstance(public_key.curve, ec.SECP256R1):
        return EncryptedSecret(SecretScheme.CERTIFICATE, HPKE_P256.encrypt(secret, public_key))
    raise ValueError("neither an RSA nor a P-256 key")
