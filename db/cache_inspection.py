"""What a cache file shows without its key: size, format, and whether a program has it open."""

import contextlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.engine import BLOCK_BYTES, HEADERS_BYTES, log_file
from db.file_locks import lock_holder
from db.log_frames import read_log_frames
from db.problems import CacheCutOff, CacheDamaged, CacheLogDamaged
from jiacha_tui.private_files import check_regular, file_problems, open_regular

_MAIN_HEADER: Final = struct.Struct("<8x4sQQ24x32s")
"""DuckDB's main header: checksum, magic, storage version, four words of flags, version of the library."""

_MAGIC: Final = b"DUCK"
_ENCRYPTED: Final = 1


@dataclass(frozen=True, slots=True)
class CacheFileInfo:
    """`size` counts the bytes of file and log. `format` is DuckDB's storage version, `library` the version of DuckDB.

    `holder` is the process that has the file open: 0 if its number is not known here, None if there is no such process.
    """

    size: int
    format: int
    library: str
    holder: int | None


def inspect_cache_file(path: Path) -> CacheFileInfo | None:
    """The cache file at `path`, None if it is missing or still empty.

    Raises CacheDamaged, CacheCutOff, CacheLogDamaged and FileProblem. A file that a program has open may end anywhere.
    """
    with file_problems(path):
        if not path.exists():
            return None
        check_regular(path)
        log = log_file(path)
        size, log_size = path.stat().st_size, log.stat().st_size if log.exists() else 0
        if size < HEADERS_BYTES and not log_size:
            return None
        with open_regular(path) as file:
            header, holder = file.read(_MAIN_HEADER.size), lock_holder(file)
    with contextlib.suppress(struct.error, UnicodeDecodeError):
        magic, storage, flags, library = _MAIN_HEADER.unpack(header)
        if magic == _MAGIC and flags & _ENCRYPTED:
            if holder is None:
                _check_end(path, size)
            return CacheFileInfo(size + log_size, storage, library.rstrip(b"\0").decode("ascii"), holder)
    raise CacheDamaged(path)


def _check_end(path: Path, size: int) -> None:
    if (size - HEADERS_BYTES) % BLOCK_BYTES:
        raise CacheCutOff(path)
    if read_log_frames(log_file(path)).is_damaged:
        raise CacheLogDamaged(path)


def cache_holder(path: Path) -> int | None:
    """`CacheFileInfo.holder` of any file, also of a damaged one. Raises FileProblem."""
    with file_problems(path), open_regular(path) as file:
        return lock_holder(file)
