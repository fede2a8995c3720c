"""TLS for the embedded port: an authority that is kept, and a server certificate made at each start."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from jiacha_tui.clock import utc_now
from jiacha_tui.demo.certificate_builder import (
    make_authority_certificate,
    make_end_entity_builder,
    make_key_usage,
    private_key_pem,
)
from jiacha_tui.demo.problems import DemoDamaged
from jiacha_tui.private_files import read_private, replace_private

_AUTHORITY_DAYS: Final = 3650
_SERVER_DAYS: Final = 397
_CLOCK_TOLERANCE: Final = timedelta(days=1)
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

_Loaded = TypeVar("_Loaded")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: `authority` is the certificate that clients must trust, `server` the server's key and certificate."""

    authority: Path
    server: Path

    @classmethod
    def load_or_make(cls, folder: Path, host: str) -> "TlsFiles":
        """Files for a server reached as `host` or over loopback. Raises DemoDamaged, FileProblem."""
        files = cls(folder / "ca.pem", folder / "server.pem")
        key, certificate = _load_or_make_authority(files.authority, folder / "ca-key.pem")
        replace_private(files.server, _make_server(host, key, certificate))
        return files


def _load_or_make_authority(path: Path, key_path: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The existing authority, or a new one if it would expire before a new server certificate. Raises DemoDamaged."""
    if path.exists() and key_path.exists():
        key = _load(key_path, lambda pem: serialization.load_pem_private_key(pem, None))
        certificate = _load(path, x509.load_pem_x509_certificate)
        lasts = certificate.not_valid_after_utc > utc_now() + timedelta(days=_SERVER_DAYS)
        if isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key() and lasts:
            return key, certificate
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _make_authority(key)
    replace_private(key_path, private_key_pem(key))
    replace_private(path, certificate.public_bytes(serialization.Encoding.PEM))
    return key, certificate


def _load(path: Path, load: Callable[[bytes], _Loaded]) -> _Loaded:
    try:
        return load(read_private(path))
    except (ValueError, UnsupportedAlgorithm):
        raise DemoDamaged(path) from None


def _make_authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    start = utc_now() - _CLOCK_TOLERANCE
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "jiacha embedded port")])
    return make_authority_certificate(name, key, start, start + timedelta(days=_AUTHORITY_DAYS))


def _make_server(host: str, authority_key: ec.EllipticCurvePrivateKey, authority: x509.Certificate) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    start = utc_now() - _CLOCK_TOLERANCE
    names = [_general_name(name) for name in dict.fromkeys((host, *_LOOPBACK))]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        make_end_entity_builder(
            authority,
            subject,
            key.public_key(),
            make_key_usage(digital_signature=True),
            valid_from=start,
            valid_until=start + timedelta(days=_SERVER_DAYS),
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return private_key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
