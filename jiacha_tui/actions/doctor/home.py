"""The folder that everything lies under and the configured one for downloads: can they be used, and is there room."""

import errno
import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.declaration.formatting import format_size
from jiacha_tui.private_files import file_problems

_LEAST_ROOM: Final = 200 * 1024 * 1024
"""A cache of a hundred thousand declarations, its log and a day's downloads."""

_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


async def look(surroundings: DoctorContext) -> Sequence[Finding]:
    """Raises FileProblem."""
    home = surroundings.here().home
    downloads = surroundings.config().downloads.folder
    found = [_look_at(Area.HOME, home, blocking=True)]
    if downloads is not None:
        found.append(_look_at(Area.DOWNLOADS, downloads, blocking=False))
    return found


def _look_at(area: Area, folder: Path, *, blocking: bool) -> Finding:
    with file_problems(folder):
        there = _nearest(folder)
        room = shutil.disk_usage(there).free
        mode = there.stat().st_mode
    if not there.is_dir():
        return Finding(
            area,
            FindingState.BROKEN,
            f"{there} 不是文件夹",
            "请换一个文件夹（--home）",
            "home.not-a-folder",
            blocking=blocking,
        )
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
        hint = f"请检查 {there} 的所有者和权限，或换一个文件夹"
        return Finding(area, FindingState.BROKEN, f"{there} 不能读写", hint, "home.no-access", blocking=blocking)
    if room < _LEAST_ROOM:
        message, hint = f"{there} 所在的磁盘只剩 {format_size(room)}", f"请腾出 {format_size(_LEAST_ROOM)} 以上"
        return Finding(area, FindingState.BROKEN, message, hint, "home.disk-full", blocking=blocking)
    if there == folder and area is Area.HOME and mode & _OTHERS_MAY_WRITE and not mode & stat.S_ISVTX:
        hint = f"请运行 chmod go-w {folder}"
        return Finding(area, FindingState.BROKEN, f"其他用户可以改动 {folder} 里的文件", hint, "home.open-to-others")
    later = "" if there == folder else "，首次使用时建立"
    return Finding.good(area, f"{folder}{later}，剩余 {format_size(room)}")


def _nearest(folder: Path) -> Path:
    """The folder, or the one above it that it would be made in. Raises OSError."""
    for candidate in (folder, *folder.parents):
        if candidate.exists():
            return candidate
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
