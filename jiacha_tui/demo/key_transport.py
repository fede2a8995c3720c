"""Encrypts the content key of a file for a card, in one way for each type of card key.

RSA and P-256 follow XML Encryption 1.1: RSA-OAEP with SHA-256, and ECDH-ES with ConcatKDF followed by AES key wrap.
XML Encryption does not cover SM2: there the ciphertext is that of GB/T 32918.4, in DER after GM/T 0009, and the
algorithm is named by its OID from GM/T 0006.
"""

import base64

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jiacha_tui.card_encryption import OAEP_SHA256
from jiacha_tui.encrypted_xml.container import AES256_KEY_BYTES, MGF1_SHA256, RSA_OAEP, SHA256, XENC, XENC11

ECDH_ES = f"{XENC11}ECDH-ES"
CONCAT_KDF = f"{XENC11}ConcatKDF"
AES256_KEY_WRAP = f"{XENC}kw-aes256"
P256 = "urn:oid:1.2.840.10045.3.1.7"
SM2_ENCRYPTION = "urn:oid:1.2.156.10197.1.301.3"

_WHOLE_OCTETS = "00"
"""Prefix of a ConcatKDF parameter: the number of unused bits in its last octet."""


class CannotEncrypt(ValueError):
    """The card's key is of a type that this machine cannot encrypt for."""


def encrypted_key(content_key: bytes, recipient: CertificatePublicKeyTypes, x509_data: str) -> str:
    """An EncryptedKey element (XML text) that only the owner of the public key `recipient` can decrypt.

    `x509_data` is the X509Data element that names the recipient. Raises CannotEncrypt for a key that is neither RSA nor
    P-256.
    """
    if isinstance(recipient, rsa.RSAPublicKey):
        method = (
            f'<xenc:EncryptionMethod Algorithm="{RSA_OAEP}">'
            f'<ds:DigestMethod Algorithm="{SHA256}"/><xenc11:MGF Algorithm="{MGF1_SHA256}"/>'
            "</xenc:EncryptionMethod>"
        )
        return _element(method, x509_data, recipient.encrypt(content_key, OAEP_SHA256))
    if isinstance(recipient, ec.EllipticCurvePublicKey) and isinstance(recipient.curve, ec.SECP256R1):
        return _agreed_key(content_key, recipient, x509_data)
    raise CannotEncrypt


def encrypted_key_sm2(content_key: bytes, recipient: bytes, x509_data: str) -> str:
    """As `encrypted_key`, for an SM2 public key (x‖y). Raises CannotEncrypt if gmssl-pyx is not installed."""
    try:
        import gmssl_pyx  # type: ignore[import-untyped]  # noqa: PLC0415 - it comes without types, and not everywhere
    except ImportError:
        raise CannotEncrypt from None
    method = f'<xenc:EncryptionMethod Algorithm="{SM2_ENCRYPTION}"/>'
    return _element(method, x509_data, gmssl_pyx.sm2_encrypt(recipient, content_key))


def _agreed_key(content_key: bytes, recipient: ec.EllipticCurvePublicKey, x509_data: str) -> str:
    """ECDH with a new key pair for each file. No two files share a secret, so ConcatKDF does not need the parties."""
    originator = ec.generate_private_key(ec.SECP256R1())
    purpose = AES256_KEY_WRAP.encode()
    derivation = ConcatKDFHash(hashes.SHA256(), AES256_KEY_BYTES, otherinfo=purpose)
    wrapping_key = derivation.derive(originator.exchange(ec.ECDH(), recipient))
    point = originator.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    key_info = f"""\
<xenc:AgreementMethod Algorithm="{ECDH_ES}">
  <xenc11:KeyDerivationMethod Algorithm="{CONCAT_KDF}">
    <xenc11:ConcatKDFParams AlgorithmID="{_WHOLE_OCTETS}{purpose.hex().upper()}">
      <ds:DigestMethod Algorithm="{SHA256}"/>
    </xenc11:ConcatKDFParams>
  </xenc11:KeyDerivationMethod>
  <xenc:OriginatorKeyInfo><ds:KeyValue><dsig11:ECKeyValue>
    <dsig11:NamedCurve URI="{P256}"/><dsig11:PublicKey>{_base64(point)}</dsig11:PublicKey>
  </dsig11:ECKeyValue></ds:KeyValue></xenc:OriginatorKeyInfo>
  <xenc:RecipientKeyInfo>{x509_data}</xenc:RecipientKeyInfo>
</xenc:AgreementMethod>"""
    method = f'<xenc:EncryptionMethod Algorithm="{AES256_KEY_WRAP}"/>'
    return _element(method, key_info, aes_key_wrap(wrapping_key, content_key))


def _element(method: str, key_info: str, ciphertext: bytes) -> str:
    return f"""\
<xenc:EncryptedKey>
  {method}
  <ds:KeyInfo>{key_info}</ds:KeyInfo>
  <xenc:CipherData><xenc:CipherValue>{_base64(ciphertext)}</xenc:CipherValue></xenc:CipherData>
</xenc:EncryptedKey>"""


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
