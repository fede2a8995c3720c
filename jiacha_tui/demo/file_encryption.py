"""Encrypts an RtxMessage for one card and signs the result: the file that a download from the embedded port brings.

The official format is not published. This one is W3C XML Encryption 1.1 (AES-256-GCM, the content key encrypted as
`key_transport` describes) inside an element that carries an enveloped XML Signature (RSA-SHA256).
"""

import base64
import secrets

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from jiacha_tui.demo.key_transport import encrypted_key, encrypted_key_sm2
from jiacha_tui.encrypted_xml.container import (
    AES256_GCM,
    AES256_KEY_BYTES,
    DS,
    DSIG11,
    GCM_NONCE_BYTES,
    NAMESPACES,
    SHA256,
    XENC,
    XENC11,
)

SEALED_NS = "urn:jiacha:sealed-message:1"

_RECIPIENT = f"""\
<ds:X509Data>
  <ds:X509IssuerSerial><ds:X509IssuerName/><ds:X509SerialNumber/></ds:X509IssuerSerial>
  <dsig11:X509Digest Algorithm="{SHA256}"/>
</ds:X509Data>"""


def encrypt(
    rtx_message: bytes,
    recipient_certificate: bytes,
    signer_key: rsa.RSAPrivateKey,
    signer_certificate: bytes,
    *,
    sm2_key: bytes | None = None,
) -> bytes:
    """The XML file with `rtx_message`, encrypted for the card of `recipient_certificate` and signed with `signer_key`.

    Certificates are DER. `sm2_key` (x‖y) must be given for an SM2 card. The file names its recipient by issuer, serial
    number and digest; it never contains the recipient's certificate, which holds a personal number.
    Raises CannotEncrypt.
    """
    recipient = x509.load_der_x509_certificate(recipient_certificate)
    content_key = secrets.token_bytes(AES256_KEY_BYTES)
    nonce = secrets.token_bytes(GCM_NONCE_BYTES)
    content = nonce + AESGCM(content_key).encrypt(nonce, rtx_message, None)
    if sm2_key is None:
        key = encrypted_key(content_key, recipient.public_key(), _RECIPIENT)
    else:
        key = encrypted_key_sm2(content_key, sm2_key, _RECIPIENT)

    root = etree.fromstring(_document(key))
    _fill(root, ".//ds:X509IssuerName", recipient.issuer.rfc4514_string())
    _fill(root, ".//ds:X509SerialNumber", str(recipient.serial_number))
    _fill(root, ".//dsig11:X509Digest", _base64(recipient.fingerprint(hashes.SHA256())))
    _fill(root, "xenc:EncryptedData/xenc:CipherData/xenc:CipherValue", _base64(content))
    _sign(root, signer_key, signer_certificate)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _document(key: str) -> str:
    """The document without content and recipient: those are filled in as text, so markup in them does no harm."""
    return f"""\
<SealedMessage xmlns="{SEALED_NS}" xmlns:xenc="{XENC}" xmlns:xenc11="{XENC11}" xmlns:ds="{DS}" xmlns:dsig11="{DSIG11}">
  <xenc:EncryptedData MimeType="application/xml">
    <xenc:EncryptionMethod Algorithm="{AES256_GCM}"/>
    <ds:KeyInfo>
{key}
    </ds:KeyInfo>
    <xenc:CipherData><xenc:CipherValue/></xenc:CipherData>
  </xenc:EncryptedData>
</SealedMessage>
"""


def _fill(root: etree._Element, path: str, text: str) -> None:
    next(root.iterfind(path, NAMESPACES)).text = text


def _sign(root: etree._Element, key: rsa.RSAPrivateKey, certificate: bytes) -> None:
    """Append an enveloped signature over the whole document."""
    algorithms = xmlsec.constants
    signature = xmlsec.template.create(root, algorithms.TransformExclC14N, algorithms.TransformRsaSha256, ns="ds")
    root.append(signature)
    reference = xmlsec.template.add_reference(signature, algorithms.TransformSha256, uri="")
    xmlsec.template.add_transform(reference, algorithms.TransformEnveloped)
    xmlsec.template.add_transform(reference, algorithms.TransformExclC14N)
    x509_data = xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
    xmlsec.template.x509_data_add_certificate(x509_data)
    key_der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key_der, algorithms.KeyDataFormatDer)
    context.key.load_cert_from_memory(certificate, algorithms.KeyDataFormatCertDer)
    context.sign(signature)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
