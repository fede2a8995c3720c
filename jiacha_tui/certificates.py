"""Reads X.509 certificates whose names are not encoded as their string types say.

Certificates of Chinese issuers put GBK into TeletexString (T61String), PrintableString or UTF8String. cryptography
refuses some of them as a whole and the names of others.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from cryptography import x509

COMMON_NAME: Final = bytes.fromhex("550403")
ORGANIZATIONAL_UNIT: Final = bytes.fromhex("55040b")
"""Contents of the OIDs 2.5.4.3 and 2.5.4.11."""

UTF8_STRING: Final = 0x0C
TELETEX_STRING: Final = 0x14
UNIVERSAL_STRING: Final = 0x1C
BMP_STRING: Final = 0x1E

_VERSION_TAG: Final = 0xA0
_LONG_LENGTH: Final = 0x80
_MAX_LENGTH_BYTES: Final = 3
_ISSUER, _SUBJECT = 2, 4
"""Positions in a TBSCertificate, without the version."""

_WIDE_CHARACTERS: Final = {UNIVERSAL_STRING: "utf-32-be", BMP_STRING: "utf-16-be"}
_FIRST_OF_THREE_BYTES: Final = "\u0800"


class _Item(NamedTuple):
    """A value in DER: its tag, where the tag is, and where the content starts and ends."""

    tag: int
    position: int
    start: int
    end: int


def load_certificate(der: bytes) -> x509.Certificate:
    """Loads a certificate whatever its names contain; they are read with `subject_text`. Raises as cryptography does.

    Its names may differ from those in `der`, so its own signature must not be checked.
    """
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        return x509.load_der_x509_certificate(_with_teletex_names(der))


def subject_text(der: bytes, attribute: bytes) -> str:
    """The first value of an attribute of the subject, "" if there is none. Raises ValueError if `der` is not valid.

    `attribute` is the content of its OID, for example COMMON_NAME.
    """
    for oid, value in _attributes(der, _SUBJECT):
        if oid == attribute:
            return decode_text(value.tag, der[value.start : value.end])
    return ""


def decode_text(tag: int, content: bytes) -> str:
    """The text in a DER string with this tag. What no encoding explains is shown as `\\xd6`."""
    encodings = [_WIDE_CHARACTERS[tag]] if tag in _WIDE_CHARACTERS else []
    # A few characters of GBK make valid UTF-8 of two bytes, which is no Chinese.
    encodings += ["utf-8", "gb18030"] if _is_chinese_utf8(content) else ["gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding).strip("\0 ")
        except UnicodeDecodeError:
            continue
    return content.decode("ascii", "backslashreplace")


def _is_chinese_utf8(content: bytes) -> bool:
    try:
        return content.isascii() or any(character >= _FIRST_OF_THREE_BYTES for character in content.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _with_teletex_names(der: bytes) -> bytes:
    """The certificate with every string in its names as TeletexString, whose content cryptography does not check."""
    changed = bytearray(der)
    for name in (_ISSUER, _SUBJECT):
        for _oid, value in _attributes(der, name):
            changed[value.position] = TELETEX_STRING
    return bytes(changed)


def _attributes(der: bytes, name: int) -> Iterator[tuple[bytes, _Item]]:
    """The OID (content) and the value of each attribute of the name at this position of the TBSCertificate."""
    certificate = _first(_items(der, 0, len(der)))
    fields = [field for field in _inside(der, _first(_inside(der, certificate))) if field.tag != _VERSION_TAG]
    if len(fields) <= name:
        raise ValueError("the certificate has no names")
    for relative_name in _inside(der, fields[name]):
        for attribute in _inside(der, relative_name):
            oid, value = list(_inside(der, attribute))[:2]
            yield der[oid.start : oid.end], value


def _inside(der: bytes, item: _Item) -> Iterator[_Item]:
    return _items(der, item.start, item.end)


def _first(items: Iterator[_Item]) -> _Item:
    for item in items:
        return item
    raise ValueError("a value is empty")


def _items(der: bytes, position: int, end: int) -> Iterator[_Item]:
    """The values between two positions. Raises ValueError if the encoding is not valid."""
    while position < end:
        start = position + 2
        length = der[position + 1] if start <= end else end
        if length >= _LONG_LENGTH:
            count = length - _LONG_LENGTH
            if not 0 < count <= _MAX_LENGTH_BYTES:
                raise ValueError("a length is not valid")
            length = int.from_bytes(der[start : start + count])
            start += count
        if start + length > end:
            raise ValueError("a value is cut off")
        yield _Item(der[position], position, start, start + length)
        position = start + length
