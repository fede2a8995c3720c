"""What can be told of a downloaded file without opening it: whose card it is for, and whether it is as signed."""

import enum
from dataclasses import dataclass

import xmlsec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from jiacha_tui.encrypted_xml.container import (
    DS,
    ENVELOPED,
    EXCLUSIVE_C14N,
    NAMESPACES,
    RSA_SHA256,
    SHA256,
    decoded,
    parse,
)


class Recipient(enum.StrEnum):
    """Whose card opens the file, seen from the card that is asked about."""

    THIS = "this"
    OTHER = "other"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"this": "为本卡加密", "other": "为另一张卡加密", "unknown": "收件卡无法判断"}[self]


class SignatureStatus(enum.StrEnum):
    """GOOD: the file is as whoever signed it left it; the port's signer is not known. BAD: it was changed since.

    NONE: not signed. UNKNOWN: signed in a way we cannot judge.
    """

    GOOD = "good"
    BAD = "bad"
    NONE = "none"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """Empty where there is nothing to say."""
        return {"good": "签名与内容相符", "bad": "签名与内容不符，文件被改动过", "none": "", "unknown": "签名无法核实"}[
            self
        ]


@dataclass(frozen=True, slots=True)
class FileInspection:
    """`well_formed`: the file is XML."""

    well_formed: bool
    recipient: Recipient
    signature: SignatureStatus


_NOT_XML = FileInspection(well_formed=False, recipient=Recipient.UNKNOWN, signature=SignatureStatus.NONE)
_MARKUP_START = b"<"
_BLANK_OR_BOM = b"\xef\xbb\xbf \t\r\n"
_KEY_INFO = ".//xenc:EncryptedKey/ds:KeyInfo"
_X509_DATA = (f"{_KEY_INFO}/ds:X509Data", f"{_KEY_INFO}/xenc:AgreementMethod/xenc:RecipientKeyInfo/ds:X509Data")
"""Where a recipient is named: whose key encrypted the file's, or agreed on it."""

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
"""Every element below SignedInfo with its URI and algorithm: the only signature that is judged."""


def inspect_file(data: bytes, certificate: bytes) -> FileInspection:
    """Returns what `data` says about itself, seen from the card with `certificate` (DER). Nothing is decrypted.

    An unknown format is UNKNOWN, not an error: the official one is not published. Raises EncryptedFileDamaged where the
    file is empty, or begins as XML and breaks off, is malformed or carries a DTD.
    """
    if data and not data.lstrip(_BLANK_OR_BOM).startswith(_MARKUP_START):
        return _NOT_XML
    root = parse(data)
    return FileInspection(
        well_formed=True,
        recipient=_recipient(root, x509.load_der_x509_certificate(certificate)),
        signature=_judge_signature(root),
    )


def _recipient(root: etree._Element, certificate: x509.Certificate) -> Recipient:
    named = (x509_data for path in _X509_DATA for x509_data in root.iterfind(path, NAMESPACES))
    verdicts = [_names(x509_data, certificate) for x509_data in named]
    if True in verdicts:
        return Recipient.THIS
    return Recipient.OTHER if False in verdicts else Recipient.UNKNOWN


def _names(x509_data: etree._Element, certificate: x509.Certificate) -> bool | None:
    """Whether an X509Data means `certificate`, by the most exact thing it says; None where that cannot be told."""
    digest = x509_data.find(f"dsig11:X509Digest[@Algorithm='{SHA256}']", NAMESPACES)
    if digest is not None:
        return decoded(digest) == certificate.fingerprint(hashes.SHA256())
    named = x509_data.find("ds:X509Certificate", NAMESPACES)
    if named is not None:
        return decoded(named) == certificate.public_bytes(Encoding.DER)
    serial = x509_data.findtext("ds:X509IssuerSerial/ds:X509SerialNumber", None, NAMESPACES)
    issuer = x509_data.findtext("ds:X509IssuerSerial/ds:X509IssuerName", None, NAMESPACES)
    if serial is None or issuer is None:
        return None
    if serial.strip() != str(certificate.serial_number):
        return False
    # The same name may be written in other ways than ours: what differs is not told apart.
    return True if issuer.strip() == certificate.issuer.rfc4514_string() else None


def _judge_signature(root: etree._Element) -> SignatureStatus:
    signatures = root.findall("ds:Signature", NAMESPACES)
    if not signatures:
        return SignatureStatus.NONE
    certificate = _signer_certificate(signatures[0])
    if len(signatures) > 1 or certificate is None or not _covers_document(signatures[0]):
        return SignatureStatus.UNKNOWN
    return SignatureStatus.GOOD if _is_intact(signatures[0], certificate) else SignatureStatus.BAD


def _signer_certificate(signature: etree._Element) -> x509.Certificate | None:
    """The certificate in the signature's KeyInfo, if it has an RSA key."""
    element = signature.find("ds:KeyInfo/ds:X509Data/ds:X509Certificate", NAMESPACES)
    if element is None:
        return None
    try:
        certificate = x509.load_der_x509_certificate(decoded(element))
        return certificate if isinstance(certificate.public_key(), rsa.RSAPublicKey) else None
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return None


def _covers_document(signature: etree._Element) -> bool:
    """Whether it signs the whole document, in the one way we use: another might sign less than it seems to."""
    found = signature.iterfind("ds:SignedInfo//*", NAMESPACES)
    return [(element.tag, element.get("URI"), element.get("Algorithm")) for element in found] == _SIGNED_INFO


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
