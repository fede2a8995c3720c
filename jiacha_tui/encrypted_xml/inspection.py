"""Inspects a downloaded file without decrypting it: which card it is for, and whether it was changed since signed."""

import enum
import hashlib
from dataclasses import dataclass

import xmlsec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from jiacha_tui.certificates import load_certificate
from jiacha_tui.encrypted_xml.container import (
    DS,
    ENVELOPED,
    EXCLUSIVE_C14N,
    NAMESPACES,
    RSA_SHA256,
    SHA256,
    check_well_formed,
    decode_base64,
    has_many_nodes,
    parse_xml,
)


class Recipient(enum.StrEnum):
    """Which card can decrypt the file: the card that is asked about (THIS), or another one."""

    THIS = "this"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"this": "为本卡加密", "other": "为另一张卡加密", "unknown": "收件卡无法判断"}[self]


class SignatureStatus(enum.StrEnum):
    """What the signature says about the file.

    GOOD: the file was not changed after it was signed. By whom is not checked: the port's certificate is not known.
    BAD: it was changed. NONE: it is not signed. UNKNOWN: it is signed in a way that cannot be checked here.
    """

    GOOD = "good"
    BAD = "bad"
    NONE = "none"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """Chinese text; "" for NONE."""
        return {"good": "签名与内容相符", "bad": "签名与内容不符，文件被改动过", "none": "", "unknown": "签名无法核实"}[
            self
        ]


@dataclass(frozen=True, slots=True)
class FileInspection:
    """What a file that is XML says about its recipient and its signature."""

    recipient: Recipient
    signature: SignatureStatus


_KEY_INFO = ".//xenc:EncryptedKey/ds:KeyInfo"
_X509_DATA = (f"{_KEY_INFO}/ds:X509Data", f"{_KEY_INFO}/xenc:AgreementMethod/xenc:RecipientKeyInfo/ds:X509Data")
"""Where a recipient is named: the holder of the key that the content key is encrypted to, or agreed with (ECDH)."""

_SIGNED_INFO = [
    (f"{{{DS}}}CanonicalizationMethod", None, EXCLUSIVE_C14N),
    (f"{{{DS}}}SignatureMethod", None, RSA_SHA256),
    (f"{{{DS}}}Reference", "", None),
    (f"{{{DS}}}Transforms", None, None),
    (f"{{{DS}}}Transform", None, ENVELOPED),
    (f"{{{DS}}}Transform", None, EXCLUSIVE_C14N),
    (f"{{{DS}}}DigestMethod", None, SHA256),
    (f"{{{DS}}}DigestValue", None, None),
]
"""Every element below SignedInfo with its URI and algorithm. Only a signature of exactly this form is checked."""


def inspect_file(data: bytes, certificate: bytes) -> FileInspection:
    """Returns what `data` says about itself, seen from the card with `certificate` (DER). Nothing is decrypted.

    An unknown format of XML is UNKNOWN, not an error: the official one is not published. So is a file with very many
    elements, which is not parsed into a tree. Raises EncryptedFileDamaged if the file is not XML, breaks off, is
    malformed or carries a DTD.
    """
    if has_many_nodes(data):
        check_well_formed(data)
        return FileInspection(Recipient.UNKNOWN, SignatureStatus.UNKNOWN)
    root = parse_xml(data)
    return FileInspection(_recipient(root, certificate), _signature_status(root))


def _recipient(root: etree._Element, certificate: bytes) -> Recipient:
    recipients = (x509_data for path in _X509_DATA for x509_data in root.iterfind(path, NAMESPACES))
    matches = [_matches(x509_data, certificate) for x509_data in recipients]
    if True in matches:
        return Recipient.THIS
    return Recipient.OTHER if False in matches else Recipient.UNKNOWN


def _matches(x509_data: etree._Element, certificate: bytes) -> bool | None:
    """Tells whether an X509Data names `certificate`, by its most exact statement; None if it is not clear."""
    digest = x509_data.find(f"dsig11:X509Digest[@Algorithm='{SHA256}']", NAMESPACES)
    if digest is not None:
        return decode_base64(digest) == hashlib.sha256(certificate).digest()
    recipient = x509_data.find("ds:X509Certificate", NAMESPACES)
    if recipient is not None:
        return decode_base64(recipient) == certificate
    serial = x509_data.findtext("ds:X509IssuerSerial/ds:X509SerialNumber", None, NAMESPACES)
    issuer = x509_data.findtext("ds:X509IssuerSerial/ds:X509IssuerName", None, NAMESPACES)
    if serial is None or issuer is None:
        return None
    loaded = load_certificate(certificate)
    if serial.strip() != str(loaded.serial_number):
        return False
    # One name can be written in several ways, so a different text may still be the same issuer.
    return True if issuer.strip() == _issuer(loaded) else None


def _issuer(certificate: x509.Certificate) -> str | None:
    """The name of the issuer as RFC 4514 writes it, None if it is not encoded as its string types say."""
    try:
        return certificate.issuer.rfc4514_string()
    except ValueError:
        return None


def _signature_status(root: etree._Element) -> SignatureStatus:
    signatures = root.findall("ds:Signature", NAMESPACES)
    if not signatures:
        return SignatureStatus.NONE
    certificate = _signer_certificate(signatures[0])
    if len(signatures) > 1 or certificate is None or not _covers_document(signatures[0]):
        return SignatureStatus.UNKNOWN
    return SignatureStatus.GOOD if _is_intact(signatures[0], certificate) else SignatureStatus.BAD


def _signer_certificate(signature: etree._Element) -> x509.Certificate | None:
    """Returns the certificate in the signature's KeyInfo, None if there is none with an RSA key."""
    element = signature.find("ds:KeyInfo/ds:X509Data/ds:X509Certificate", NAMESPACES)
    if element is None:
        return None
    try:
        certificate = x509.load_der_x509_certificate(decode_base64(element))
        return certificate if isinstance(certificate.public_key(), rsa.RSAPublicKey) else None
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return None


def _covers_document(signature: etree._Element) -> bool:
    """Tells whether it has the one form that signs the whole document. Another form may sign less than it seems to."""
    elements = signature.iterfind("ds:SignedInfo//*", NAMESPACES)
    return [(element.tag, element.get("URI"), element.get("Algorithm")) for element in elements] == _SIGNED_INFO


def _is_intact(signature: etree._Element, certificate: x509.Certificate) -> bool:
    context = xmlsec.SignatureContext()
    try:
        context.key = xmlsec.Key.from_memory(
            certificate.public_bytes(Encoding.DER), xmlsec.constants.KeyDataFormatCertDer
        )
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True
