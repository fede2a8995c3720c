"""Parses the XML of a downloaded file, which may be damaged or hostile, and names its vocabulary.

How the official port encrypts its files is not published. The embedded port uses W3C XML Encryption 1.1 inside an
element that carries an enveloped XML Signature (RSA-SHA256). A file in any other format is stored as it arrived and
reported as unknown.
"""

import base64

from lxml import etree

from jiacha_tui.declaration.problem import Problem

DS = "http://www.w3.org/2000/09/xmldsig#"
DSIG11 = "http://www.w3.org/2009/xmldsig11#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
NAMESPACES = {"ds": DS, "dsig11": DSIG11, "xenc": XENC, "xenc11": XENC11}

AES256_GCM = f"{XENC11}aes256-gcm"
AES256_KEY_BYTES = 32
GCM_NONCE_BYTES = 12
GCM_TAG_BYTES = 16
RSA_OAEP = f"{XENC11}rsa-oaep"
MGF1_SHA256 = f"{XENC11}mgf1sha256"
SHA256 = f"{XENC}sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ENVELOPED = f"{DS}enveloped-signature"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"

_TEXT_NODE_LIMIT = 10_000_000
"""libxml2 refuses a longer text node unless its limits are lifted as a whole."""

_PROLOG_CHUNK = 64 * 1024


class EncryptedFileDamaged(Problem):
    """The file is XML that breaks off, is malformed, carries a DTD, or contradicts its own format."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "sealed.damaged", f"报关单数据文件不完整或已损坏（{detail}）", "请重新下载；下载的文件不要打开修改"
        )


class UnsupportedEncryption(Problem):
    """The file is not encrypted in the one format that this program can decrypt."""

    def __init__(self) -> None:
        super().__init__("sealed.unknown", "无法识别该文件的加密格式", "文件可直接导入税务局系统，无需在此打开")


def parse(data: bytes) -> etree._Element:
    """The root element of `data`: no DTD, no entities, no network, comments dropped.

    Comments go because they are outside the signature and would split the text around them.
    Raises EncryptedFileDamaged.
    """
    try:
        _refuse_dtd(data)
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            huge_tree=len(data) > _TEXT_NODE_LIMIT,
        )
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise EncryptedFileDamaged(f"第 {error.lineno or 1} 行") from error


def decoded(element: etree._Element) -> bytes:
    """The bytes that `element` holds as base64. Raises EncryptedFileDamaged where it holds something else."""
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except ValueError:
        raise EncryptedFileDamaged(f"{etree.QName(element).localname} 不是 Base64") from None


def _refuse_dtd(data: bytes) -> None:
    """Read as far as the root's start tag under libxml2's own limits, so that no DTD is ever parsed without them."""
    prolog = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True, load_dtd=False)
    for start in range(0, len(data), _PROLOG_CHUNK):
        prolog.feed(data[start : start + _PROLOG_CHUNK])
        for event in prolog.read_events():
            element: etree._Element = event[1]  # type: ignore[assignment]  # lxml-stubs types only namespace events
            doc = element.getroottree().docinfo
            if doc.internalDTD is not None or doc.externalDTD is not None:
                raise EncryptedFileDamaged("含有 DTD")
            return
