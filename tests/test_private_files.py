"""Private files: their modes, atomic writes, and what remains after every kind of failure."""

import contextlib
import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiacha_tui import private_files
from jiacha_tui.private_files import (
    DiskFull,
    FileExists,
    FileMissing,
    FileOperationFailed,
    PermissionDenied,
    file_problems,
    path_exists,
    private_folder,
    read_private,
    replace_and_destroy,
    replace_private,
    write_new,
)
from tests.problem_tables import defined_codes, documented_codes

Write = Callable[[Path, bytes], None]
WRITERS = pytest.mark.parametrize("write", [write_new, replace_private])

DATA = b"<Sealed/>" * 100

WITHOUT_OVERRIDE = ("setpriv", "--inh-caps=-all", "--bounding-set=-all") if os.geteuid() == 0 else ()
"""Runs a program without root's right to write anywhere."""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return private_folder(tmp_path / "files")


@pytest.fixture
def without_hard_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """link(2) fails as on exFAT."""

    def link(*_: object, **__: object) -> NoReturn:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)


@pytest.fixture(params=["with hard links", "without hard links"])
def either_file_system(request: pytest.FixtureRequest) -> None:
    if request.param == "without hard links":
        request.getfixturevalue("without_hard_links")


@contextlib.contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


class TestFolder:
    @pytest.mark.parametrize("mask", [0o000, 0o022])
    def test_a_new_folder_and_its_new_parents_have_mode_0700(self, tmp_path: Path, mask: int) -> None:
        with umask(mask):
            assert private_folder(tmp_path / "a" / "b" / "c") == tmp_path / "a" / "b" / "c"
        assert [mode(tmp_path / part) for part in ("a", "a/b", "a/b/c")] == [0o700] * 3

    def test_an_existing_folder_gets_mode_0700_and_its_parent_keeps_its_mode(self, tmp_path: Path) -> None:
        (tmp_path / "above" / "open").mkdir(parents=True)
        (tmp_path / "above").chmod(0o755)
        (tmp_path / "above" / "open").chmod(0o777)
        private_folder(tmp_path / "above" / "open")
        assert mode(tmp_path / "above" / "open") == 0o700
        assert mode(tmp_path / "above") == 0o755

    def test_a_file_in_place_of_the_folder_raises_a_problem(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(FileOperationFailed, match="不是文件夹"):
            private_folder(tmp_path / "file")
        with pytest.raises(FileOperationFailed):
            private_folder(tmp_path / "file" / "below")


class TestWriting:
    @WRITERS
    @pytest.mark.parametrize("mask", [0o000, 0o777])
    def test_the_file_has_the_data_and_mode_0600(self, folder: Path, write: Write, mask: int) -> None:
        with umask(mask):
            write(folder / "a.xml", DATA)
        assert (folder / "a.xml").read_bytes() == DATA
        assert mode(folder / "a.xml") == 0o600
        assert names_in(folder) == ["a.xml"]

    @WRITERS
    def test_a_file_name_may_have_the_maximum_length(self, folder: Path, write: Write) -> None:
        name = "关" * 85
        write(folder / name, DATA)
        assert names_in(folder) == [name]
        with pytest.raises(FileOperationFailed):
            write(folder / (name + "关"), DATA)
        assert names_in(folder) == [name]

    @WRITERS
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
    @given(data=st.binary(max_size=200_000))
    def test_reading_returns_what_was_written(self, folder: Path, write: Write, data: bytes) -> None:
        (folder / "a").unlink(missing_ok=True)
        write(folder / "a", data)
        assert read_private(folder / "a") == data

    @WRITERS
    def test_a_missing_folder_raises_file_missing(self, tmp_path: Path, write: Write) -> None:
        with pytest.raises(FileMissing) as problem:
            write(tmp_path / "nowhere" / "a", DATA)
        assert problem.value.code == "file.missing"

    @WRITERS
    def test_the_data_is_flushed_before_the_rename_and_the_folder_after_it(
        self, folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flushed: list[tuple[bool, int, bool]] = []
        fsync = os.fsync

        def recording_fsync(descriptor: int) -> None:
            status = os.fstat(descriptor)
            flushed.append((stat.S_ISDIR(status.st_mode), status.st_size, (folder / "a").exists()))
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", recording_fsync)
        write(folder / "a", DATA)
        (of_file, of_folder) = flushed
        assert of_file == (False, len(DATA), False)
        assert (of_folder[0], of_folder[2]) == (True, True)

    @WRITERS
    def test_a_folder_that_cannot_be_flushed_is_ignored(
        self, folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fsync = os.fsync

        def files_only(descriptor: int) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", files_only)
        write(folder / "a", DATA)
        assert names_in(folder) == ["a"]


@pytest.mark.usefixtures("either_file_system")
class TestNew:
    def test_an_existing_file_stays_unchanged(self, folder: Path) -> None:
        (folder / "a").write_bytes(b"before")
        (folder / "a").chmod(0o644)
        with pytest.raises(FileExists) as problem:
            write_new(folder / "a", DATA)
        assert problem.value.code == "file.exists"
        assert problem.value.path == folder / "a"
        assert (folder / "a").read_bytes() == b"before"
        assert mode(folder / "a") == 0o644
        assert names_in(folder) == ["a"]

    def test_a_dangling_link_stays_unchanged(self, folder: Path) -> None:
        (folder / "a").symlink_to(folder / "elsewhere")
        with pytest.raises(FileExists):
            write_new(folder / "a", DATA)
        assert names_in(folder) == ["a"]

    def test_an_existing_folder_stays_unchanged(self, folder: Path) -> None:
        (folder / "a").mkdir()
        with pytest.raises(FileExists):
            write_new(folder / "a", DATA)

    def test_one_of_several_simultaneous_writers_succeeds(self, folder: Path) -> None:
        writers = 8
        start = threading.Barrier(writers)

        def write(number: int) -> int | None:
            start.wait()
            try:
                write_new(folder / "a", bytes([number]) * 100_000)
            except FileExists:
                return None
            return number

        for _ in range(20):
            with ThreadPoolExecutor(writers) as pool:
                (winner,) = [number for number in pool.map(write, range(writers)) if number is not None]
            assert (folder / "a").read_bytes() == bytes([winner]) * 100_000
            assert names_in(folder) == ["a"]
            (folder / "a").unlink()

    def test_a_new_file_has_mode_0600(self, folder: Path) -> None:
        write_new(folder / "a", DATA)
        assert mode(folder / "a") == 0o600


@pytest.mark.usefixtures("without_hard_links")
def test_no_empty_file_remains_when_the_rename_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(*_: object) -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "replace", rename)
    with pytest.raises(FileOperationFailed):
        write_new(folder / "a", DATA)
    assert names_in(folder) == []


class TestReplacing:
    def test_the_new_file_has_mode_0600_whatever_the_old_one_had(self, folder: Path) -> None:
        (folder / "a").write_bytes(b"before")
        (folder / "a").chmod(0o644)
        replace_private(folder / "a", DATA)
        assert (folder / "a").read_bytes() == DATA
        assert mode(folder / "a") == 0o600
        assert names_in(folder) == ["a"]

    def test_a_link_is_replaced_and_its_target_stays_unchanged(self, folder: Path) -> None:
        (folder / "other").write_bytes(b"other")
        (folder / "a").symlink_to(folder / "other")
        replace_private(folder / "a", DATA)
        assert not (folder / "a").is_symlink()
        assert (folder / "other").read_bytes() == b"other"

    def test_a_reader_sees_the_old_or_the_new_content(self, folder: Path) -> None:
        versions = [bytes([number]) * 50_000 for number in range(2)]
        replace_private(folder / "a", versions[0])
        stop = threading.Event()

        def rewrite() -> None:
            while not stop.is_set():
                for version in versions:
                    replace_private(folder / "a", version)

        with ThreadPoolExecutor(1) as pool:
            rewriting = pool.submit(rewrite)
            try:
                assert {read_private(folder / "a") for _ in range(300)} <= set(versions)
            finally:
                stop.set()
            rewriting.result()


class TestReading:
    def test_a_file_that_others_could_read_gets_mode_0600(self, folder: Path) -> None:
        (folder / "a").write_bytes(DATA)
        (folder / "a").chmod(0o644)
        assert read_private(folder / "a") == DATA
        assert mode(folder / "a") == 0o600

    def test_a_missing_file_raises_file_missing(self, folder: Path) -> None:
        with pytest.raises(FileMissing) as problem:
            read_private(folder / "a")
        assert str(folder / "a") in problem.value.message

    def test_a_named_pipe_is_refused_without_waiting(self, folder: Path) -> None:
        os.mkfifo(folder / "pipe")
        with pytest.raises(FileOperationFailed, match="不是普通文件"):
            read_private(folder / "pipe")

    def test_a_folder_is_refused_and_no_descriptor_stays_open(self, folder: Path) -> None:
        before = names_in(Path("/proc/self/fd"))
        with pytest.raises(FileOperationFailed):
            read_private(folder)
        assert names_in(Path("/proc/self/fd")) == before


class TestFailure:
    @pytest.mark.parametrize(
        ("number", "problem", "code"),
        [
            (errno.ENOSPC, DiskFull, "file.disk-full"),
            (errno.EDQUOT, DiskFull, "file.disk-full"),
            (errno.EFBIG, DiskFull, "file.disk-full"),
            (errno.EACCES, PermissionDenied, "file.no-access"),
            (errno.EPERM, PermissionDenied, "file.no-access"),
            (errno.EROFS, PermissionDenied, "file.no-access"),
            (errno.ENOENT, FileMissing, "file.missing"),
            (errno.EEXIST, FileExists, "file.exists"),
            (errno.EIO, FileOperationFailed, "file.failed"),
        ],
    )
    def test_each_system_error_becomes_the_right_problem(
        self,
        number: int,
        problem: type[DiskFull | PermissionDenied | FileMissing | FileExists | FileOperationFailed],
        code: str,
    ) -> None:
        with pytest.raises(problem) as raised, file_problems(Path("a")):
            raise OSError(number, os.strerror(number))
        assert raised.value.code == code
        assert raised.value.hint

    @WRITERS
    def test_a_folder_that_even_root_cannot_write_to_raises_permission_denied(self, write: Write) -> None:
        with pytest.raises(PermissionDenied):
            write(Path("/sys/jiacha"), DATA)

    @WRITERS
    def test_a_read_only_folder_raises_permission_denied(
        self, folder: Path, write: Write, child_environment: dict[str, str]
    ) -> None:
        script = (
            "import sys, pathlib, jiacha_tui.private_files as files\n"
            "try: getattr(files, sys.argv[1])(pathlib.Path(sys.argv[2]), b'data')\n"
            "except files.PermissionDenied as problem: print(problem.code)\n"
        )
        folder.chmod(0o500)
        refused = subprocess.run(
            [*WITHOUT_OVERRIDE, sys.executable, "-c", script, write.__name__, folder / "a"],
            env=child_environment,
            capture_output=True,
            text=True,
            check=True,
        )
        folder.chmod(0o700)
        assert refused.stdout == "file.no-access\n"
        assert names_in(folder) == []

    @WRITERS
    def test_a_kill_before_the_rename_leaves_only_the_old_file(
        self, folder: Path, write: Write, child_environment: dict[str, str]
    ) -> None:
        if write is replace_private:
            write(folder / "a", b"before")
        script = (
            "import os, signal, sys, pathlib, jiacha_tui.private_files as files\n"
            "os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)\n"
            "getattr(files, sys.argv[1])(pathlib.Path(sys.argv[2]), b'after' * 1000)\n"
        )
        killed = subprocess.run(
            [sys.executable, "-c", script, write.__name__, folder / "a"], env=child_environment, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        visible = [name for name in names_in(folder) if not name.startswith(".")]
        assert visible == (["a"] if write is replace_private else [])
        if write is replace_private:
            assert (folder / "a").read_bytes() == b"before"


def test_what_is_replaced_and_destroyed_is_gone_also_from_its_blocks(folder: Path) -> None:
    path = folder / "key.json"
    path.write_bytes(DATA)
    path.with_name("link").hardlink_to(path)
    with path.open("rb") as old:
        replace_and_destroy(path, b"new")
        assert old.read() == bytes(len(DATA))
    assert path.read_bytes() == b"new"
    assert path.with_name("link").read_bytes() == bytes(len(DATA))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {file.name for file in folder.iterdir()} == {"key.json", "link"}
    with pytest.raises(FileMissing):
        replace_and_destroy(folder / "none", b"new")


def test_a_file_that_cannot_be_replaced_is_not_destroyed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "key.json"
    path.write_bytes(DATA)

    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(FileOperationFailed):
            replace_and_destroy(path, b"new")
    assert path.read_bytes() == DATA


def test_the_module_documents_every_problem_with_its_code() -> None:
    assert documented_codes(private_files) == defined_codes(private_files)


WRITE_TOO_MUCH = """
import pathlib, resource, sys
from jiacha_tui.private_files import FileProblem, replace_private, write_new

folder = pathlib.Path(sys.argv[1])
if sys.argv[2:]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
replace_private(folder / "old", b"before")
for write, name in ((write_new, "new"), (replace_private, "old")):
    try:
        write(folder / name, bytes(1_000_000))
    except FileProblem as problem:
        print(problem.code)
print(sorted(path.name for path in folder.iterdir()), (folder / "old").read_bytes())
"""
"""Writes more than fits, once to a new file and once over an old one, and prints what happened."""

OLD_FILE_KEPT = "file.disk-full\nfile.disk-full\n['old'] b'before'\n"


def test_a_file_size_limit_leaves_the_old_file(folder: Path, child_environment: dict[str, str]) -> None:
    output = subprocess.run(
        [sys.executable, "-c", WRITE_TOO_MUCH, folder, "65536"],
        env=child_environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert output.stdout == OLD_FILE_KEPT


def run_in_own_mounts(command: str, *arguments: str | Path, environment: dict[str, str]) -> str:
    """The output of a shell command that may mount file systems. Skips the test where that is not allowed."""
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        subprocess.run([*namespace, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        pytest.skip(f"file systems cannot be mounted here: {error}")
    run = [*namespace, "sh", "-euc", command, "sh", *arguments]
    return subprocess.run(run, env=environment, capture_output=True, text=True, check=True).stdout


def test_a_full_disk_leaves_the_old_file(folder: Path, child_environment: dict[str, str]) -> None:
    output = run_in_own_mounts(
        'mount -t tmpfs -o size=64k tmpfs "$1"; exec "$2" -c "$3" "$1"',
        *(folder, sys.executable, WRITE_TOO_MUCH),
        environment=child_environment,
    )
    assert output == OLD_FILE_KEPT


def test_a_disk_without_free_inodes_leaves_the_old_file(folder: Path, child_environment: dict[str, str]) -> None:
    """The file system has two inodes: one for its root and one for the file `old`."""
    script = (
        "import pathlib, sys\n"
        "from jiacha_tui.private_files import *\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "(folder / 'old').write_bytes(b'before')\n"
        "try: replace_private(folder / 'old', b'after')\n"
        "except DiskFull: print((folder / 'old').read_bytes())\n"
    )
    output = run_in_own_mounts(
        'mount -t tmpfs -o nr_inodes=2 tmpfs "$1"; exec "$2" -c "$3" "$1"',
        *(folder, sys.executable, script),
        environment=child_environment,
    )
    assert output == "b'before'\n"


def test_a_read_only_disk_raises_permission_denied(folder: Path, child_environment: dict[str, str]) -> None:
    script = (
        "import pathlib, sys\n"
        "from jiacha_tui.private_files import *\n"
        "try: write_new(pathlib.Path(sys.argv[1]) / 'a', b'')\n"
        "except PermissionDenied as problem: print(problem.code)\n"
    )
    output = run_in_own_mounts(
        'mount -t tmpfs -o ro tmpfs "$1"; exec "$2" -c "$3" "$1"',
        *(folder, sys.executable, script),
        environment=child_environment,
    )
    assert output == "file.no-access\n"


def test_what_cannot_be_looked_for_is_a_problem(tmp_path: Path) -> None:
    """A name that is too long stands for a folder without permission, which the administrator of a test may enter."""
    (tmp_path / "file").touch()
    assert path_exists(tmp_path / "file")
    assert not path_exists(tmp_path / "other")
    assert not path_exists(tmp_path / "file" / "inside")
    with pytest.raises(FileOperationFailed):
        path_exists(tmp_path / ("x" * 300))
