import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest


@contextmanager
def _port(*arguments: str, environ: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "jiacha_tui", "port", *arguments]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_one_line_tells_where_it_serves_and_whom_to_trust(
    stop: signal.Signals, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = tmp_path / "home"
    with _port(
        "--listen", "127.0.0.1:0", "--declarations", "3", "--home", str(home), environ=child_environment
    ) as port:
        assert port.stdout is not None
        ready, url, authority = port.stdout.readline().split()
        assert ready == "ready"
        answer = httpx.get(f"{url}/cas/login", verify=ssl.create_default_context(cafile=authority))
        assert answer.status_code == 200
        assert 'id="random"' in answer.text
        port.send_signal(stop)
        rest, complaints = port.communicate(timeout=30)
    assert (port.returncode, rest, complaints) == (0, "", "")
    assert (home / "demo" / "card.p12").exists()


def test_an_address_that_is_taken_is_told(tmp_path: Path, child_environment: dict[str, str]) -> None:
    with _port("--listen", "127.0.0.1:0", "--home", str(tmp_path / "one"), environ=child_environment) as port:
        assert port.stdout is not None
        address = port.stdout.readline().split()[1].removeprefix("https://")
        with _port("--listen", address, "--home", str(tmp_path / "two"), environ=child_environment) as second:
            _, complaint = second.communicate(timeout=30)
    assert second.returncode == 1
    assert "(port.cannot-listen)" in complaint
    assert "Traceback" not in complaint
