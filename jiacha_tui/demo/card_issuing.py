"""Issues cards with certificates like those of the E-Port, signed by an authority of the embedded port."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID, ObjectIdentifier

from jiacha_tui.card.identity import CARD_NUMBER, COMPANY, ORGANISATION_CODE, PRIVATE_ARC, CardIdentity
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.pin_retry_counter import PinRetryCounter
from jiacha_tui.card.softcard import certificate_path, fingerprint, retry_counter_path
from jiacha_tui.demo.certificate_builder import (
    PublicKey,
    make_authority_certificate,
    make_end_entity_builder,
    make_key_usage,
)
from jiacha_tui.private_files import replace_private

CARD_YEARS: Final = 10
AUTHORITY_YEARS: Final = 30

INVENTED_PERSONAL_NUMBER: Final = "000000190001010000"
"""Belongs to nobody: there is no region 000000. Cards carry it so that tests can prove that no output contains it."""

_PERSONAL_NUMBER: Final = ObjectIdentifier(f"{PRIVATE_ARC}.8")
_KEY_BITS: Final = 2048
_SERIAL_BITS: Final = 31


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority that issues cards."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The person and company that a card is issued to. `card_number` has 13 characters, `organisation_code` 9."""

    card_number: str
    name: str
    company: str
    organisation_code: str
    personal_number: str = field(default=INVENTED_PERSONAL_NUMBER, repr=False)


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A key with its certificate, not yet stored on any medium."""

    certificate: x509.Certificate
    authority: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)

    @property
    def identity(self) -> CardIdentity:
        return CardIdentity.from_certificate(self.certificate.public_bytes(serialization.Encoding.DER))


def make_ca(valid_from: datetime, valid_until: datetime | None = None) -> Authority:
    """A new authority with the name of the E-Port's own. It is valid for 30 years unless `valid_until` is given."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "中国电子口岸"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "证书管理中心"),
            x509.NameAttribute(NameOID.COMMON_NAME, "中国电子业务证书管理中心"),
        ]
    )
    key = _new_key()
    end = valid_until or _years_later(valid_from, AUTHORITY_YEARS)
    return Authority(make_authority_certificate(name, key, valid_from, end), key)


def issue_card(
    authority: Authority,
    holder: Holder,
    *,
    valid_from: datetime,
    valid_until: datetime | None = None,
    serial: int | None = None,
) -> IssuedCard:
    """A card with a new RSA-2048 key. It is valid for ten years unless `valid_until` is given."""
    key = _new_key()
    certificate = issue_certificate(
        authority, holder, key.public_key(), valid_from=valid_from, valid_until=valid_until, serial=serial
    )
    return IssuedCard(certificate, authority.certificate, key)


def issue_certificate(
    authority: Authority,
    holder: Holder,
    key: PublicKey,
    *,
    valid_from: datetime,
    valid_until: datetime | None = None,
    serial: int | None = None,
) -> x509.Certificate:
    """A card certificate for an existing key. It is valid for ten years unless `valid_until` is given."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, holder.company),
            x509.NameAttribute(NameOID.COMMON_NAME, holder.name),
        ]
    )
    builder = make_end_entity_builder(
        authority.certificate,
        subject,
        key,
        make_key_usage(digital_signature=True, content_commitment=True, key_encipherment=True),
        valid_from=valid_from,
        valid_until=valid_until or _years_later(valid_from, CARD_YEARS),
        serial=serial or 1 + secrets.randbelow(2**_SERIAL_BITS - 1),
    )
    private = {
        COMPANY: holder.company,
        _PERSONAL_NUMBER: holder.personal_number,
        CARD_NUMBER: holder.card_number,
        ORGANISATION_CODE: holder.organisation_code,
    }
    for oid, text in private.items():
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, asn1.encode_der(text)), critical=False)
    return builder.sign(authority.key, hashes.SHA256())


def save_card(card: IssuedCard, pin: Pin, p12_path: Path) -> None:
    """Stores the card where `SoftCard(p12_path)` finds it; replaces a card that is already there. Raises FileProblem.

    Writes the PKCS#12 file, the certificate beside it and a full count of PIN tries.
    """
    p12 = pkcs12.serialize_key_and_certificates(
        card.identity.card_number.encode("ascii"),
        card.key,
        card.certificate,
        [card.authority],
        serialization.BestAvailableEncryption(pin.reveal().encode()),
    )
    replace_private(p12_path, p12)
    replace_private(certificate_path(p12_path), card.certificate.public_bytes(serialization.Encoding.PEM))
    PinRetryCounter(fingerprint=fingerprint(p12)).write(retry_counter_path(p12_path))


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)


def _years_later(moment: datetime, years: int) -> datetime:
    """The same day `years` later; 29 February becomes the 28th."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, day=28)
