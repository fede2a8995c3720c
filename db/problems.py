"""What can go wrong with the cache, and how the engine's errors tell which it was.

DuckDB has no error codes: its class and message are all there is, so every message that is relied on stands here and
is held by a test that provokes the real one.
"""

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from jiacha_tui.declaration.problem import Problem
from jiacha_tui.private_files import DiskFull

TO_NEW_CACHE = "可在登录时另建缓存，旧的移到一旁保留，再重新同步"
"""What helps where nobody can open a cache: all that the port knows comes back with a sync."""


class CacheProblem(Problem):
    """The cache cannot be opened or used."""


class CacheBusy(CacheProblem):
    """Another program, or another part of this one, has the cache open; `pid` is its process where that is known."""

    def __init__(self, pid: int | None) -> None:
        holder = "另一个程序" if pid is None else "本程序" if pid == os.getpid() else f"另一个程序（进程号 {pid}）"
        super().__init__("cache.busy", f"本机缓存正被{holder}使用", "请先退出那个程序，再登录")
        self.pid = pid


class CacheKeyWrong(CacheProblem):
    def __init__(self) -> None:
        super().__init__("cache.key-wrong", "密钥打不开本机缓存", "请确认插入的是建立缓存时所用的卡")


class CacheTooNew(CacheProblem):
    def __init__(self) -> None:
        super().__init__("cache.too-new", "本机缓存由更新版本的程序建立", "请升级本程序")


class CacheDamaged(CacheProblem):
    def __init__(self, path: Path) -> None:
        super().__init__("cache.damaged", f"本机缓存已损坏：{path}", TO_NEW_CACHE)
        self.path = path


class CacheStopped(CacheProblem):
    """The engine met something after which it takes no more statements; what was acknowledged is on the disk."""

    def __init__(self) -> None:
        super().__init__("cache.stopped", "本机缓存出错，已停止工作", "已保存的数据还在，请重新登录")


class CacheClosed(CacheProblem):
    def __init__(self) -> None:
        super().__init__("cache.closed", "本机缓存已关闭", "请重新登录")


class CacheMemoryShort(CacheProblem):
    def __init__(self) -> None:
        super().__init__("cache.memory-short", "内存不够完成这次查询", "请缩小筛选范围后再试")


class EngineIncomplete(CacheProblem):
    """The part of DuckDB that encrypts is missing or does not fit the DuckDB that is installed."""

    def __init__(self) -> None:
        super().__init__("cache.engine-incomplete", "缺少缓存加密组件，没有打开缓存", "请重新安装本程序")


class CacheNotOpened(CacheProblem):
    """DuckDB refused the file for a reason that this program does not know; `error` is the class of its error."""

    def __init__(self, error: str) -> None:
        super().__init__("cache.not-opened", f"本机缓存打不开（{error}）", "请检查磁盘和文件夹的权限")


def _busy(_path: Path, text: str) -> CacheBusy:
    holder = re.search(r"\(PID (\d+)\)", text)
    return CacheBusy(int(holder[1]) if holder else None)


_MEANINGS: tuple[tuple[re.Pattern[str], Callable[[Path, str], Problem]], ...] = (
    (
        re.compile(r"No space left on device|Disk quota exceeded|File too large|max_temp_directory_size"),
        lambda path, _text: DiskFull(path),
    ),
    (re.compile(r"Could not set lock on file"), _busy),
    (re.compile(r"Unique file handle conflict"), lambda _path, _text: CacheBusy(os.getpid())),
    (re.compile(r"Wrong encryption key"), lambda _path, _text: CacheKeyWrong()),
    (re.compile(r"newer version of DuckDB|higher storage version"), lambda _path, _text: CacheTooNew()),
    (
        re.compile(
            r"not a valid DuckDB database file|Corrupt database file|Could not read enough bytes"
            r"|Failure while replaying WAL|AES tag differs|is not encrypted|Serialization Error"
        ),
        lambda path, _text: CacheDamaged(path),
    ),
    (re.compile(r"^Out of Memory Error"), lambda _path, _text: CacheMemoryShort()),
    (re.compile(r"^(FATAL|INTERNAL) Error"), lambda _path, _text: CacheStopped()),
)
"""What the engine says and what that means; the first one counts, as one message may quote another."""


def problem_of(error: duckdb.Error, path: Path) -> Problem | None:
    """What `error` means for an operator of the cache at `path`; None where it is a fault of our own statements."""
    text = str(error)
    for pattern, meaning in _MEANINGS:
        if pattern.search(text):
            return meaning(path, text)
    return None


@contextlib.contextmanager
def cache_problems(path: Path) -> Iterator[None]:
    """Raises an engine's error of the block as the problem that it means for the cache at `path`."""
    try:
        yield
    except duckdb.Error as error:
        problem = problem_of(error, path)
        if problem is None:
            raise
        raise problem from error
