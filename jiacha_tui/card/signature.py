"""Whether a signature was made by the card of a certificate, by the wire's rule: PKCS#1 v1.5, SHA-1, UTF-8, base64."""

import base64
import binascii

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from jiacha_tui.card.problems import SignatureWrong

SIGNATURE_HASH = hashes.SHA1()  # noqa: S303 - the port takes nothing newer from an RSA card
SIGNATURE_PADDING = padding.PKCS1v15()


def verify(certificate_der: bytes, text: str, signature: str) -> None:
    """Returns if `signature` is that of `text` by the certificate's RSA key; raises SignatureWrong if not."""
    try:
        key = x509.load_der_x509_certificate(certificate_der).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise SignatureWrong
        raw = base64.b64decode(signature, validate=True)
        key.verify(raw, text.encode("utf-8"), SIGNATURE_PADDING, SIGNATURE_HASH)
    except (InvalidSignature, UnsupportedAlgorithm, binascii.Error, ValueError):
        raise SignatureWrong from None
