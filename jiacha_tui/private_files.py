"""Files that only their owner can read: folders have mode 0700, files 0600. A file is written whole or not at all.

A file is written under a temporary name in its folder, flushed to the disk, and only then renamed, so that neither a
reader nor a crash ever leaves half a file. Errors of the operating system are raised as a `FileProblem`:

| class | code | raised when |
|---|---|---|
| FileProblem | (its subclasses) | base class of the others; `path` is the file or folder |
| FileExists | file.exists | a new file has the name of an existing one |
| FileMissing | file.missing | a file or its folder does not exist |
| DiskFull | file.disk-full | disk or quota are full, or the file is larger than the system allows |
| PermissionDenied | file.no-access | the user lacks permission, or the file system is read-only |
| FileTooLarge | file.too-large | a file that is read as a whole is larger than such a file can be |
| FileOperationFailed | file.failed | any other error, or a path of the wrong kind |

What is read has to be a regular file: a named pipe would stall the program for ever, and a device never ends.
"""

import contextlib
import errno
import fcntl
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from jiacha_tui.declaration.problem import Problem
from jiacha_tui.os_errors import describe

_KIB, _MIB = 1024, 1024 * 1024

MAX_SMALL_FILE = _MIB
"""The largest size, in bytes, of keys, certificates and other files that are read as a whole."""

TEMPORARY_PREFIX = ".jiacha-"
TEMPORARY_SUFFIX = ".tmp"

_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_OTHERS = 0o077

# EFBIG: the file is larger than the file system or the user's limit allows. The advice is the same.
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_ACCESS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
# The errors of link(2) on file systems without hard links (exFAT, many network shares).
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})

# The errors of a folder that cannot be flushed: the file system does not support it, or the folder cannot be read.
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.EOPNOTSUPP, errno.EACCES})


class FileProblem(Problem):
    """The file or folder `path` cannot be used. `reason` is what the message says of it, in a few words."""

    def __init__(self, code: str, message: str, hint: str, path: Path, reason: str) -> None:
        super().__init__(code, message, hint)
        self.path = path
        self.reason = reason


class FileExists(FileProblem):
    """A new file has the name of an existing one, which was not overwritten."""

    def __init__(self, path: Path) -> None:
        super().__init__("file.exists", f"文件已存在，没有覆盖：{path}", "请换一个文件夹或文件名", path, "已存在")


class FileMissing(FileProblem):
    """The file or its folder does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__("file.missing", f"文件或文件夹不存在：{path}", "请检查路径", path, "不存在")


class DiskFull(FileProblem):
    """Disk or quota are full, or the file is larger than the system allows."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "file.disk-full", f"磁盘空间不足，没有写入：{path}", "请清理磁盘或换一个文件夹后再试", path, "磁盘空间不足"
        )


