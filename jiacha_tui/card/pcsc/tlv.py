"""The tag-length-value encoding of a PIV card's data (BER, definite lengths)."""

from collections.abc import Iterator
from typing import Final

_LONG_TAG: Final = 0x1F
_LONG_LENGTH: Final = 0x80
_MOST_LENGTH_BYTES: Final = 3


def decode(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The tags and values in `data`, one behind the other. Raises ValueError where it is no such encoding."""
    position = 0
    while position < len(data):
        tag, position = _tag(data, position)
        length, position = _length(data, position)
        if position + length > len(data):
            raise ValueError("a value is cut off")
        yield tag, data[position : position + length]
        position += length


def find(data: bytes, *path: int) -> bytes | None:
    """The first value of a tag, and for more than one tag the value inside of it; None without. Raises ValueError."""
    for tag in path:
        value = next((value for found, value in decode(data) if found == tag), None)
        if value is None:
            return None
        data = value
    return data


def encode(tag: int, value: bytes = b"") -> bytes:
    size = len(value)
    if size < _LONG_LENGTH:
        length = bytes([size])
    else:
        count = (size.bit_length() + 7) // 8
        length = bytes([_LONG_LENGTH | count]) + size.to_bytes(count)
    return tag.to_bytes((tag.bit_length() + 7) // 8) + length + value


def _tag(data: bytes, start: int) -> tuple[int, int]:
    end = start + 1
    if data[start] & _LONG_TAG == _LONG_TAG:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    return int.from_bytes(data[start:end]), end


def _length(data: bytes, start: int) -> tuple[int, int]:
    if start >= len(data):
        raise ValueError("a length is missing")
    first = data[start]
    if first < _LONG_LENGTH:
        return first, start + 1
    count = first - _LONG_LENGTH
    end = start + 1 + count
    if not 0 < count <= _MOST_LENGTH_BYTES or end > len(data):
        raise ValueError("a length is cut off or has no end")
    return int.from_bytes(data[start + 1 : end]), end
