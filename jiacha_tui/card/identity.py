"""Who a card belongs to, as its certificate says.

The layout of the certificate (private extensions, length of the serial) is that of observed E-Port certificates.
"""

import enum
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ObjectIdentifier

from jiacha_tui.card import sm2
from jiacha_tui.card.problems import CardExpired, InvalidCard
from jiacha_tui.certificates import (
    COMMON_NAME,
    ORGANIZATIONAL_UNIT,
    UTF8_STRING,
    decode_text,
    load_certificate,
    subject_text,
)

PRIVATE_ARC = "1.3.6.1.4.1.5315.100.5"
COMPANY = ObjectIdentifier(f"{PRIVATE_ARC}.1")
CARD_NUMBER = ObjectIdentifier(f"{PRIVATE_ARC}.9")
ORGANISATION_CODE = ObjectIdentifier(f"{PRIVATE_ARC}.11")
# `.8` is the holder's personal number, which this program never reads.

_CARD_NUMBER = re.compile(r"(?:03-)?([0-9A-Z]{13})")
_ORGANISATION_CODE = re.compile(r"[0-9A-Z]{9}")

_STRING_TAG = rb"([\x04\x0c\x13\x14\x16\x1a\x1c\x1e])"
_STRING_HEADERS = (re.compile(_STRING_TAG + rb"([\x00-\x7f])"), re.compile(_STRING_TAG + rb"\x81([\x80-\xff])"))
"""Tag and length of an OCTET STRING or an ASN.1 text type, with the length in one byte and in two bytes."""


class KeyType(enum.Enum):
    """The type of the key that a card signs with.

    E-Port cards were observed with RSA and SM2 keys. PIV cards may have P-256 keys. Whether the E-Port accepts P-256
    signatures, and in which form, is not known, so everything about them is an assumption.
    """

    RSA = "RSA"
    SM2 = "SM2"
    P256 = "P-256"

    @property
    def serial_digits(self) -> int:
        """The number of hex digits of a certificate serial."""
        return 8 if self is KeyType.RSA else 16


@dataclass(frozen=True, slots=True)
class CardIdentity:
    """What the certificate of a card says. A text that the certificate does not contain is "".

    `card_number` has 13 characters, `certificate_serial` is lower-case hex. `certificate` (DER) contains the holder's
    personal number: pass it to cryptography only, and never show it or write it to a file.
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
        """Reads the DER certificate of a card. Raises InvalidCard if it is not one.

        `reported_number` is the card number that the medium reports, "" if it reports none. It is used if the
        certificate contains no number. If the certificate contains one, the two must be equal.
        """
        try:
            return cls._read(der, reported_number)
        except (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            raise InvalidCard("卡内证书无法解析") from None

    @classmethod
    def _read(cls, der: bytes, reported_number: str) -> Self:
        certificate = load_certificate(der)
        key_type = _key_type(certificate)
        extensions = certificate.extensions
        number = card_number(_extension_text(extensions, CARD_NUMBER) or reported_number)
        if number is None:
            raise InvalidCard("卡内证书没有 13 位卡号")
        if reported_number and card_number(reported_number) != number:
            raise InvalidCard("卡号与卡内证书不符")
        code = _extension_text(extensions, ORGANISATION_CODE)
        return cls(
            card_number=number,
            certificate_serial=f"{certificate.serial_number:0{key_type.serial_digits}x}",
            key_type=key_type,
            holder=subject_text(der, COMMON_NAME),
            company=_extension_text(extensions, COMPANY) or subject_text(der, ORGANIZATIONAL_UNIT),
            organisation_code=code if _ORGANISATION_CODE.fullmatch(code) else "",
            valid_from=certificate.not_valid_before_utc,
            valid_until=certificate.not_valid_after_utc,
            certificate=der,
        )

    def days_left(self, now: datetime) -> int:
        """Days until the certificate expires, rounded up. 0 or less means that it has expired."""
        return -((now - self.valid_until) // timedelta(days=1))

    def check_validity(self, now: datetime) -> None:
        """Raises CardExpired if the certificate has expired, InvalidCard if it is not valid yet."""
        if self.days_left(now) <= 0:
            raise CardExpired
        if now < self.valid_from:
            raise InvalidCard("卡的有效期尚未开始，请检查本机日期")


def card_number(text: str) -> str | None:
    """The 13 characters of the card number in `text`, without the prefix `03-`. None if `text` is no card number."""
    match = _CARD_NUMBER.fullmatch(text)
    return match[1] if match else None


def _key_type(certificate: x509.Certificate) -> KeyType:
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


def _extension_text(extensions: x509.Extensions, oid: ObjectIdentifier) -> str:
    """The text of a private extension, "" if the certificate does not have it."""
    for extension in extensions:
        if extension.oid == oid and isinstance(extension.value, x509.UnrecognizedExtension):
            return _decode_text(extension.value.value)
    return ""


def _decode_text(value: bytes) -> str:
    """Decodes a DER string, or the bare text that some issuers write instead."""
    for header in _STRING_HEADERS:
        match = header.match(value)
        if match and match[2][0] == len(value) - match.end():
            return decode_text(match[1][0], value[match.end() :])
    return decode_text(UTF8_STRING, value)
