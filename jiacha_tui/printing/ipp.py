"""Encodes requests and decodes responses of IPP (RFC 8010), as far as listing printers and printing a PDF need them."""

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
"""The value of an attribute. Values of a syntax that is not needed here stay bytes."""


class Operation(enum.IntEnum):
    """The IPP operations that the program uses (RFC 8011) and those that only CUPS has."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_PRINTER_ATTRIBUTES = 0x000B
    CUPS_GET_DEFAULT = 0x4001
    CUPS_GET_PRINTERS = 0x4002


class AttributeGroup(enum.IntEnum):
    """The delimiter tags that begin a group of attributes, and the one that ends the last group."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Syntax(enum.IntEnum):
    """The value tags that are written here, or read as something else than bytes."""

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
"""Smaller tags begin a group, this and larger ones a value."""

_NUMBERS = (Syntax.INTEGER, Syntax.ENUM)
_FIRST_TEXT = Syntax.TEXT

Attribute = tuple[str, Syntax, Value | Sequence[Value]]
Attributes = Mapping[str, tuple[Value, ...]]


class InvalidIppMessage(ValueError):
    """The bytes are not an IPP message, or not a complete one."""


@dataclass(frozen=True, slots=True)
class Response:
    """The response of a server: its status code, and its groups of attributes in order, each with its tag."""

    status: int
    groups: tuple[tuple[int, Attributes], ...]

    @property
    def is_success(self) -> bool:
        return self.status < 0x0100  # noqa: PLR2004 - RFC 8011 appendix B: successful-ok and its variants

    def all(self, group: AttributeGroup) -> Iterator[Attributes]:
        """Yields the groups of this kind."""
        return (attributes for tag, attributes in self.groups if tag == group)

    def first(self, group: AttributeGroup) -> Attributes:
        """Returns the first group of this kind, an empty one if there is none."""
        return next(self.all(group), MappingProxyType({}))


def encode_request(operation: Operation, request_id: int, attributes: Sequence[Attribute]) -> bytes:
    """Returns a request with `attributes` in its operation group.

    The charset and the language come first, as RFC 8011 requires.
    """
    message = bytearray(_HEADER.pack(_VERSION, operation, request_id))
    message.append(AttributeGroup.OPERATION)
    for name, syntax, value in (
        ("attributes-charset", Syntax.CHARSET, "utf-8"),
        ("attributes-natural-language", Syntax.LANGUAGE, "en"),
        *attributes,
    ):
        values: Sequence[Value] = value if isinstance(value, list | tuple) else (value,)
        for index, single_value in enumerate(values):
            message.append(syntax)
            message += _sized(name.encode("ascii") if index == 0 else b"")
            message += _sized(_encode_value(syntax, single_value))
    message.append(AttributeGroup.END)
    return bytes(message)


def decode_response(data: bytes) -> Response:
    """Returns the response in `data`; bytes after the end of its attributes are ignored. Raises InvalidIppMessage."""
    if len(data) < _HEADER.size:
        raise InvalidIppMessage("the message has no header")
    _, status, _ = _HEADER.unpack_from(data)
    groups: list[tuple[int, dict[str, tuple[Value, ...]]]] = []
    offset, name = _HEADER.size, ""
    while (tag := _tag(data, offset)) != AttributeGroup.END:
        offset += 1
        if tag < _FIRST_SYNTAX:
            groups.append((tag, {}))
            continue
        if not groups:
            raise InvalidIppMessage("an attribute is outside of a group")
        raw_name, offset = _take(data, offset)
        raw_value, offset = _take(data, offset)
        attributes = groups[-1][1]
        # A further value of the same attribute has no name, and neither do the members of a collection.
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


def _tag(data: bytes, offset: int) -> int:
    if offset >= len(data):
        raise InvalidIppMessage("the message breaks off")
    return data[offset]


def _take(data: bytes, offset: int) -> tuple[bytes, int]:
    """Returns the bytes after the length at `offset`, and where they end."""
    if offset + _LENGTH.size > len(data):
        raise InvalidIppMessage("the message breaks off")
    (length,) = _LENGTH.unpack_from(data, offset)
    start = offset + _LENGTH.size
    if start + length > len(data):
        raise InvalidIppMessage("the message breaks off")
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
