"""Removes the temporary files that a killed program left in its folders.

`private_files` holds a lock on each temporary file while it writes it. A file that nobody holds is left over.
"""

import contextlib
import fcntl
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from jiacha_tui.private_files import TEMPORARY_PREFIX, TEMPORARY_SUFFIX, file_problems, private_folder

SAVED_FOLDER: Final = "saved"
"""Where what was saved of an old cache is, in its folder."""

SAVING_SUFFIX: Final = ".saving"
"""The name of the folder beside it in which that is until the cache is moved, without the name of the old cache."""

READING_SUFFIX: Final = ".reading"
"""The name of the folder beside a cache in which it is tried, without the name of the cache."""

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Read and write, because a lock over NFS needs a file that is open for writing.
_FILE_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def remove_leftovers(folders: Iterable[Path]) -> int:
    """Removes the left-over files directly in `folders`, and returns how many.

    Follows no link, neither for a folder nor for a file. What cannot be read or removed is left as it is: this raises
    nothing, because a start does not depend on it.
    """
    removed = 0
    for folder in folders:
        with contextlib.suppress(OSError), _opened(folder, _FOLDER_FLAGS) as descriptor:
            names = [name for name in os.listdir(descriptor) if _is_temporary(name)]  # noqa: PTH208 - a descriptor, not a path
            removed += sum(_remove(descriptor, name) for name in names)
    return removed


@contextlib.contextmanager
def temporary_folder(folder: Path) -> Iterator[None]:
    """Makes a private `folder` that `remove_left_folder` leaves alone during the block, and removes it afterwards.

    It may be moved away during the block. Raises FileProblem.
    """
    with file_problems(folder):
        descriptor = os.open(private_folder(folder), _FOLDER_FLAGS)
    try:
        with contextlib.suppress(OSError):  # a file system without locks, which the opening of a cache refuses
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_left_folder(folder: Path) -> None:
    """Removes what a killed program has left of a `temporary_folder`. Raises nothing."""
    with contextlib.suppress(OSError), _opened(folder, _FOLDER_FLAGS) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)


def subfolders(folder: Path) -> list[Path]:
    """The folders directly in `folder`, without links; none if it cannot be read."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        return [Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def _is_temporary(name: str) -> bool:
    return name.startswith(TEMPORARY_PREFIX) and name.endswith(TEMPORARY_SUFFIX)


def _remove(folder: int, name: str) -> bool:
    """Whether it was removed: a file of this user that no program holds."""
    with contextlib.suppress(OSError), _opened(name, _FILE_FLAGS, folder) as descriptor:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Its writer may have finished and renamed it before the lock.
        if os.path.samestat(os.stat(name, dir_fd=folder, follow_symlinks=False), status):
            os.unlink(name, dir_fd=folder)
            return True
    return False


@contextlib.contextmanager
def _opened(path: Path | str, flags: int, folder: int | None = None) -> Iterator[int]:
    descriptor = os.open(path, flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