class PermissionDenied(FileProblem):
    """The user lacks permission, or the file system is read-only."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "file.no-access", f"没有权限：{path}", "请检查文件和文件夹的权限，或换一个文件夹", path, "没有权限"
        )


class FileTooLarge(FileProblem):
    """The file is larger than `max_bytes`."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        limit = f"{max_bytes // _MIB} MiB" if max_bytes >= _MIB else f"{max_bytes // _KIB} KiB"
        super().__init__(
            "file.too-large", f"文件太大，超过 {limit}：{path}", "请检查是不是拿错了文件", path, f"超过 {limit}"
        )


class FileOperationFailed(FileProblem):
    """Any other error of the operating system, or a path of the wrong kind."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__("file.failed", f"文件操作失败：{path}（{reason}）", "请检查路径和磁盘", path, reason)


@contextlib.contextmanager
def file_problems(path: Path) -> Iterator[None]:
    """Raises the FileProblem for `path` that corresponds to an OSError of the block."""
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


def path_exists(path: Path) -> bool:
    """Whether there is something at `path`. Raises FileProblem if that cannot be found out."""
    with file_problems(path):
        try:
            path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
    return True


def private_folder(path: Path) -> Path:
    """Creates the folder and its missing parents with mode 0700, or sets that mode on an existing one. Returns `path`.

    Only for folders of the program: an existing folder that the operator chose must keep its mode. Raises
    DiskFull, PermissionDenied and FileOperationFailed.
    """
    with file_problems(path):
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            # Path.mkdir(parents=True) would create the parents with the default mode.
            folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        if not path.is_dir():
            raise FileOperationFailed(path, "不是文件夹")
        if stat.S_IMODE(path.stat().st_mode) != _FOLDER_MODE:
            path.chmod(_FOLDER_MODE)
    return path


def write_new(path: Path, data: bytes) -> None:
    """Writes a new file with mode 0600. An existing one, even a dangling link, raises FileExists and stays unchanged.

    Of several writers at the same time, one succeeds. Raises DiskFull, PermissionDenied, FileMissing (no such folder),
    FileOperationFailed.
    """
    _write(path, data, _rename_new)


def replace_private(path: Path, data: bytes) -> None:
    """Writes a file with mode 0600 and replaces an existing one: a reader sees either the old or the new content.

    Raises DiskFull, PermissionDenied, FileMissing (no such folder), FileOperationFailed; the old file stays unchanged.
    """
    _write(path, data, _rename_over)


def replace_and_destroy(path: Path, data: bytes) -> None:
    """As `replace_private`, and overwrites what the old file held, so that the disk does not keep it either.

    As far as the file system allows: a copy-on-write file system, the drive itself or a backup may keep it. Raises as
    `replace_private`, and FileMissing if there is no old file.
    """
    with file_problems(path):
        old = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        replace_private(path, data)
        with contextlib.suppress(OSError):
            os.pwrite(old, bytes(os.fstat(old).st_size), 0)
            os.fsync(old)
    finally:
        os.close(old)


def read_private(path: Path) -> bytes:
    """The content of a small file of the program. Sets its mode to 0600 first, if a copy or a backup made it readable.

    Raises FileMissing, PermissionDenied, FileTooLarge, FileOperationFailed (also for what is not a regular file).
    """
    with file_problems(path), open_regular(path) as file:
        status = os.fstat(file.fileno())
        if status.st_mode & _OTHERS and status.st_uid == os.geteuid():
            os.fchmod(file.fileno(), _FILE_MODE)
        return _read_all(file, path, MAX_SMALL_FILE)


def read_whole(path: Path, max_bytes: int = MAX_SMALL_FILE) -> bytes:
    """The content of a file of the operator, whose mode stays as it is.

    Raises FileMissing, PermissionDenied, FileTooLarge, FileOperationFailed (also for what is not a regular file).
    """
    with file_problems(path), open_regular(path) as file:
        return _read_all(file, path, max_bytes)


def read_limited(path: Path, max_bytes: int) -> bytes:
    """The first `max_bytes` bytes of a file of the operator, whose mode stays as it is.

    Raises FileMissing, PermissionDenied, FileOperationFailed (also for what is not a regular file).
    """
    with file_problems(path), open_regular(path) as file:
        return file.read(max_bytes)


def open_regular(path: Path) -> io.BufferedReader:
    """Opens a file to read it. Links are followed: operators keep files elsewhere. Never waits.

    Raises FileMissing, PermissionDenied, FileOperationFailed (also for what is not a regular file).
    """
    with file_problems(path):
        file = io.FileIO(path, opener=_open_nonblocking)
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise FileOperationFailed(path, "不是普通文件")
        return io.BufferedReader(file)


def check_regular(path: Path) -> None:
    """For a file that another library opens: raises FileOperationFailed if there is something else at `path`."""
    with file_problems(path):
        if path.exists() and not path.is_file():
            raise FileOperationFailed(path, "不是普通文件")


def check_private(path: Path) -> None:
    """For a private file that another library opens: `check_regular`, and sets mode 0600 if a copy made it readable."""
    check_regular(path)
    with file_problems(path), contextlib.suppress(FileNotFoundError):
        status = path.stat()
        if status.st_mode & _OTHERS and status.st_uid == os.geteuid():
            path.chmod(_FILE_MODE)


def _read_all(file: io.BufferedReader, path: Path, max_bytes: int) -> bytes:
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise FileTooLarge(path, max_bytes)
    return data


def _open_nonblocking(path: str, flags: int) -> int:
    """To open a named pipe would otherwise wait for a writer."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def _write(path: Path, data: bytes, rename: Callable[[Path, Path], None]) -> None:
    with file_problems(path):
        with _temporary_file(path.parent) as (descriptor, temporary):
            with os.fdopen(descriptor, "wb", closefd=False) as file:
                os.fchmod(descriptor, _FILE_MODE)
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            rename(temporary, path)
        sync_folder(path.parent)


@contextlib.contextmanager
def _temporary_file(folder: Path) -> Iterator[tuple[int, Path]]:
    """A new file in `folder`, which is removed after the block unless it was renamed.

    It is locked until then, so that another program knows that it is not left over (`leftover_files`).
    """
    descriptor, temporary = _new_locked_file(folder)
    try:
        yield descriptor, temporary
    finally:
        try:
            temporary.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def _new_locked_file(folder: Path) -> tuple[int, Path]:
    while True:
        # A short temporary name, because the name of the file may already have the maximum length.
        descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, suffix=TEMPORARY_SUFFIX, dir=folder)
        if _lock(descriptor):
            return descriptor, Path(name)
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """False if another program has just removed the file as left over, before this one could lock it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        pass  # a file system without locks: `leftover_files` cannot lock the file either, and leaves it
    return os.fstat(descriptor).st_nlink > 0


def _rename_over(temporary: Path, path: Path) -> None:
    temporary.replace(path)


def _rename_new(temporary: Path, path: Path) -> None:
    """Renames the file unless the name is taken. link(2) does not overwrite an existing file, but rename(2) would."""
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _claim_and_replace(temporary, path)


def _claim_and_replace(temporary: Path, path: Path) -> None:
    """The same without hard links: creates an empty file with the name, and replaces it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE))
    try:
        temporary.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Flushes the folder: only then does the new name survive a power cut."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
