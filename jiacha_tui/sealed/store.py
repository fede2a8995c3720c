"""Keeps a downloaded file exactly as it came."""

from pathlib import Path

from jiacha_tui.private_files import write_new


def store(folder: Path, name: str, data: bytes) -> Path:
    """The path of the new file `name` in `folder`, 0600, byte for byte `data`, whole or not there at all.

    Nothing is ever overwritten: raises FileExists, and DiskFull, NoAccess, FileMissing or FileFailed. Raises
    ValueError for a `name` that leads out of `folder`.
    """
    if name in {"", ".", ".."} or "/" in name:
        raise ValueError("a name, not a path, is expected")
    path = folder / name
    write_new(path, data)
    return path
