"""Parses the XML of a downloaded file, which may be damaged or hostile, and names its vocabulary.

How the official port encrypts its files is not published. The embedded port uses W3C XML Encryption 1.1 inside an
element that carries an enveloped XML Signature (RSA-SHA256). A file in any other format is stored as it arrived and
reported as unknown.
"""

import base64
import re

from lxml import etree

from jiacha_tui.encrypted_xml.problems import EncryptedFileDamaged

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
"""Bytes. libxml2 refuses a longer text node, unless `huge_tree` lifts all of its limits."""

_MAX_NODES = 100_000
"""Elements and attributes of a file that is parsed into a tree, estimated from its punctuation. Each takes 250 bytes.
A file of the embedded port has some forty."""

_PLAIN_ENCODINGS = frozenset({"", "utf-8", "utf-16", "us-ascii", "iso-8859-1", "gb2312", "gbk", "gb18030"})
"""The declared encodings in which `<` and `=` are the bytes of ASCII, so that they can be counted."""

_DECLARED_ENCODING = re.compile(rb"[^<]{0,8}<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)

_CHUNK = 64 * 1024
"""Bytes that are parsed at a time."""


def parse_xml(data: bytes) -> etree._Element:
    """Returns the root element of `data`, parsed without a DTD, entities and the network.

    Comments are dropped: the signature does not cover them, and they would split the text around them.
    Raises EncryptedFileDamaged if `data` is not well-formed or carries a DTD.
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


def has_many_nodes(data: bytes) -> bool:
    """Whether a tree of `data` might take more than some ten megabytes. The format of the port's files is not known."""
    declared = _DECLARED_ENCODING.match(data[:1024])
    if (declared[1].decode("ascii", "replace").lower() if declared else "") not in _PLAIN_ENCODINGS:
        return True
    return data.count(b"<") + data.count(b"=") > _MAX_NODES


def check_well_formed(data: bytes) -> None:
    """Raises EncryptedFileDamaged as `parse_xml`. Builds no tree, so its memory does not grow with `data`."""
    try:
        _refuse_dtd(data)
        parser = etree.XMLParser(
            target=_Nothing(),  # type: ignore[arg-type]  # lxml needs no more of a target than this
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
        )
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
        parser.close()
    except etree.XMLSyntaxError as error:
        raise EncryptedFileDamaged(f"第 {error.lineno or 1} 行") from error


class _Nothing:
    """A target for the parser that keeps nothing."""

    def close(self) -> None:
        """Ends the document."""


def decode_base64(element: etree._Element) -> bytes:
    """Returns the bytes that `element` holds as base64. Raises EncryptedFileDamaged if it holds something else."""
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except ValueError:
        raise EncryptedFileDamaged(f"{etree.QName(element).localname} 不是 Base64") from None


def _refuse_dtd(data: bytes) -> None:
    """Raises EncryptedFileDamaged if a DTD comes before the root element.

    It reads up to the first start tag under libxml2's own limits, so that no DTD is ever parsed without them.
    """
    prolog = etree.XMLPullParser(events=("start",), resolve_entities=False, no_network=True, load_dtd=False)
    for start in range(0, len(data), _CHUNK):
        prolog.feed(data[start : start + _CHUNK])
        for event in prolog.read_events():
            element: etree._Element = event[1]  # type: ignore[assignment]  # lxml-stubs types only namespace events
            doc = element.getroottree().docinfo
            if doc.internalDTD is not None or doc.externalDTD is not None:
                raise EncryptedFileDamaged("含有 DTD")
            return
