"""Whether a folder can hold a cache: its file system must have file locks.

Without them two programs could open one cache. NFS without its lock service and some SMB mounts have none. DuckDB
reports that almost as it reports a file that another program has open, so it is found out first, with a new file that
no other program can have locked.
"""

import errno
import fcntl
import os
import struct
import tempfile
from pathlib import Path
from typing import BinaryIO, Final

from db.problems import LocksUnsupported
from jiacha_tui.private_files import file_problems

_UNSUPPORTED: Final = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL})
_LOCK: Final = struct.Struct("@hhqqi")
"""`struct flock` of 64-bit Linux: type, whence, start, length, process."""

_MOUNTS: Final = Path("/proc/self/mountinfo")


def check_locks(folder: Path) -> None:
    """Takes a lock on a temporary file in `folder`. Raises LocksUnsupported and FileProblem."""
    with file_problems(folder), tempfile.TemporaryFile(dir=folder) as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            raise LocksUnsupported(folder, file_system(folder)) from None


def lock_holder(file: BinaryIO) -> int | None:
    """The process that has locked `file`, 0 if it has no number here, None if there is none. Takes no lock."""
    request = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _whence, _start, _length, process = _LOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, request))
    # A process in another container, or on another machine, has no number here.
    return None if kind == fcntl.F_UNLCK else max(process, 0)


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str:
    """The type of the file system of `folder` (`ext4`, `nfs4`, `cifs`), "" where the system does not tell it.

    `mounts` has the form of `mountinfo` in proc(5).
    """
    found, longest = "", -1
    try:
        place = folder.resolve()
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    for line in lines:
        before, _separator, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:  # noqa: PLR2004 - the fifth field is the mount point
            continue
        mount_point = Path(_unescape(fields[4]))
        # Of several mounts at one point the last one is visible.
        if place.is_relative_to(mount_point) and len(mount_point.parts) >= longest:
            found, longest = after.split(" ")[0], len(mount_point.parts)
    return found


def _unescape(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text
