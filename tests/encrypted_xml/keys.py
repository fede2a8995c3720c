"""Keys and certificates for the tests of encrypted files: of cards, the port, a certificate authority, a stranger."""

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PERSONAL_NUMBER = b"11010119900307123X"
_PERSONAL_NUMBER_OID = x509.ObjectIdentifier("1.3.6.1.4.1.5315.100.5.8")
_VALID = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC))
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


@dataclass(frozen=True, slots=True)
class Party:
    """A key with its certificate (DER)."""

    key: rsa.RSAPrivateKey
    certificate: bytes

    @property
    def key_pem(self) -> bytes:
        return _pem(self.key)

    @property
    def certificate_pem(self) -> bytes:
        return x509.load_der_x509_certificate(self.certificate).public_bytes(Encoding.PEM)

    @property
    def decrypt(self) -> Callable[[bytes], Awaitable[bytes]]:
        """What a card does to decrypt the key of a file: RSA-OAEP with SHA-256."""

        async def decrypt(ciphertext: bytes) -> bytes:
            return self.key.decrypt(ciphertext, _OAEP)

        return decrypt


@dataclass(frozen=True, slots=True)
class EllipticCard:
    """A card with a key on an elliptic curve."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes

    @property
    def key_pem(self) -> bytes:
        return _pem(self.key)


@functools.cache
def authority() -> Party:
    return _issue("示例证书中心", serial=1, issuer=None)


@functools.cache
def card() -> Party:
    return _issue("示例 持卡人, 甲", serial=0x01691F7F, issuer=authority())


@functools.cache
def other_card() -> Party:
    return _issue("示例 持卡人, 乙", serial=0x01691F80, issuer=authority())


@functools.cache
def elliptic_card(curve: type[ec.EllipticCurve] = ec.SECP256R1) -> EllipticCard:
    key = ec.generate_private_key(curve())
    return EllipticCard(key, _certificate("示例 持卡人, 丙", 0x01691F81, key.public_key(), authority()))


@functools.cache
def port() -> Party:
    return _issue("示例口岸", serial=7, issuer=authority())


@functools.cache
def stranger() -> Party:
    """Has the port's name and serial number in a self-signed certificate."""
    return _issue("示例口岸", serial=7, issuer=None)


def _issue(common_name: str, serial: int, issuer: Party | None) -> Party:
    key = rsa.generate_private_key(65537, 2048)
    signer = issuer or Party(key, b"")
    return Party(key, _certificate(common_name, serial, key.public_key(), signer))


def _certificate(
    common_name: str, serial: int, key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, issuer: Party
) -> bytes:
    """A certificate (DER) like a card's, with the personal number, which must never be passed on.

    An issuer without a certificate makes it self-signed.
    """
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "示例进出口有限公司"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name),
        ]
    )
    issuer_name = x509.load_der_x509_certificate(issuer.certificate).subject if issuer.certificate else subject
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(_VALID[0])
        .not_valid_after(_VALID[1])
        .add_extension(x509.UnrecognizedExtension(_PERSONAL_NUMBER_OID, PERSONAL_NUMBER), critical=False)
        .add_extension(x509.BasicConstraints(ca=not issuer.certificate, path_length=None), critical=True)
        .sign(issuer.key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.DER)


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
