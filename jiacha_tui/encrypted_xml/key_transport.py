"""How the key of a sealed file reaches its card, one way for each kind of key that a card may have.

RSA and P-256 as XML Encryption 1.1 has it: RSA-OAEP with SHA-256; ECDH-ES with ConcatKDF, then AES key wrap. For SM2 it
has nothing: the cipher of GB/T 32918.4, as DER after GM/T 0009, goes by the name that GM/T 0006 gives it, its OID.
"""

import base64

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jiacha_tui.card_encryption import OAEP_SHA256
from jiacha_tui.encrypted_xml.container import (
    AES256_KEY_BYTES,
    AES256_KEY_WRAP,
    CONCAT_KDF,
    ECDH_ES,
    MGF1_SHA256,
    P256,
    RSA_OAEP,
    SHA256,
    SM2_ENCRYPTION,
)

_WHOLE_OCTETS = "00"
"""In front of a ConcatKDF parameter: the bits of its last octet that do not count."""


class CannotSeal(ValueError):
    """There is no way, or none on this machine, to encrypt a key to this one."""


def encrypted_key(content_key: bytes, recipient: CertificatePublicKeyTypes, x509_data: str) -> str:
    """The EncryptedKey that only the owner of the public key `recipient` opens, whom `x509_data` names.

    Raises CannotSeal for a key that is neither RSA nor P-256.
    """
    if isinstance(recipient, rsa.RSAPublicKey):
        method = (
            f'<xenc:EncryptionMethod Algorithm="{RSA_OAEP}">'
            f'<ds:DigestMethod Algorithm="{SHA256}"/><xenc11:MGF Algorithm="{MGF1_SHA256}"/>'
            "</xenc:EncryptionMethod>"
        )
        return _element(method, x509_data, recipient.encrypt(content_key, OAEP_SHA256))
    if isinstance(recipient, ec.EllipticCurvePublicKey) and isinstance(recipient.curve, ec.SECP256R1):
        return _agreed(content_key, recipient, x509_data)
    raise CannotSeal


def encrypted_key_sm2(content_key: bytes, recipient: bytes, x509_data: str) -> str:
    """The same for the owner of an SM2 key, x‖y. Raises CannotSeal where gmssl-pyx is missing."""
    try:
        import gmssl_pyx  # type: ignore[import-untyped]  # noqa: PLC0415 - it comes without types, and not everywhere
    except ImportError:
        raise CannotSeal from None
    method = f'<xenc:EncryptionMethod Algorithm="{SM2_ENCRYPTION}"/>'
    return _element(method, x509_data, gmssl_pyx.sm2_encrypt(recipient, content_key))


def _agreed(content_key: bytes, recipient: ec.EllipticCurvePublicKey, x509_data: str) -> str:
    """By a key pair made for this one file: no two files share a secret, so ConcatKDF need not be told the parties."""
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
