"""Builds the X.509 certificates of the embedded port: those of its authorities, cards and TLS server."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


def make_authority_certificate(
    name: x509.Name, key: PrivateKey, valid_from: datetime, valid_until: datetime
) -> x509.Certificate:
    """A self-signed certificate of an authority that may sign certificates for end entities only."""
    return (
        make_builder(name, name, key.public_key(), valid_from=valid_from, valid_until=valid_until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(make_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def make_end_entity_builder(
    authority: x509.Certificate,
    subject: x509.Name,
    key: PublicKey,
    usage: x509.KeyUsage,
    *,
    valid_from: datetime,
    valid_until: datetime,
    serial: int | None = None,
) -> x509.CertificateBuilder:
    """A builder for the certificate of a card or server, ready to take further extensions and to be signed."""
    authority_key = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        make_builder(authority.subject, subject, key, valid_from=valid_from, valid_until=valid_until, serial=serial)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_key), critical=False)
    )


def make_builder(
    issuer: x509.Name,
    subject: x509.Name,
    key: PublicKey,
    *,
    valid_from: datetime,
    valid_until: datetime,
    serial: int | None = None,
) -> x509.CertificateBuilder:
    """A builder without extensions. `serial` is random unless given."""
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number() if serial is None else serial)
        .not_valid_before(valid_from)
        .not_valid_after(valid_until)
    )


def make_key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    """The KeyUsage extension; `x509.KeyUsage` has no defaults."""
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def private_key_pem(key: PrivateKey) -> bytes:
    """The key in PKCS#8, not encrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
