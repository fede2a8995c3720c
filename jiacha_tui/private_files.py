"""Files for nobody but their owner: folders 0700, files 0600, written whole or not at all.

A file is written under a temporary name in its own folder, flushed to the disk and only then given its name, so
that no reader and no crash ever sees half of it. What the operating system refuses is raised as a `FileProblem`.
"""

import contextlib
import errno
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from jiacha_tui.declaration.problem import Problem
from jiacha_tui.os_errors import describe

_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_OTHERS = 0o077

# EFBIG: the file system or the account's limits hold no file that large, which calls for the same remedy.
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_ACCESS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
# What file systems without hard links (exFAT, many network shares) answer to link(2).
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})

# What a folder answers that cannot be flushed: the file system knows no such thing, or it may only be written to.
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.EACCES})


class FileProblem(Problem):
    """A file could not be read or written; `path` says which."""

    def __init__(self, code: str, what: str, hint: str, path: Path) -> None:
        super().__init__(code, what, hint)
        self.path = path


class FileExists(FileProblem):
    def __init__(self, path: Path) -> None:
        super().__init__("file.exists", f"文件已存在，没有覆盖：{path}", "请换一个文件夹或文件名", path)


class FileMissing(FileProblem):
    def __init__(self, path: Path) -> None:
        super().__init__("file.missing", f"文件或文件夹不存在：{path}", "请检查路径", path)


class DiskFull(FileProblem):
    def __init__(self, path: Path) -> None:
        super().__init__("file.disk-full", f"磁盘空间不足，没有写入：{path}", "请清理磁盘或换一个文件夹后再试", path)


class PermissionDenied(FileProblem):
    def __init__(self, path: Path) -> None:
        super().__init__("file.no-access", f"没有权限：{path}", "请检查文件和文件夹的权限，或换一个文件夹", path)


class FileOperationFailed(FileProblem):
    """Anything else that the operating system says."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__("file.failed", f"文件操作失败：{path}（{reason}）", "请检查路径和磁盘", path)


@contextlib.contextmanager
def file_problems(path: Path) -> Iterator[None]:
    """Raises an OSError of the block as the FileProblem that it means for `path`."""
    try:
        yield
    except FileExistsError as error:
        raise FileExists(path) from error
    except FileNotFoundError as error:
        raise FileMissing(path) from error
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise DiskFull(path) from error
        if error.errno in _NO_ACCESS:
            raise PermissionDenied(path) from error
        raise FileOperationFailed(path, describe(error)) from error


def private_folder(path: Path) -> Path:
    """Makes the folder, and each missing one above it, 0700, and tightens it if it was there; returns `path`.

    For folders of our own: a folder that the operator chose keeps the mode he gave it, so do not pass it here.
    """
    with file_problems(path):
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            # Path.mkdir(parents=True) would give the parents the default mode.
            folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        if not path.is_dir():
            raise FileOperationFailed(path, "不是文件夹")
        if stat.S_IMODE(path.stat().st_mode) != _FOLDER_MODE:
            path.chmod(_FOLDER_MODE)
    return path


def write_new(path: Path, data: bytes) -> None:
    """Writes a file that is not there yet, 0600. An existing one, even a dangling link, is left alone: FileExists.

    Of several writers at once one succeeds. Raises DiskFull, PermissionDenied, FileMissing (no such folder),
    FileOperationFailed.
    """
    _write(path, data, _place_new)


def replace_private(path: Path, data: bytes) -> None:
    """Writes a file, 0600, and replaces an existing one: a reader sees either the old or the new content, whole.

    Raises DiskFull, PermissionDenied, FileMissing (no such folder), FileOperationFailed; the old file stays unchanged.
    """
    _write(path, data, _place_over)


def read_private(path: Path) -> bytes:
    """The bytes of a file of ours. If others could read it (restored by a copy), its mode is tightened to 0600 first.

    Raises FileMissing, PermissionDenied, FileOperationFailed (also for what is not a regular file).
    """
    with file_problems(path), io.FileIO(path, opener=_open_without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise FileOperationFailed(path, "不是普通文件")
        if status.st_mode & _OTHERS and status.st_uid == os.geteuid():
            os.fchmod(file.fileno(), _FILE_MODE)
        return file.readall()


def _open_without_waiting(path: str, flags: int) -> int:
    """A named pipe would otherwise keep us waiting for a writer."""
    return os.open(path, flags | os.O_NONBLOCK)


def _write(path: Path, data: bytes, place: Callable[[Path, Path], None]) -> None:
    with file_problems(path):
        # A short name of its own: the file's name may already be as long as the file system allows.
        descriptor, name = tempfile.mkstemp(prefix=".jiacha-", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, _FILE_MODE)
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            place(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)


def _place_over(temporary: Path, path: Path) -> None:
    temporary.replace(path)


def _place_new(temporary: Path, path: Path) -> None:
    """Gives the file its name unless the name is taken: link(2) does not overwrite, rename(2) would."""
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _claim_and_replace(temporary, path)


def _claim_and_replace(temporary: Path, path: Path) -> None:
    """Where there are no hard links: the name is claimed with an empty file, which is ours to replace."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE))
    try:
        temporary.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """A new name survives a power cut only once its folder is on the disk."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
