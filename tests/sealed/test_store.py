import stat
from pathlib import Path

import pytest

from jiacha_tui.private_files import FileExists
from jiacha_tui.sealed.store import store


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
