"""The keys of the embedded port: its authority for cards, its key for downloads, and checks of certificates."""

import base64
import binascii
import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from jiacha_tui.card import sm2
from jiacha_tui.clock import utc_now
from jiacha_tui.demo.card_issuing import Authority, make_ca
from jiacha_tui.demo.certificate_builder import make_builder, private_key_pem
from jiacha_tui.demo.problems import DemoDamaged
from jiacha_tui.private_files import read_private, replace_private

_KEY_BITS: Final = 2048
_AUTHORITY_FILE: Final = "card-authority.pem"
_SIGNER_FILE: Final = "port-signer.pem"
_SIGNER_YEARS: Final = 10
_YEAR: Final = timedelta(days=365)
_CLOCK_TOLERANCE: Final = timedelta(days=1)
"""Certificates are valid from this long ago, so that a clock that is a little slow accepts them."""


class CertificateStatus(enum.Enum):
    """How the port treats a card at the login."""

    GOOD = "good"
    REVOKED = "revoked"
    BLACKLISTED = "blacklisted"


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A card's certificate as the port knows it. `serial` is lower-case hex. `der` holds a personal number."""

    serial: str
    der: bytes = field(repr=False)
    status: CertificateStatus = CertificateStatus.GOOD


@dataclass(frozen=True, slots=True)
class PortSigner:
    """The key with which the port signs downloads, and its certificate (DER)."""

    certificate: bytes
    key: rsa.RSAPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class PortKeys:
    """The authority that issues cards, and the port's own key."""

    authority: Authority = field(repr=False)
    signer: PortSigner = field(repr=False)

    @classmethod
    def load_or_make(cls, folder: Path) -> "PortKeys":
        """The keys in `folder`; makes those that are missing. Raises DemoDamaged, FileProblem."""
        authority = _load_or_make(folder / _AUTHORITY_FILE, lambda: make_ca(utc_now() - _CLOCK_TOLERANCE))
        signer = _load_or_make(folder / _SIGNER_FILE, lambda: _make_signer(authority))
        if not is_issued_by(signer.certificate, authority):
            signer = _save(folder / _SIGNER_FILE, _make_signer(authority))
        return cls(authority, PortSigner(signer.certificate.public_bytes(serialization.Encoding.DER), signer.key))


def is_issued_by(certificate: x509.Certificate, authority: Authority) -> bool:
    """Whether the authority's key signed the certificate."""
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def is_valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def is_signed_by(certificate: x509.Certificate, text: str, signature: str) -> bool:
    """Whether the card of `certificate` made `signature` (base64) over the UTF-8 bytes of `text`.

    PKCS#1 v1.5 with SHA-1 for an RSA card, r‖s with SM3 for an SM2 card. For a P-256 card, which the official port is
    not known to take, ECDSA with SHA-256 in DER is assumed.
    """
    try:
        raw = base64.b64decode(signature, validate=True)
        if (sm2_key := sm2.public_key(certificate)) is not None:
            return sm2.is_valid_signature(sm2_key, text.encode(), raw)
        key = certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - what the cards sign with
        elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            key.verify(raw, text.encode(), ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _make_signer(authority: Authority) -> Authority:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    start = utc_now() - _CLOCK_TOLERANCE
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "中国电子口岸（演示）"),
            x509.NameAttribute(NameOID.COMMON_NAME, "出口退税联网稽查（演示）"),
        ]
    )
    end = start + _SIGNER_YEARS * _YEAR
    certificate = (
        make_builder(authority.certificate.subject, name, key.public_key(), valid_from=start, valid_until=end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(authority.key, hashes.SHA256())
    )
    return Authority(certificate, key)


def _load_or_make(path: Path, make: Callable[[], Authority]) -> Authority:
    if not path.exists():
        return _save(path, make())
    data = read_private(path)
    try:
        # This program wrote the file and nobody else can; validating the key takes longer than the rest of the start.
        key = serialization.load_pem_private_key(data, None, unsafe_skip_rsa_key_validation=True)
        certificate = x509.load_pem_x509_certificate(data)
    except (ValueError, UnsupportedAlgorithm):
        raise DemoDamaged(path) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise DemoDamaged(path)
    return Authority(certificate, key)


def _save(path: Path, made: Authority) -> Authority:
    replace_private(path, private_key_pem(made.key) + made.certificate.public_bytes(serialization.Encoding.PEM))
    return made
