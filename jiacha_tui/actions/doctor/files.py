"""Checks of the configuration file, the home folder and the configured folder for downloads."""

import errno
import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from db.file_locks import check_locks, file_system
from db.problems import LocksUnsupported
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import DoctorContext
from jiacha_tui.config import load_config
from jiacha_tui.declaration.formatting import format_size
from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.private_files import file_problems

_MIN_FREE_BYTES: Final = 200 * 1024 * 1024
"""Enough for a cache of a hundred thousand declarations, its log and the downloads of a day."""

_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


async def check_config(context: DoctorContext) -> Sequence[Finding]:
    """Raises ConfigProblem, which names file, line and key, and UnknownAssumption."""
    path = context.locations().config_file
    Assumptions.with_overrides(load_config(path).port.assumptions)
    message = f"{path} 正确" if path.exists() else "没有 config.toml，都用缺省值"
    return (Finding.good(Area.CONFIG, message),)


async def check_folders(context: DoctorContext) -> Sequence[Finding]:
    """Whether the folders can be used, have free space and, for the caches, file locks. Raises FileProblem."""
    findings = [_check_folder(Area.HOME, context.locations().home, blocking=True)]
    downloads = context.config().downloads.folder
    if downloads is not None:
        findings.append(_check_folder(Area.DOWNLOADS, downloads, blocking=False))
    return findings


def _check_folder(area: Area, folder: Path, *, blocking: bool) -> Finding:
    with file_problems(folder):
        existing = _nearest_existing(folder)
        free = shutil.disk_usage(existing).free
        mode = existing.stat().st_mode

    def broken(message: str, hint: str, code: str) -> Finding:
        return Finding(area, FindingState.BROKEN, message, hint, code, blocking=blocking)

    if not existing.is_dir():
        return broken(f"{existing} 不是文件夹", "请换一个文件夹（--home）", "home.not-a-folder")
    if not os.access(existing, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
        hint = f"请检查 {existing} 的所有者和权限，或换一个文件夹"
        return broken(f"{existing} 不能读写", hint, "home.no-access")
    if free < _MIN_FREE_BYTES:
        message = f"{existing} 所在的磁盘只剩 {format_size(free)}"
        return broken(message, f"请腾出 {format_size(_MIN_FREE_BYTES)} 以上", "home.disk-full")
    if existing == folder and area is Area.HOME and mode & _WRITABLE_BY_OTHERS and not mode & stat.S_ISVTX:
        message, hint = f"其他用户可以改动 {folder} 里的文件", f"请运行 chmod go-w {folder}"
        return Finding(area, FindingState.BROKEN, message, hint, "home.open-to-others")
    if area is Area.HOME:
        try:
            check_locks(existing)
        except LocksUnsupported as problem:
            return broken(problem.message, problem.hint, problem.code)
    later = "" if existing == folder else "，首次使用时建立"
    kind = file_system(existing)
    return Finding.good(area, f"{folder}{later}，剩余 {format_size(free)}" + (f"，文件系统 {kind}" if kind else ""))


def _nearest_existing(folder: Path) -> Path:
    """The folder, or its nearest parent that exists, in which it would be created. Raises OSError."""
    for candidate in (folder, *folder.parents):
        if candidate.exists():
            return candidate
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
