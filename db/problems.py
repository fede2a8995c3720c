"""The problems of the cache and of its key file, and which error of the engine means which problem.

| class | code | raised when |
|---|---|---|
| CacheProblem | (its subclasses) | any of the following |
| CacheBusy | cache.busy | another program, or another part of this one, has the cache open |
| LocksUnsupported | cache.no-locks | the file system of the folder has no file locks |
| CacheKeyWrong | cache.key-wrong | the key does not decrypt the cache file |
| CacheTooNew | cache.too-new | a newer version of this program or of DuckDB wrote the cache file |
| CacheDamaged | cache.damaged | the cache file or its log is not what DuckDB wrote, or is not encrypted |
| CacheGone | cache.gone | there is a key file, and no cache file or one without content |
| CacheCutOff | cache.cut-off | a CacheDamaged: the file does not end with a whole block |
| CacheLogDamaged | cache.log-damaged | a CacheDamaged: the log of the cache file cannot be replayed |
| CacheNotOpened | cache.not-opened | DuckDB refuses the cache file for any other reason |
| EngineIncomplete | cache.engine-incomplete | DuckDB's encryption is missing or does not fit the installed DuckDB |
| CacheStopped | cache.stopped | DuckDB met an error after which it accepts no statements |
| CacheClosed | cache.closed | the cache is used after it was closed |
| CacheMemoryShort | cache.memory-short | a query needs more memory than the engine may use |
| QueryInterrupted | cache.interrupted | another thread interrupts the statement |
| EngineFailed | cache.engine-failed | DuckDB refuses a statement for any other reason |
| KeyFileMissing | key.lost | there is a cache but no key file |
| KeyFileDamaged | key.damaged | the key file cannot be read |
| KeyFileTooNew | key.too-new | a newer version of this program wrote the key file |
| KeyFileForOtherCard | key.other-card | the key file names another card |
| KeyFileForOtherPin | key.other-pin | a key file of version 1 is encrypted with another PIN |
| KeyFileForged | key.forged | the card that logs in has not signed the key file |
| KeyFileUnsigned | key.unsigned | a key file of version 1 that anybody could have written: the card has not signed it |
| KeyUnwrapFailed | key.not-unsealed | the card does not give the secret of the key file, or the file was changed |
| KeyMemoryShort | key.memory-short | there is not enough memory to derive the secret of the key file |
| TableReaderNotStarted | cache.reader-not-started | the process that reads damaged caches cannot be started |
| StateFileInvalid | state.invalid | the state file is not what this program wrote with the key of the cache |

FilterError (filter.unreadable) is in `db.filter`, Superseded (result.superseded) in `db.results`.

DuckDB has no error codes. Its class and message are all there is, so every message that this program relies on is in
`_MEANINGS`, and for each a test provokes the real error. No other error of the engine leaves `db` either:
`cache_problems` makes a problem of each, without its message, which may quote data.
"""

import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import duckdb

from jiacha_tui.declaration.problem import Problem
from jiacha_tui.os_errors import describe
from jiacha_tui.private_files import DiskFull, FileOperationFailed, PermissionDenied

TO_NEW_CACHE = "可在登录画面「另建缓存」：旧的移到一旁保留，建好后从口岸重新同步"
"""The hint for a cache that cannot be opened any more. A sync brings back everything that the port knows."""


class CacheProblem(Problem):
    """Base class: the cache cannot be opened or used."""


class CacheBusy(CacheProblem):
    """Another program, or another part of this one, has the cache open. `pid` is its process, None if unknown."""

    def __init__(self, pid: int | None) -> None:
        holder = "另一个程序" if pid is None else "本程序" if pid == os.getpid() else f"另一个程序（进程号 {pid}）"
        super().__init__("cache.busy", f"本机缓存正被{holder}使用", "请先退出那个程序，再登录")
        self.pid = pid


class LocksUnsupported(CacheProblem):
    """The file system of `folder` has no file locks, so nothing would keep a second program from opening the cache.

    `file_system` is its type, "" if it is not known.
    """

    def __init__(self, folder: Path, file_system: str) -> None:
        kind = f"（{file_system}）" if file_system else ""
        super().__init__(
            "cache.no-locks",
            f"此文件夹所在的文件系统{kind}不支持锁，不能存放缓存：{folder}",
            "请用 --home 或环境变量 JIACHA_HOME 换成本机磁盘上的文件夹；网络共享也可由管理员启用锁服务",
        )
        self.folder = folder
        self.file_system = file_system


class CacheKeyWrong(CacheProblem):
    """The key does not decrypt the cache file."""

    def __init__(self) -> None:
        super().__init__(
            "cache.key-wrong",
            "密钥打不开本机缓存：缓存文件或密钥文件被换过",
            f"有备份的，请把整个缓存文件夹一起放回；没有的话，{TO_NEW_CACHE}",
        )


class CacheTooNew(CacheProblem):
    """A newer version of this program or of DuckDB wrote the cache file."""

    def __init__(self) -> None:
        super().__init__("cache.too-new", "本机缓存由更新版本的程序建立", "请升级本程序")


