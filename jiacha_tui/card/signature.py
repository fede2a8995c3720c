"""Verifies signatures of cards by the rules of the wire.

A signature is base64. An RSA key signs PKCS#1 v1.5 with SHA-1, an SM2 key gives r‖s with SM3. No E-Port card is known
to have a P-256 key; for one, ECDSA with SHA-256 in DER is assumed.
"""

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from jiacha_tui.card import sm2
from jiacha_tui.card.problems import SignatureMismatch
from jiacha_tui.certificates import load_certificate

SIGNATURE_HASH = hashes.SHA1()  # noqa: S303 - the E-Port accepts nothing newer from an RSA card
SIGNATURE_PADDING = padding.PKCS1v15()


def verify(certificate_der: bytes, message: str | bytes, signature: str) -> None:
    """Checks that the key of the certificate signed `message` (of a text: its UTF-8 bytes).

    Raises SignatureMismatch if it did not, or if the certificate or the signature cannot be read.
    """
    try:
        certificate = load_certificate(certificate_der)
        signed = message.encode("utf-8") if isinstance(message, str) else message
        raw = base64.b64decode(signature, validate=True)
        if (sm2_key := sm2.public_key(certificate)) is None:
            _verify_with(certificate, signed, raw)
        elif not sm2.is_valid_signature(sm2_key, signed, raw):
            raise SignatureMismatch
    except (InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion, binascii.Error, ValueError):
        raise SignatureMismatch from None


def _verify_with(certificate: x509.Certificate, signed: bytes, raw: bytes) -> None:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(raw, signed, SIGNATURE_PADDING, SIGNATURE_HASH)
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        key.verify(raw, signed, ec.ECDSA(hashes.SHA256()))
    else:
        raise SignatureMismatch
