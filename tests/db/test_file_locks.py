"""A cache on a file system without file locks is refused by its name, and no other program is blamed.

No such file system can be mounted in a test, so a library before libc makes the system call fail as it does there.
"""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from db.file_locks import check_locks, file_system
from tests.needs import needs
from tests.no_locks import build_library, without_locks

_OPEN = """
import sys
from pathlib import Path
from db.cache import Cache
from db.key import new_key
from jiacha_tui.declaration.problem import Problem
try:
    Cache.open(Path(sys.argv[1]), new_key()).close()
except Problem as problem:
    print(problem.code, problem.message, problem.hint)
else:
    print("opened")
"""


@pytest.fixture(scope="module")
def no_locks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_library(tmp_path_factory.mktemp("library"))


def open_cache(folder: Path, library: Path, error: int) -> str:
    command = [sys.executable, "-c", _OPEN, str(folder / "cache.duckdb")]
    environment = without_locks(library, error)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@needs("gcc")
@pytest.mark.parametrize("error", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL])
def test_a_cache_without_file_locks_is_refused_by_name_with_the_remedy(
    no_locks: Path, tmp_path: Path, error: int
) -> None:
    folder = tmp_path / "cache"
    said = open_cache(folder, no_locks, error)
    assert said.startswith("cache.no-locks 此文件夹所在的文件系统")
    assert "不支持锁" in said
    assert "--home" in said
    assert "另一个程序" not in said
    assert list(folder.iterdir()) == [], "nothing is left behind"


@needs("gcc")
def test_the_doctor_names_it_before_a_login(no_locks: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jiacha_tui", "doctor", "--demo", "--json", "--home", str(tmp_path / "home")]
    environment = without_locks(no_locks, errno.ENOLCK)
    report = json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout)
    (finding,) = [entry for entry in report["findings"] if entry["code"] == "cache.no-locks"]
    assert finding["area"] == "home"
    assert "home" in report["obstacles"]
    assert "--home" in finding["todo"]


@needs("gcc")
def test_any_other_error_of_a_lock_is_not_taken_for_a_missing_service(no_locks: Path, tmp_path: Path) -> None:
    said = open_cache(tmp_path / "cache", no_locks, errno.EIO)
    assert said.startswith("file.failed")
    assert "读写出错" in said


def test_a_folder_with_locks_passes_and_keeps_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    check_locks(folder)
    assert list(folder.iterdir()) == []


def test_the_type_is_that_of_the_innermost_and_last_mount(tmp_path: Path) -> None:
    inner = tmp_path / "a b"
    inner.mkdir()
    escaped = str(inner).replace(" ", "\\040")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
        f"30 22 0:40 / {escaped} rw - cifs //server/share rw\n"
        f"31 30 0:41 / {escaped} rw,relatime master:7 - nfs4 server:/home rw\n"
        "32 22 0:42 / /other rw - tmpfs tmpfs rw\n"
        "a line of another form\n"
    )
    assert file_system(inner / "jiacha", mounts) == "nfs4"
    assert file_system(tmp_path, mounts) == "ext4"
    assert file_system(tmp_path, tmp_path / "missing") == ""


def test_this_machine_names_its_file_system(tmp_path: Path) -> None:
    assert file_system(tmp_path)
