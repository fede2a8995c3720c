"""The two schemes by which a short secret (a key, never a document) is encrypted to the public key of a card.

Whoever encrypts and the media that decrypt must use the same parameters: files on disk depend on them.
"""

from typing import Final

from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import padding

OAEP_SHA256: Final = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
"""For an RSA key: OAEP with SHA-256, MGF1 with SHA-256, no label (RFC 8017)."""

HPKE_P256: Final = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
"""For a P-256 key: HPKE in base mode without info (RFC 9180). The encapsulated key precedes the ciphertext."""
