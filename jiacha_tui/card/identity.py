"""Who a card belongs to, read from its certificate, in the layout that E-Port certificates were seen to have."""

import enum
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from jiacha_tui.card import sm2
from jiacha_tui.card.problems import CardExpired, InvalidCard

PRIVATE_ARC = "1.3.6.1.4.1.5315.100.5"
COMPANY = ObjectIdentifier(f"{PRIVATE_ARC}.1")
CARD_NUMBER = ObjectIdentifier(f"{PRIVATE_ARC}.9")
ORGANISATION_CODE = ObjectIdentifier(f"{PRIVATE_ARC}.11")
# `.8` is the holder's personal number: this program never asks for it.

_CARD_NUMBER = re.compile(r"(?:03-)?([0-9A-Z]{13})")
_ORGANISATION_CODE = re.compile(r"[0-9A-Z]{9}")

_UTF16_STRING = b"\x1e"
_STRING_TAG = rb"([\x04\x0c\x13\x14\x16\x1a\x1e])"
_STRING_HEADERS = (re.compile(_STRING_TAG + rb"([\x00-\x7f])"), re.compile(_STRING_TAG + rb"\x81([\x80-\xff])"))
"""Tag and length of an OCTET STRING or one of ASN.1's text types, in the short form and in the two-byte form."""


class KeyType(enum.Enum):
    """What a card signs with.

    E-Port cards were seen with RSA and SM2 keys. P-256 is what PIV cards may have; whether and how the port takes its
    signatures is not known, so everything about them is assumed.
    """

    RSA = "RSA"
    SM2 = "SM2"
    P256 = "P-256"

    @property
    def serial_digits(self) -> int:
        """The hex digits that a certificate serial is written with."""
        return 8 if self is KeyType.RSA else 16


@dataclass(frozen=True, slots=True)
class CardIdentity:
    """One card: `card_number` (13 characters), the certificate and what it says. Texts absent from it are "".

    `certificate` is DER and carries the holder's personal number: hand it to cryptography, never to a person or a file.
    """

    card_number: str
    certificate_serial: str
    key_type: KeyType
    holder: str
    company: str
    organisation_code: str
    valid_from: datetime
    valid_until: datetime
    certificate: bytes = field(repr=False)

    @classmethod
    def from_certificate(cls, der: bytes, reported_number: str = "") -> Self:
        """What the DER certificate of a card says. Raises InvalidCard if it is not one.

        `told_number` is the card number as a medium that can read it tells it: it stands in where the certificate has
        none, and otherwise has to be the same.
        """
        try:
            return cls._read(der, reported_number)
        except (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            raise InvalidCard("卡内证书无法解析") from None

    @classmethod
    def _read(cls, der: bytes, told_number: str) -> Self:
        certificate = x509.load_der_x509_certificate(der)
        kind = _key_kind(certificate)
        subject, extensions = certificate.subject, certificate.extensions
        number = card_number(_private(extensions, CARD_NUMBER) or told_number)
        if number is None:
            raise InvalidCard("卡内证书没有 13 位卡号")
        if told_number and card_number(told_number) != number:
            raise InvalidCard("卡号与卡内证书不符")
        code = _private(extensions, ORGANISATION_CODE)
        return cls(
            card_number=number,
            certificate_serial=f"{certificate.serial_number:0{kind.serial_digits}x}",
            key_type=kind,
            holder=_name(subject, NameOID.COMMON_NAME),
            company=_private(extensions, COMPANY) or _name(subject, NameOID.ORGANIZATIONAL_UNIT_NAME),
            organisation_code=code if _ORGANISATION_CODE.fullmatch(code) else "",
            valid_from=certificate.not_valid_before_utc,
            valid_until=certificate.not_valid_after_utc,
            certificate=der,
        )

    def days_left(self, now: datetime) -> int:
        """Days until the certificate ends, a started day counted whole, so that 0 or less means that it has ended."""
        return -((now - self.valid_until) // timedelta(days=1))

    def check_validity(self, now: datetime) -> None:
        """Raises CardExpired after the certificate's end, and InvalidCard before its beginning."""
        if self.days_left(now) <= 0:
            raise CardExpired
        if now < self.valid_from:
            raise InvalidCard("卡的有效期尚未开始，请检查本机日期")


def card_number(text: str) -> str | None:
    """The 13 characters of a card number, without the prefix some media write before it; None if `text` is none."""
    match = _CARD_NUMBER.fullmatch(text)
    return match[1] if match else None


def _key_kind(certificate: x509.Certificate) -> KeyType:
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        if sm2.public_key(certificate) is not None:
            return KeyType.SM2
    else:
        if isinstance(key, rsa.RSAPublicKey):
            return KeyType.RSA
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            return KeyType.P256
    raise InvalidCard("卡内证书的密钥不是 RSA、SM2 或 P-256")


def _name(name: x509.Name, oid: ObjectIdentifier) -> str:
    values = name.get_attributes_for_oid(oid)
    return str(values[0].value).strip() if values else ""


def _private(extensions: x509.Extensions, oid: ObjectIdentifier) -> str:
    for extension in extensions:
        if extension.oid == oid and isinstance(extension.value, x509.UnrecognizedExtension):
            return _text(extension.value.value)
    return ""


def _text(value: bytes) -> str:
    """The text of a private extension: a DER string, or bare text as some issuers write it."""
    encoding = "utf-8"
    for header in _STRING_HEADERS:
        match = header.match(value)
        if match and match[2][0] == len(value) - match.end():
            encoding = "utf-16-be" if match[1] == _UTF16_STRING else "utf-8"
            value = value[match.end() :]
            break
    for candidate in (encoding, "gb18030"):
        try:
            return value.decode(candidate).strip("\0 ")
        except UnicodeDecodeError:
            continue
    return ""
