"""The frames of DuckDB's write-ahead log, as far as they can be seen without the key.

DuckDB replays the log up to the first frame that is cut off, because a killed program leaves such a frame at the end.
It does the same, without a word, when the length of a frame in the middle was damaged, and skips the whole log when its
first bytes were. So the frames are checked before the log is used.

The layout is that of DuckDB 1.5.5 (observed; `tests/db/test_log_frames.py` compares it with real logs): a plain record
with version and identifier of the database, then for each entry its length in eight bytes, a nonce of 12, a checksum
of 8, the entry and a tag of 16.
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jiacha_tui.private_files import file_problems, open_regular

_LENGTH: Final = struct.Struct("<Q")
_OVERHEAD: Final = _LENGTH.size + 12 + 8 + 16
_MAX_ENTRY_BYTES: Final = 256 * 1024 * 1024
"""No entry is longer: the largest holds the 2048 rows that DuckDB writes at once."""

_MAX_FIRST_RECORD_BYTES: Final = 128
_KIND: Final = b"\x64\x00\x62"
_VERSION: Final = b"\x65\x00"
_IDENTIFIER: Final = b"\x66\x00\x10"
_IDENTIFIER_NUMBERS: Final = 16
_CHECKPOINT: Final = b"\x67\x00"
_END: Final = b"\xff\xff"
_MORE: Final = 0x80


@dataclass(frozen=True, slots=True)
class LogFrames:
    """`ends` has the place after the first record and after each whole frame, in bytes.

    `is_damaged` is true if a length or the first record is not one that DuckDB writes. A frame that is cut off at the
    end is no damage.
    """

    ends: tuple[int, ...]
    is_damaged: bool


def read_log_frames(path: Path) -> LogFrames:
    """The frames of the log at `path`; none if there is no log. Raises FileProblem."""
    with file_problems(path):
        if not path.exists() or not path.stat().st_size:
            return LogFrames((), is_damaged=False)
        with open_regular(path) as file:
            return _frames(file.fileno(), os.fstat(file.fileno()).st_size)


def _frames(log: int, size: int) -> LogFrames:
    """Reads, and maps nothing: an error of the disk in mapped memory would end the program."""
    start = os.pread(log, _MAX_FIRST_RECORD_BYTES, 0)
    at = _first_record(start)
    if at is None:
        return LogFrames((), is_damaged=size > len(start) or not _may_be_cut(start))
    ends = [at]
    while len(head := os.pread(log, _LENGTH.size, at)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        if not 0 < length <= _MAX_ENTRY_BYTES:
            return LogFrames(tuple(ends), is_damaged=True)
        at += _OVERHEAD + length
        if at > size:
            break
        ends.append(at)
    return LogFrames(tuple(ends), is_damaged=False)


def _first_record(data: bytes) -> int | None:
    """The length of the first record, None if there is another thing or less than the whole."""
    try:
        at = _after(data, 0, _KIND)
        at = _after_number(data, _after(data, at, _VERSION))
        at = _after(data, at, _IDENTIFIER)
        for _ in range(_IDENTIFIER_NUMBERS):
            at = _after_number(data, at)
        at = _after_number(data, _after(data, at, _CHECKPOINT))
        return _after(data, at, _END)
    except (ValueError, IndexError):
        return None


def _may_be_cut(data: bytes) -> bool:
    """Whether a log this short can be the beginning of a first record."""
    return data[: len(_KIND)] == _KIND[: len(data)]


def _after(data: bytes, at: int, expected: bytes) -> int:
    if data[at : at + len(expected)] != expected:
        raise ValueError("another record")
    return at + len(expected)


def _after_number(data: bytes, at: int) -> int:
    """The place after a number of variable length: all its bytes but the last have the highest bit."""
    while data[at] & _MORE:
        at += 1
    return at + 1