class CacheDamaged(CacheProblem):
    """The file at `path`, or its log, is not what DuckDB wrote, or is not encrypted."""

    def __init__(self, path: Path) -> None:
        super().__init__("cache.damaged", f"本机缓存已损坏：{path}", TO_NEW_CACHE)
        self.path = path


class CacheGone(CacheProblem):
    """There is a key file, but the cache file at `path` is missing or has no content. A login creates a new one."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "cache.gone",
            f"有密钥文件，但缓存文件不见了或是空的：{path}",
            "可以登录：登录时建立空的，并说明缺了什么",
        )


class CacheCutOff(CacheDamaged):
    """The file at `path` does not end with a whole block: it was cut off, or a program was killed while writing."""

    def __init__(self, path: Path) -> None:
        Problem.__init__(
            self,
            "cache.cut-off",
            f"本机缓存的末尾不完整，可能被截断：{path}",
            "请运行 jiacha doctor --deep 读一遍；读不全的，登录后另建缓存，还能读的先存下来",
        )
        self.path = path


class CacheLogDamaged(CacheDamaged):
    """The log of the cache file at `path` cannot be replayed: it is damaged, or what it changes in the file is."""

    def __init__(self, path: Path) -> None:
        Problem.__init__(
            self,
            "cache.log-damaged",
            f"本机缓存的日志（最近的改动）已损坏：{path.name}.wal",
            "可打开日志损坏以前的状态，或另建缓存；原来的都移到一旁保留",
        )
        self.path = path


class CacheStopped(CacheProblem):
    """DuckDB met an error after which it accepts no statements. Everything that was committed is on the disk."""

    def __init__(self) -> None:
        super().__init__(
            "cache.stopped", "本机缓存出错，已停止工作", "已保存的数据还在，请重新登录；仍然如此，可另建缓存"
        )


class CacheClosed(CacheProblem):
    """The cache is used after it was closed."""

    def __init__(self) -> None:
        super().__init__("cache.closed", "本机缓存已关闭", "请重新登录")


class CacheMemoryShort(CacheProblem):
    """A query needs more memory than `EngineLimits` allow. The cache stays usable."""

    def __init__(self) -> None:
        super().__init__("cache.memory-short", "内存不够完成这次查询", "请缩小筛选范围后再试")


class QueryInterrupted(CacheProblem):
    """Another thread interrupted the statement. The cache stays usable."""

    def __init__(self) -> None:
        super().__init__("cache.interrupted", "这次查询已停止", "可以再试")


class EngineFailed(CacheProblem):
    """DuckDB refuses a statement for a reason that this program does not know. Nothing of the action was written.

    `error` is the class of DuckDB's error.
    """

    def __init__(self, error: str) -> None:
        super().__init__(
            "cache.engine-failed",
            f"本机缓存没有完成这次操作（{error}），已有的数据没有改变",
            "可以再试；仍然如此，请按 F10 退出后重新登录",
        )


class EngineIncomplete(CacheProblem):
    """The part of DuckDB that encrypts is missing or does not fit the installed DuckDB. No file was touched."""

    def __init__(self) -> None:
        super().__init__("cache.engine-incomplete", "缺少缓存加密组件，没有打开缓存", "请重新安装本程序")


class CacheNotOpened(CacheProblem):
    """DuckDB refuses the file for a reason that this program does not know. `error` is the class of DuckDB's error."""

    def __init__(self, error: str) -> None:
        super().__init__("cache.not-opened", f"本机缓存打不开（{error}）", "请检查磁盘和文件夹的权限")


class KeyFileMissing(CacheProblem):
    """There is a cache but no key file, so nobody can open the cache."""

    def __init__(self) -> None:
        super().__init__("key.lost", "本机缓存的密钥文件不见了，缓存无法打开", TO_NEW_CACHE)


class KeyFileDamaged(CacheProblem):
    """The key file is not one that this program writes."""

    def __init__(self) -> None:
        super().__init__("key.damaged", "本机缓存的密钥文件已损坏", TO_NEW_CACHE)


class KeyMemoryShort(CacheProblem):
    """There is not enough memory to derive the secret of the key file. Nothing was tried."""

    def __init__(self) -> None:
        super().__init__(
            "key.memory-short",
            "内存不够，算不出本机缓存的密钥",
            "请关掉别的程序后再登录，或请管理员放宽内存限制（ulimit -v），需要约 300 MiB",
        )


