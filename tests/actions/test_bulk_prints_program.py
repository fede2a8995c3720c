"""A program that saves prints over TLS is killed, or its disk fills up: no file is half, and a further run fetches only
the rest.
"""

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jiacha_tui.demo.demo import Demo
from jiacha_tui.locations import Locations
from tests.eport.tls import make_server_files, serve
from tests.faulty_port import FaultyPort
from tests.port_home import DECLARATIONS

KILLED_AFTER = 20


@contextmanager
def program(
    home: Path, address: str, ca: Path, folder: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.actions.prints_program", str(home), address, str(ca), str(folder)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


FULL_DISK = """
mount -t tmpfs -o size=48k tmpfs "$1" || exit 77
shift
"$0" -m tests.actions.prints_program "$@" && ls -A "$4"
"""
"""Runs in its own mount namespace. Exits with 77 if this machine does not allow to mount."""


def prints(port: FaultyPort) -> Counter[str]:
    """How often each print was asked for."""
    return Counter({path.partition(",")[0]: count for path, count in port.calls.items() if "," in path})


def test_a_killed_run_is_continued_and_only_the_rest_is_fetched(
    demo: Demo, home: Path, synced_home: Path, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    shutil.copytree(Locations(synced_home).caches, Locations(home).caches)
    folder = tmp_path / "prints"
    port = FaultyPort(demo.application)
    files = make_server_files(tmp_path)
    with serve(port, files) as address:
        with program(home, address, files.ca, folder, child_environment) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if int(line) == KILLED_AFTER:
                    break
            child.send_signal(signal.SIGKILL)
            child.wait()
        before = {path.name: path.read_bytes() for path in folder.glob("*.pdf")}
        asked_before = prints(port)
        assert KILLED_AFTER <= len(before) < DECLARATIONS
        assert all(content.startswith(b"%PDF-") and content.endswith(b"%%EOF\n") for content in before.values())
        with program(home, address, files.ca, folder, child_environment) as child:
            assert child.stdout is not None
            *_, last = child.stdout
            assert child.wait() == 0
    count = DECLARATIONS - len(before)
    assert last.startswith(f"total {DECLARATIONS} saved {count} present {len(before)} calls {count} ")
    assert {path.name: path.read_bytes() for path in folder.glob("*.pdf")}.items() >= before.items()
    asked_again = prints(port) - asked_before
    assert asked_again.total() == count
    assert not {f"{entry_id}.pdf" for entry_id in asked_again} & before.keys()
    assert len(list(folder.glob("*.pdf"))) == DECLARATIONS


def test_a_full_disk_stops_the_run_with_whole_files_only(
    demo: Demo, home: Path, synced_home: Path, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    shutil.copytree(Locations(synced_home).caches, Locations(home).caches)
    disk = tmp_path / "disk"
    disk.mkdir()
    port = FaultyPort(demo.application)
    files = make_server_files(tmp_path)
    with serve(port, files) as address:
        arguments = [str(disk), str(home), address, str(files.ca), str(disk)]
        found = subprocess.run(
            ["unshare", "-Urm", "sh", "-c", FULL_DISK, sys.executable, *arguments],
            env=child_environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if found.returncode == 77 or found.stderr.startswith("unshare:"):
        pytest.skip(f"this machine does not allow to mount a small disk: {found.stderr.strip()}")
    said, _, after = found.stdout.partition("total ")
    *saved, code = said.split()
    stored = [line for line in after.splitlines() if line.endswith(".pdf")]
    assert code == "file.disk-full"
    assert len(stored) == len(saved) > 0
    assert ".jiacha" not in after, "no half file"
    assert prints(port).total() == len(stored) + 1
