"""The folder that files are stored in (the configured one, or one that the operator enters), and storing a file."""

import asyncio
import os
from pathlib import Path

from jiacha_tui.actions.problems import BadFolder
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.control_characters import escape_controls
from jiacha_tui.private_files import PermissionDenied, file_problems, private_folder, write_new


def downloads_folder(session: Session) -> Path:
    """The folder for files unless the operator enters another one."""
    return session.app_context.config.downloads.folder or session.app_context.locations.downloads


async def open_folder(text: str) -> Path:
    """Returns the folder that `text` names; `~` is the user's home. A missing folder is created with mode 0700.

    An existing folder keeps its mode, because it belongs to the operator. Raises BadFolder, and FileProblem if files
    cannot be written to the folder.
    """
    return await asyncio.to_thread(_open, text)


def store(folder: Path, name: str, data: bytes) -> Path:
    """Writes `data` unchanged to the new file `name` in `folder`, mode 0600, and returns its path.

    The file is either whole or not there. An existing file is never overwritten. Raises FileExists, DiskFull,
    PermissionDenied, FileMissing or FileOperationFailed, and ValueError for a `name` that leads out of `folder`.
    """
    if name in {"", ".", ".."} or "/" in name:
        raise ValueError("a file name without a folder is expected")
    path = folder / name
    write_new(path, data)
    return path


def _open(text: str) -> Path:
    name = text.strip()
    if not name:
        raise BadFolder("没有填写文件夹")
    if escape_controls(name) != name:
        raise BadFolder("文件夹名里有不可见的字符")
    try:
        folder = Path(name).expanduser().absolute()
    except RuntimeError as error:
        raise BadFolder(f"找不到 {name.split('/')[0]} 的用户主目录") from error
    with file_problems(folder):
        if not folder.exists():
            return private_folder(folder)
        if not folder.is_dir():
            raise BadFolder(f"{folder} 不是文件夹")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionDenied(folder)
    return folder
