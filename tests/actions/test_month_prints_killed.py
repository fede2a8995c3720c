"""A program that saves prints over TLS is killed in the middle: no file is half, and the next run fetches the rest."""

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
