"""Named pipes and endless devices in the place of files. A pipe would stall the program, a device never ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.cache_inspection import cache_holder, inspect_cache_file
from db.engine import EngineLimits, open_engine
from db.key import CacheKey
from jiacha_tui.actions.import_files import MAX_IMPORT_BYTES, RejectedEntry, _read
from jiacha_tui.config import load_config
from jiacha_tui.config_errors import ConfigUnreadable
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.eport.http_transport import tls_context
from jiacha_tui.eport.problems import BadCaFile
from jiacha_tui.private_files import (
    MAX_SMALL_FILE,
    FileOperationFailed,
    FileTooLarge,
    check_regular,
    open_regular,
    read_limited,
    read_private,
    read_whole,
)

_HANG_SECONDS = 60
"""After this time the kernel interrupts what waits for ever."""


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    def fail(*_: object) -> None:
        raise AssertionError("it waits for ever")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(_HANG_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.fixture(params=[_pipe, _device], ids=["pipe", "device"])
def place(request: pytest.FixtureRequest) -> Callable[[Path], Path]:
    """Puts one of the two where a file is expected, and returns its path."""

    def put(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        request.param(path)
        return path

    return put


@pytest.mark.parametrize(
    "read",
    [open_regular, read_private, read_whole, lambda path: read_limited(path, 9), check_regular],
    ids=["open", "private", "whole", "limited", "check"],
)
def test_what_is_not_a_regular_file_is_refused(
    read: Callable[[Path], object], place: Callable[[Path], Path], tmp_path: Path
) -> None:
    with pytest.raises(FileOperationFailed, match="不是普通文件"):
        read(place(tmp_path / "a"))


def test_a_file_that_is_too_large_is_refused_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        file.truncate(MAX_SMALL_FILE)
    assert len(read_whole(path)) == len(read_private(path)) == MAX_SMALL_FILE
    with path.open("wb") as file:
        file.truncate(1 << 40)
    for read in (read_whole, read_private):
        with pytest.raises(FileTooLarge, match="超过 1 MiB"):
            read(path)


def test_a_configuration_is_a_file(place: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable, match="不是普通文件"):
        load_config(place(tmp_path / "config.toml"))


def test_a_ca_is_a_file(place: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(BadCaFile):
        tls_context(place(tmp_path / "ca.pem"))


def test_a_file_to_import_is_a_file_of_a_bounded_size(place: Callable[[Path], Path], tmp_path: Path) -> None:
    large = tmp_path / "large.xml"
    with large.open("wb") as file:
        file.truncate(MAX_IMPORT_BYTES + 1)
    for path, reason in ((place(tmp_path / "a.xml"), "不是普通文件"), (large, "文件太大，超过 1024 MiB")):
        (rejected,) = _read(path)
        assert isinstance(rejected, RejectedEntry)
        assert reason in rejected.reason


@pytest.mark.parametrize("name", ["cache.duckdb", "cache.duckdb.wal"])
def test_a_cache_is_a_file(name: str, place: Callable[[Path], Path], tmp_path: Path) -> None:
    path = place(tmp_path / "caches" / name).with_name("cache.duckdb")
    with pytest.raises(FileOperationFailed, match="不是普通文件"):
        open_engine(path, CacheKey(bytes(32)), EngineLimits())
    if name == path.name:
        for inspect in (inspect_cache_file, cache_holder):
            with pytest.raises(FileOperationFailed, match="不是普通文件"):
                inspect(path)


@pytest.mark.parametrize("name", ["port.lock", "port.db"])
def test_the_files_of_the_demonstration_are_files(name: str, place: Callable[[Path], Path], port_home: Path) -> None:
    place(port_home / "demo" / name)
    with pytest.raises(FileOperationFailed, match="不是普通文件"):
        make_demo(port_home)


@pytest.mark.parametrize("command", [("doctor",), ("import", "{path}"), ("import", "{folder}")], ids=" ".join)
def test_commands_end(
    command: tuple[str, ...], place: Callable[[Path], Path], child_environment: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    place(home / "config.toml")
    path = place(tmp_path / "files" / "a.xml")
    arguments = [part.format(path=path, folder=path.parent) for part in command]
    run = subprocess.run(
        [sys.executable, "-m", "jiacha_tui", "--home", str(home), *arguments],
        env=child_environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_HANG_SECONDS,
        check=False,
    )
    assert run.returncode == 1
    assert "不是普通文件" in "".join((run.stdout + run.stderr).split()), "the report of the doctor is wrapped"
