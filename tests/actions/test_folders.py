"""The folder that the operator enters, and storing files in it."""

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


async def test_a_missing_folder_and_its_parents_are_created_with_mode_0700(tmp_path: Path) -> None:
    folder = await open_folder(str(tmp_path / "a" / "b"))
    assert [path.stat().st_mode & 0o777 for path in (folder, folder.parent)] == [0o700, 0o700]


async def test_a_tilde_means_the_users_home() -> None:
    assert await open_folder("~/退税") == Path.home() / "退税"


@pytest.mark.parametrize("text", ["", "   ", "a\x1bb", "~no-such-user/x"])
async def test_a_text_that_names_no_folder_is_refused(text: str) -> None:
    with pytest.raises(BadFolder):
        await open_folder(text)


async def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadFolder):
        await open_folder(str(tmp_path / "file"))


async def test_a_folder_without_write_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Simulated, because the tests may run as root, who can write everywhere.
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(PermissionDenied):
        await open_folder(str(tmp_path))


def test_a_file_is_stored_unchanged_with_mode_0600(tmp_path: Path) -> None:
    data = bytes(range(256))
    path = store(tmp_path, "卡号_20250601-20250630.xml", data)
    assert path.parent == tmp_path
    assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.tmp")) == []


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    store(tmp_path, "a.xml", b"first")
    with pytest.raises(FileExists):
        store(tmp_path, "a.xml", b"second")
    assert (tmp_path / "a.xml").read_bytes() == b"first"


@pytest.mark.parametrize("name", ["../a.xml", "/etc/a.xml", "sub/a.xml", "..", ""])
def test_a_file_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        store(tmp_path, name, b"")
