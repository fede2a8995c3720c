"""What a cache file tells without its key: its size, its format, and whether a program has it open. Changes nothing."""

import contextlib
import fcntl
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from db.engine import HEADERS_BYTES, log_file
from db.problems import CacheDamaged
from jiacha_tui.private_files import file_problems

_MAIN_HEADER: Final = struct.Struct("<8x4sQQ24x32s")
"""DuckDB's: a checksum, the magic, the storage version, four words of flags and the version of the library."""

_MAGIC: Final = b"DUCK"
_ENCRYPTED: Final = 1
_LOCK: Final = struct.Struct("@hhqqi")
"""`struct flock` on 64-bit Linux: type, whence, start, length, process."""


@dataclass(frozen=True, slots=True)
class CacheFileInfo:
    """`size` is in bytes, with the log; `format` and `library` are DuckDB's versions of the file and of its maker.

    `holder` is the process that has it open, 0 where it cannot be told which, None where there is none.
    """

    size: int
    format: int
    library: str
    holder: int | None


def inspect_cache_file(path: Path) -> CacheFileInfo | None:
    """The cache at `path`; None where there is none, or nothing in it yet. Raises CacheDamaged, FileProblem."""
    with file_problems(path):
        if not path.exists():
            return None
        log = log_file(path)
        size, log_size = path.stat().st_size, log.stat().st_size if log.exists() else 0
        if size < HEADERS_BYTES and not log_size:
            return None
        with path.open("rb") as file:
            header, holder = file.read(_MAIN_HEADER.size), _holder(file)
    with contextlib.suppress(struct.error, UnicodeDecodeError):
        magic, storage, flags, library = _MAIN_HEADER.unpack(header)
        if magic == _MAGIC and flags & _ENCRYPTED:
            return CacheFileInfo(size + log_size, storage, library.rstrip(b"\0").decode("ascii"), holder)
    raise CacheDamaged(path)


def cache_holder(path: Path) -> int | None:
    """`CacheFileInfo.holder` of a cache of which nothing else can be told. Raises FileProblem."""
    with file_problems(path), path.open("rb") as file:
        return _holder(file)


def _holder(file: BinaryIO) -> int | None:
    """Asks who would be in the way of a lock, without taking one."""
    question = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _whence, _start, _length, process = _LOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, question))
    # One in another container, or on another machine, has no number here.
    return None if kind == fcntl.F_UNLCK else max(process, 0)
