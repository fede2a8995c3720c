"""The folder that an operator names, and what is put into it."""

import os
import stat
from pathlib import Path

import pytest

from jiacha_tui.actions.folders import open_folder, store
from jiacha_tui.actions.problems import BadFolder
from jiacha_tui.private_files import FileExists, PermissionDenied


async def test_an_existing_folder_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o755)
    assert await open_folder(f" {folder} ") == folder
    assert folder.stat().st_mode & 0o777 == 0o755


async def test_a_missing_folder_is_made_with_all_above_it_for_the_owner_alone(tmp_path: Path) -> None:
    folder = await open_folder(str(tmp_path / "a" / "b"))
    assert [path.stat().st_mode & 0o777 for path in (folder, folder.parent)] == [0o700, 0o700]


async def test_a_tilde_is_the_users_home() -> None:
    assert await open_folder("~/退税") == Path.home() / "退税"


@pytest.mark.parametrize("text", ["", "   ", "a\x1bb", "~no-such-user/x"])
async def test_what_names_no_folder_is_refused(text: str) -> None:
    with pytest.raises(BadFolder):
        await open_folder(text)


async def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadFolder):
        await open_folder(str(tmp_path / "file"))


async def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Played, because the tests may run as root, who may write everywhere.
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(PermissionDenied):
        await open_folder(str(tmp_path))


def test_the_bytes_are_kept_as_they_came_and_to_oneself(tmp_path: Path) -> None:
    data = bytes(range(256))
    path = store(tmp_path, "卡号_20250601-20250630.xml", data)
    assert path.parent == tmp_path
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.tmp")) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    store(tmp_path, "a.xml", b"first")
    with pytest.raises(FileExists):
        store(tmp_path, "a.xml", b"second")
    assert (tmp_path / "a.xml").read_bytes() == b"first"


@pytest.mark.parametrize("name", ["../a.xml", "/etc/a.xml", "sub/a.xml", "..", ""])
def test_a_name_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        store(tmp_path, name, b"")
