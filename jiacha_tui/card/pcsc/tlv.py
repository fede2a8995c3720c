"""Tag-length-value encoding of the data of a PIV card (BER with definite lengths)."""

from collections.abc import Iterator
from typing import Final

_LONG_TAG: Final = 0x1F
_LONG_LENGTH: Final = 0x80
_MAX_LENGTH_BYTES: Final = 3


def decode(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the tag and the value of each item in `data`. Raises ValueError if `data` is not valid."""
    position = 0
    while position < len(data):
        tag, position = _tag(data, position)
        length, position = _length(data, position)
        if position + length > len(data):
            raise ValueError("a value is cut off")
        yield tag, data[position : position + length]
        position += length


def find(data: bytes, *path: int) -> bytes | None:
    """The first value with the first tag of `path`, in it the first with the second tag, and so on.

    None if there is no such item. Raises ValueError if the data is not valid.
    """
    for tag in path:
        value = next((value for found, value in decode(data) if found == tag), None)
        if value is None:
            return None
        data = value
    return data


def encode(tag: int, value: bytes = b"") -> bytes:
    """The bytes of one item."""
    size = len(value)
    if size < _LONG_LENGTH:
        length = bytes([size])
    else:
        count = (size.bit_length() + 7) // 8
        length = bytes([_LONG_LENGTH | count]) + size.to_bytes(count)
    return tag.to_bytes((tag.bit_length() + 7) // 8) + length + value


def _tag(data: bytes, start: int) -> tuple[int, int]:
    """The tag at `start` and the position after it."""
    end = start + 1
    if data[start] & _LONG_TAG == _LONG_TAG:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    return int.from_bytes(data[start:end]), end


def _length(data: bytes, start: int) -> tuple[int, int]:
    """The length at `start` and the position after it."""
    if start >= len(data):
        raise ValueError("a length is missing")
    first = data[start]
    if first < _LONG_LENGTH:
        return first, start + 1
    count = first - _LONG_LENGTH
    end = start + 1 + count
    if not 0 < count <= _MAX_LENGTH_BYTES or end > len(data):
        raise ValueError("a length is cut off or has no end")
    return int.from_bytes(data[start + 1 : end]), end
