"""Temporary files that a killed program left behind are removed; those of a program that runs are not."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jiacha_tui.actions.leftovers import remove_leftovers_at_home
from jiacha_tui.leftover_files import remove_leftovers, temporary_folder
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import private_folder, replace_private, write_new

WRITER = """
import os, sys
from pathlib import Path
from jiacha_tui.private_files import write_new

def wait(descriptor):
    print("writing", flush=True)
    sys.stdin.read()

os.fsync = wait
write_new(Path(sys.argv[1]), b"half a file")
"""
"""Writes a file and stops before it is on the disk, until standard input ends."""


@contextmanager
def writer(path: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"writing\n"
            yield child
        finally:
            child.kill()


ROUNDS = 30


def left_over(folder: Path, name: str = "old") -> Path:
    path = private_folder(folder) / f".jiacha-{name}.tmp"
    path.write_bytes(b"half a file")
    return path


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(private_folder(tmp_path / "home"))


def test_the_file_of_a_program_that_writes_stays_until_that_program_is_killed(
    locations: Locations, child_environment: dict[str, str]
) -> None:
    folder = private_folder(locations.downloads / "2026-06")
    with writer(folder / "a.pdf", child_environment) as child:
        (temporary,) = folder.iterdir()
        assert remove_leftovers_at_home(locations) == 0
        assert temporary.read_bytes() == b"half a file"
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert temporary.exists()
        assert remove_leftovers_at_home(locations) == 1
    assert list(folder.iterdir()) == []


def test_a_program_that_was_not_disturbed_finishes_its_file(
    locations: Locations, child_environment: dict[str, str]
) -> None:
    path = private_folder(locations.downloads) / "a.xml"
    with writer(path, child_environment) as child:
        assert remove_leftovers_at_home(locations) == 0
        child.communicate()
        assert child.returncode == 0
    assert path.read_bytes() == b"half a file"
    assert list(locations.downloads.iterdir()) == [path]


def test_they_are_found_in_all_folders_of_the_program_and_nowhere_else(locations: Locations) -> None:
    found = [
        left_over(folder)
        for folder in (
            locations.home,
            locations.caches,
            locations.cache("JJ0G900000001"),
            locations.downloads,
            locations.downloads / "报关单打印-2026-06",
            locations.demo,
            locations.old_caches / "JJ0G900000001-20260630-100000" / "saved",
            locations.new_cache("JJ0G900000001"),
            locations.session_caches / "one",
        )
    ]
    kept = [left_over(locations.home / "other"), left_over(locations.downloads / "deep" / "deeper")]
    for name in ("jiacha-a.tmp", ".jiacha-a.tmp.xml", ".other-a.tmp"):
        (locations.downloads / name).write_bytes(b"")
        kept.append(locations.downloads / name)
    assert remove_leftovers_at_home(locations) == len(found)
    assert not any(path.exists() for path in found)
    assert all(path.exists() for path in kept)


def test_what_was_saved_of_a_cache_that_was_not_moved_is_removed_unless_it_is_being_saved(locations: Locations) -> None:
    left = private_folder(locations.old_caches / "JJ0G900000001-20260630-100000.saving")
    (left / "journal.jsonl").write_bytes(b"{}")
    read = private_folder(locations.cache("JJ0G900000001") / "cache.duckdb.reading")
    busy = locations.old_caches / "JJ0G900000001-20260630-110000.saving"
    with temporary_folder(busy):
        remove_leftovers_at_home(locations)
        assert list(locations.old_caches.iterdir()) == [busy]
    assert not busy.exists()
    assert not read.exists()


def test_no_link_is_followed_and_nothing_but_a_file_is_removed(locations: Locations, tmp_path: Path) -> None:
    outside = left_over(tmp_path / "outside")
    private_folder(locations.downloads)
    (locations.downloads / "2026-06").symlink_to(outside.parent)
    locations.caches.symlink_to(outside.parent)
    link = locations.downloads / ".jiacha-link.tmp"
    link.symlink_to(outside)
    (locations.downloads / ".jiacha-folder.tmp").mkdir()
    os.mkfifo(locations.downloads / ".jiacha-pipe.tmp")
    assert remove_leftovers_at_home(locations) == 0
    assert outside.exists()
    assert link.is_symlink()


def test_a_home_that_is_not_there_or_is_a_file_is_no_error(tmp_path: Path) -> None:
    assert remove_leftovers_at_home(Locations(tmp_path / "home")) == 0
    (tmp_path / "file").write_bytes(b"")
    assert remove_leftovers([tmp_path / "file"]) == 0


def test_no_file_is_lost_while_others_write_and_remove(tmp_path: Path) -> None:
    folder = private_folder(tmp_path / "files")
    ended = threading.Event()

    def remove() -> None:
        while not ended.is_set():
            remove_leftovers([folder])

    remover = threading.Thread(target=remove)
    remover.start()
    try:
        for number in range(ROUNDS):
            write_new(folder / f"{number}", f"{number}".encode())
            replace_private(folder / "same", f"{number}".encode())
    finally:
        ended.set()
        remover.join()
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        **{f"{number}": f"{number}" for number in range(ROUNDS)},
        "same": f"{ROUNDS - 1}",
    }
