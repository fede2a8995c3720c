"""IPP messages (RFC 8010), as far as asking a print server what it has and giving it a document needs."""

import enum
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

_VERSION = b"\x02\x00"
_HEADER = struct.Struct(">2sHI")
_LENGTH = struct.Struct(">H")
_INTEGER = struct.Struct(">i")

Value = int | bool | str | bytes
"""What an attribute may hold; a syntax that nobody here needs stays bytes."""


class Operation(enum.IntEnum):
    """The IPP operations that the program uses (RFC 8011) and those that only CUPS has."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_PRINTER_ATTRIBUTES = 0x000B
    CUPS_GET_DEFAULT = 0x4001
    CUPS_GET_PRINTERS = 0x4002


class AttributeGroup(enum.IntEnum):
    """The delimiters that begin a group of attributes, and the one that ends the last."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Syntax(enum.IntEnum):
    """The value tags that we write, and those that we read as text."""

    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49


_FIRST_SYNTAX = 0x10
"""Tags below this begin a group, from here on they begin a value."""

_NUMBERS = (Syntax.INTEGER, Syntax.ENUM)
_FIRST_TEXT = Syntax.TEXT

Attribute = tuple[str, Syntax, Value | Sequence[Value]]
Attributes = Mapping[str, tuple[Value, ...]]


class NotIpp(ValueError):
    """The bytes are no IPP message, or not a whole one."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered: its status code and its groups of attributes, in order."""

    status: int
    groups: tuple[tuple[int, Attributes], ...]

    @property
    def is_success(self) -> bool:
        return self.status < 0x0100  # noqa: PLR2004 - RFC 8011 appendix B: successful-ok and its variants

    def all(self, group: AttributeGroup) -> Iterator[Attributes]:
        return (attributes for tag, attributes in self.groups if tag == group)

    def first(self, group: AttributeGroup) -> Attributes:
        """The first group of its kind, empty where there is none."""
        return next(self.all(group), MappingProxyType({}))


def encode_request(operation: Operation, request_id: int, attributes: Sequence[Attribute]) -> bytes:
    """A request with `attributes` in its operation group, after the charset and language that must come first."""
    message = bytearray(_HEADER.pack(_VERSION, operation, request_id))
    message.append(AttributeGroup.OPERATION)
    for name, syntax, value in (
        ("attributes-charset", Syntax.CHARSET, "utf-8"),
        ("attributes-natural-language", Syntax.LANGUAGE, "en"),
        *attributes,
    ):
        values: Sequence[Value] = value if isinstance(value, list | tuple) else (value,)
        for index, one in enumerate(values):
            message.append(syntax)
            message += _sized(name.encode("ascii") if index == 0 else b"")
            message += _sized(_encode_value(syntax, one))
    message.append(AttributeGroup.END)
    return bytes(message)


def decode_response(data: bytes) -> Response:
    """Raises NotIpp. What follows the end of the attributes is ignored."""
    if len(data) < _HEADER.size:
        raise NotIpp("no header")
    _, status, _ = _HEADER.unpack_from(data)
    groups: list[tuple[int, dict[str, tuple[Value, ...]]]] = []
    at, name = _HEADER.size, ""
    while (tag := _tag(data, at)) != AttributeGroup.END:
        at += 1
        if tag < _FIRST_SYNTAX:
            groups.append((tag, {}))
            continue
        if not groups:
            raise NotIpp("an attribute outside of a group")
        raw_name, at = _take(data, at)
        raw_value, at = _take(data, at)
        attributes = groups[-1][1]
        # A further value of the attribute before it has no name; so have the members of a collection.
        name = raw_name.decode("ascii", "replace") or name
        attributes[name] = (*attributes.get(name, ()), _decode_value(tag, raw_value))
    return Response(status, tuple((tag, MappingProxyType(attributes)) for tag, attributes in groups))


def _sized(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


def _encode_value(syntax: Syntax, value: Value) -> bytes:
    if syntax in _NUMBERS:
        return _INTEGER.pack(int(value))
    if syntax is Syntax.BOOLEAN:
        return bytes([bool(value)])
    return str(value).encode()


def _tag(data: bytes, at: int) -> int:
    if at >= len(data):
        raise NotIpp("it breaks off")
    return data[at]


def _take(data: bytes, at: int) -> tuple[bytes, int]:
    """A length and that many bytes, and where they end."""
    if at + _LENGTH.size > len(data):
        raise NotIpp("it breaks off")
    (length,) = _LENGTH.unpack_from(data, at)
    start = at + _LENGTH.size
    if start + length > len(data):
        raise NotIpp("it breaks off")
    return data[start : start + length], start + length


def _decode_value(tag: int, raw: bytes) -> Value:
    if tag in _NUMBERS and len(raw) == _INTEGER.size:
        (number,) = _INTEGER.unpack(raw)
        return int(number)
    if tag == Syntax.BOOLEAN and len(raw) == 1:
        return raw != b"\0"
    if tag >= _FIRST_TEXT:
        return raw.decode("utf-8", "replace")
    return raw
