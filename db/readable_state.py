"""Finds what can be opened of a damaged cache: with its log, with the log up to the damage, or with repaired headers.

The cache is not changed. What is tried beside it lies in a folder of its own, which is removed afterwards.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.engine import HEADERS_BYTES, log_file
from db.log_frames import read_log_frames
from db.table_reader import TableReader
from db.table_reader_worker import TableInfo
from jiacha_tui.leftover_files import READING_SUFFIX, temporary_folder
from jiacha_tui.private_files import file_problems

_HEADER_BYTES: Final = 4096
"""A main header and two database headers of this size, of which DuckDB writes one in turn, begin a file."""


@dataclass(frozen=True, slots=True)
class ReadableState:
    """A state of the cache that `reader` has open.

    `log_bytes` is how much of the log it contains; all of it if `is_newest`. `is_repaired` tells that a header of the
    file had to be replaced, so that the file itself cannot be opened.
    """

    reader: TableReader
    tables: tuple[TableInfo, ...]
    log_bytes: int
    is_newest: bool
    is_repaired: bool = False

    def table(self, name: str) -> TableInfo | None:
        """The table of this name, None if there is none."""
        return next((table for table in self.tables if table.name == name), None)


@contextlib.contextmanager
def readable_state(reader: TableReader, path: Path) -> Iterator[ReadableState | None]:
    """The newest state of the cache at `path` that can be opened, None if there is none. Raises FileProblem."""
    with contextlib.ExitStack() as stack:
        yield _find(reader, path, stack)


def _find(reader: TableReader, path: Path, stack: contextlib.ExitStack) -> ReadableState | None:
    log = log_file(path)
    frames = read_log_frames(log)
    with file_problems(path):
        log_bytes = log.stat().st_size if log.exists() else 0
    if not frames.is_damaged and (tables := reader.open(path)) is not None:
        return ReadableState(reader, tables, log_bytes, is_newest=True)
    folder = path.with_name(f"{path.name}{READING_SUFFIX}")
    shutil.rmtree(folder, ignore_errors=True)
    stack.enter_context(temporary_folder(folder))
    copy = folder / path.name
    with file_problems(path):
        if log_bytes:
            _link(path, copy)
            if state := _with_log(reader, copy, log, frames.ends, log_bytes):
                return state
            copy.unlink()
        for kept in (1, 2):
            _copy_with_header(path, copy, kept)
            for log_used in (log_bytes, 0) if log_bytes else (0,):
                _write_log(copy, log, log_used)
                state = _repaired(reader.open(copy), reader, log_used, log_bytes)
                if state is not None:
                    return state
    return None


def _repaired(
    tables: tuple[TableInfo, ...] | None, reader: TableReader, log_used: int, log_bytes: int
) -> ReadableState | None:
    """The state of a file whose headers are both the same one. None if it has no tables, as before a checkpoint.

    The other header may have been of a newer checkpoint. Only a log that can be replayed shows that it was not.
    """
    if not tables:
        return None
    return ReadableState(reader, tables, log_used, is_newest=0 < log_bytes == log_used, is_repaired=True)


def _with_log(
    reader: TableReader, copy: Path, log: Path, ends: tuple[int, ...], log_bytes: int
) -> ReadableState | None:
    """The state with the longest beginning of the log that can be replayed; None if not even the file can be opened."""
    _write_log(copy, log, 0)
    tables = reader.open(copy)
    if tables is None:
        return None
    used, choices = 0, list(ends)
    while choices:
        middle = len(choices) // 2
        _write_log(copy, log, choices[middle])
        found = reader.open(copy)
        if found is None:
            choices = choices[:middle]
        else:
            tables, used, choices = found, choices[middle], choices[middle + 1 :]
    _write_log(copy, log, used)
    tables = reader.open(copy) or tables
    return ReadableState(reader, tables, used, is_newest=used == log_bytes)


def _link(path: Path, copy: Path) -> None:
    """The same file under another name, so that no log is beside it; a copy where there are no hard links."""
    try:
        copy.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, copy)


def _copy_with_header(path: Path, copy: Path, kept: int) -> None:
    """A copy in which the database header `kept` (1 or 2) stands in both places."""
    shutil.copyfile(path, copy)
    with copy.open("r+b") as file:
        file.seek(kept * _HEADER_BYTES)
        header = file.read(_HEADER_BYTES)
        file.seek(_HEADER_BYTES)
        file.write((header * 2)[: HEADERS_BYTES - _HEADER_BYTES])


def _write_log(copy: Path, log: Path, size: int) -> None:
    """Gives `copy` the first `size` bytes of `log`."""
    target = log_file(copy)
    if size == 0:
        target.unlink(missing_ok=True)
        return
    with log.open("rb") as source, target.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(source.read(size))