class TableReaderNotStarted(CacheProblem):
    """The process that reads damaged caches cannot be started, so nothing is known of the cache. `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "cache.reader-not-started",
            f"不能启动读缓存的程序（{reason}），缓存没有改动",
            "请关掉别的程序后再试；仍然如此，请重新安装本程序",
        )


class KeyFileTooNew(CacheProblem):
    """A newer version of this program wrote the key file."""

    def __init__(self) -> None:
        super().__init__("key.too-new", "本机缓存的密钥文件由更新版本的程序建立", "请升级本程序")


class KeyFileForOtherCard(CacheProblem):
    """The key file names another card, the one with `card_number`."""

    def __init__(self, card_number: str) -> None:
        super().__init__(
            "key.other-card", f"本机缓存属于卡 {card_number}", f"请插入那张卡；要用现在这张卡的，{TO_NEW_CACHE}"
        )
        self.card_number = card_number


class KeyUnwrapFailed(CacheProblem):
    """The card's key pair is not the one for which the cache's key was encrypted, or the key file was changed."""

    def __init__(self) -> None:
        super().__init__(
            "key.not-unsealed",
            "这张卡打不开本机缓存：建立缓存以后，卡的密钥换过，或密钥文件被改动过",
            TO_NEW_CACHE,
        )


class KeyFileForged(CacheProblem):
    """The signature in the key file is not that of the card that logs in.

    Somebody else has written or changed the file, or the card has got a new key pair since.
    """

    def __init__(self) -> None:
        super().__init__(
            "key.forged",
            "本机缓存的密钥文件没有这张卡的签名，可能被人换过或改动过，没有打开",
            f"有自己备份的缓存文件夹可以放回；没有的话，{TO_NEW_CACHE}",
        )


class KeyFileUnsigned(CacheProblem):
    """The key file is or was of version 1. Whoever has the certificate, or has found the PIN, can write one."""

    def __init__(self) -> None:
        super().__init__(
            "key.unsigned",
            "本机缓存的密钥文件是旧版本的，没有卡的签名，无法确认是谁写的",
            "刚升级过本程序的，请在登录画面确认；不是的，可能被人换过，请另建缓存",
        )


class KeyFileForOtherPin(CacheProblem):
    """The cache's key is encrypted with another PIN: the one that the card had before its PIN was changed.

    Only key files of version 1 depend on a PIN.
    """

    def __init__(self) -> None:
        super().__init__("key.other-pin", "卡的密码换过，本机缓存还由更换前的密码保护", "请输入更换前的密码")


class StateFileInvalid(CacheProblem):
    """The state file was changed, or was written with another key, or by a newer version of this program."""

    def __init__(self) -> None:
        super().__init__("state.invalid", "本机缓存的状态文件不可信", "登录时会重新写")


def _busy(_path: Path, text: str) -> CacheBusy:
    holder = re.search(r"\(PID (\d+)\)", text)
    # A process on another machine has no number here.
    return CacheBusy((int(holder[1]) or None) if holder else None)


_READ_WRITE_ERROR: Final = describe(OSError(errno.EIO, ""))

_MEANINGS: tuple[tuple[re.Pattern[str], Callable[[Path, str], Problem]], ...] = (
    (
        re.compile(r"No space left on device|Disk quota exceeded|File too large|max_temp_directory_size"),
        lambda path, _text: DiskFull(path),
    ),
    (re.compile(r"Could not set lock on file"), _busy),
    (re.compile(r"Read-only file system|Permission denied"), lambda path, _text: PermissionDenied(path)),
    (re.compile(r"Input/output error"), lambda path, _text: FileOperationFailed(path, _READ_WRITE_ERROR)),
    (re.compile(r"Unique file handle conflict"), lambda _path, _text: CacheBusy(os.getpid())),
    (re.compile(r"Failure while replaying WAL"), lambda path, _text: CacheLogDamaged(path)),
    (re.compile(r"Wrong encryption key"), lambda _path, _text: CacheKeyWrong()),
    (re.compile(r"newer version of DuckDB|higher storage version"), lambda _path, _text: CacheTooNew()),
    (
        re.compile(
            r"not a valid DuckDB database file|Corrupt database file|Could not read enough bytes"
            r"|AES tag differs|is not encrypted|Serialization Error"
        ),
        lambda path, _text: CacheDamaged(path),
    ),
    (re.compile(r"^Out of Memory Error"), lambda _path, _text: CacheMemoryShort()),
    (re.compile(r"^INTERRUPT Error"), lambda _path, _text: QueryInterrupted()),
    (re.compile(r"^(FATAL|INTERNAL|Connection) Error"), lambda _path, _text: CacheStopped()),
)
"""Patterns of DuckDB's messages and what each means. The first match counts, because a message may quote another."""


ENGINE_ERRORS: Final = (duckdb.Error, RuntimeError, MemoryError)
"""What DuckDB raises. Its binding has no class of its own for a value that it cannot convert, or for lack of memory."""


def problem_of(error: Exception, path: Path) -> Problem | None:
    """The problem that `error` means for the cache at `path`, or None if it is not one that this program knows."""
    if isinstance(error, MemoryError):
        return CacheMemoryShort()
    text = str(error)
    for pattern, meaning in _MEANINGS:
        if pattern.search(text):
            return meaning(path, text)
    return None


@contextlib.contextmanager
def cache_problems(path: Path) -> Iterator[None]:
    """Turns every error of DuckDB in the block into a problem of the cache at `path`. Other errors pass unchanged."""
    try:
        yield
    except ENGINE_ERRORS as error:
        raise (problem_of(error, path) or EngineFailed(type(error).__name__)) from error
