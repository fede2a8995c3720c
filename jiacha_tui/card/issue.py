"""Makes cards as the E-Port's are, with an authority of our own: for the embedded port and for tests."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID, ObjectIdentifier

from jiacha_tui.card.identity import CARD_NUMBER, COMPANY, ORGANISATION_CODE, PRIVATE_ARC, CardIdentity
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.pin_retry_counter import PinRetryCounter
from jiacha_tui.card.softcard import certificate_path, fingerprint, tries_path
from jiacha_tui.private_files import replace_private

CARD_YEARS = 10
AUTHORITY_YEARS = 30

INVENTED_PERSONAL_NUMBER = "000000190001010000"
"""Belongs to nobody: there is no region 000000. It is on the card so that a test can prove that it shows up nowhere."""

_PERSONAL_NUMBER = ObjectIdentifier(f"{PRIVATE_ARC}.8")
_KEY_BITS = 2048
_SERIAL_BITS = 31
_DER_UTF8_STRING = 0x0C
_DER_LONG_LENGTH = 0x80


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority: who issues cards."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a card is made out to. `card_number` has 13 characters, `organisation_code` 9."""

    card_number: str
    name: str
    company: str
    organisation_code: str
    personal_number: str = field(default=INVENTED_PERSONAL_NUMBER, repr=False)


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A card before it is in a medium."""

    certificate: x509.Certificate
    authority: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)

    @property
    def identity(self) -> CardIdentity:
        return CardIdentity.from_certificate(self.certificate.public_bytes(serialization.Encoding.DER))


def make_ca(valid_from: datetime, valid_until: datetime | None = None) -> Authority:
    """An authority named as the E-Port's, thirty years valid unless said otherwise."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "中国电子口岸"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "证书管理中心"),
            x509.NameAttribute(NameOID.COMMON_NAME, "中国电子业务证书管理中心"),
        ]
    )
    key = _new_key()
    end = valid_until or _years_later(valid_from, AUTHORITY_YEARS)
    serial = x509.random_serial_number()
    builder = (
        _builder(issuer=name, subject=name, key=key.public_key(), serial=serial, start=valid_from, end=end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Authority(builder.sign(key, hashes.SHA256()), key)


def issue_card(
    authority: Authority,
    holder: Holder,
    *,
    valid_from: datetime,
    valid_until: datetime | None = None,
    serial: int | None = None,
) -> IssuedCard:
    """A card with an RSA-2048 key of its own, ten years valid unless said otherwise."""
    key = _new_key()
    certificate = issue_certificate(
        authority, holder, key.public_key(), valid_from=valid_from, valid_until=valid_until, serial=serial
    )
    return IssuedCard(certificate, authority.certificate, key)


def issue_certificate(
    authority: Authority,
    holder: Holder,
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
    *,
    valid_from: datetime,
    valid_until: datetime | None = None,
    serial: int | None = None,
) -> x509.Certificate:
    """The certificate of a card that has this key, ten years valid unless said otherwise."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, holder.company),
            x509.NameAttribute(NameOID.COMMON_NAME, holder.name),
        ]
    )
    number = serial or 1 + secrets.randbelow(2**_SERIAL_BITS - 1)
    end = valid_until or _years_later(valid_from, CARD_YEARS)
    issuer = authority.certificate.subject
    builder = (
        _builder(issuer=issuer, subject=subject, key=key, serial=number, start=valid_from, end=end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    private = {
        COMPANY: holder.company,
        _PERSONAL_NUMBER: holder.personal_number,
        CARD_NUMBER: holder.card_number,
        ORGANISATION_CODE: holder.organisation_code,
    }
    for oid, text in private.items():
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, _utf8_string(text)), critical=False)
    return builder.sign(authority.key, hashes.SHA256())


def save_card(card: IssuedCard, pin: Pin, p12_path: Path) -> None:
    """Puts the card where `SoftCard(p12_path)` finds it, in place of one that was there. Raises FileProblem."""
    p12 = pkcs12.serialize_key_and_certificates(
        card.identity.card_number.encode("ascii"),
        card.key,
        card.certificate,
        [card.authority],
        serialization.BestAvailableEncryption(pin.reveal().encode()),
    )
    replace_private(p12_path, p12)
    replace_private(certificate_path(p12_path), card.certificate.public_bytes(serialization.Encoding.PEM))
    PinRetryCounter(fingerprint=fingerprint(p12)).write(tries_path(p12_path))


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)


def _builder(
    *,
    issuer: x509.Name,
    subject: x509.Name,
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
    serial: int,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _years_later(moment: datetime, years: int) -> datetime:
    """The same day `years` later; 29 February becomes the 28th."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)


def _utf8_string(text: str) -> bytes:
    """DER. Raises ValueError over 255 bytes, which nothing on a card needs."""
    value = text.encode("utf-8")
    length = bytes([len(value)] if len(value) < _DER_LONG_LENGTH else [_DER_LONG_LENGTH | 1, len(value)])
    return bytes([_DER_UTF8_STRING]) + length + value
