"""`jiacha port`: the embedded port over TLS on a real socket, in a process that is started and ended."""

import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from jiacha_tui.demo.problems import CannotListen, DemoDamaged
from jiacha_tui.demo.serve import serve
from jiacha_tui.demo.tls import TlsFiles
from tests.demo.browser import Browser, Card
from tests.needs import needs

_PROGRAM = """
import sys
from pathlib import Path
from jiacha_tui.demo.serve import serve
serve(Path(sys.argv[1]), sys.argv[2], 0, 200, 1)
"""


@contextmanager
def running_port(home: Path, environment: dict[str, str], host: str = "127.0.0.1") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", _PROGRAM, str(home), host]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as port:
        try:
            yield port
        finally:
            port.kill()


def read_ready_line(port: subprocess.Popen[str]) -> tuple[str, Path]:
    """The URL and the CA file in the line that the port prints."""
    assert port.stdout is not None
    word, url, ca = port.stdout.readline().split(" ", 2)
    assert word == "ready"
    return url, Path(ca.rstrip("\n"))


async def test_a_card_logs_in_over_tls(home: Path, child_environment: dict[str, str]) -> None:
    with running_port(home, child_environment) as port:
        url, ca = read_ready_line(port)
        async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=ca)) as http:
            visitor = Browser(http, url)
            await visitor.log_in(Card.at(home / "demo" / "card.p12"))
            listed = (await visitor.list("20260601", "20260617"))["responseData"]
            detail = await visitor.detail(listed["rows"][0])
            assert detail["responseData"]["cardHeadVo"]["tradeName"] == "示例进出口有限公司"


async def test_a_client_that_does_not_trust_its_authority_cannot_connect(
    home: Path, child_environment: dict[str, str]
) -> None:
    with running_port(home, child_environment) as port:
        url, _ = read_ready_line(port)
        async with httpx.AsyncClient() as http:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await http.get(url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_even_with_an_open_connection(
    home: Path, child_environment: dict[str, str], number: signal.Signals
) -> None:
    with running_port(home, child_environment) as port:
        url, ca = read_ready_line(port)
        async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=ca)) as http:
            await http.get(f"{url}/cas/login")
            port.send_signal(number)
            output, errors = port.communicate(timeout=20)
        assert (port.returncode, output, errors) == (0, "", "")


async def test_garbage_on_the_socket_does_not_disturb_others(home: Path, child_environment: dict[str, str]) -> None:
    with running_port(home, child_environment) as port:
        url, ca = read_ready_line(port)
        address = httpx.URL(url)
        with socket.create_connection((address.host, address.port or 0)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)))
        async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=ca)) as http:
            assert (await http.get(f"{url}/cas/login")).status_code == 200
        port.send_signal(signal.SIGTERM)
        assert "Traceback" not in port.communicate(timeout=20)[1]


def test_only_the_owner_can_read_its_files(home: Path, child_environment: dict[str, str]) -> None:
    with running_port(home, child_environment) as port:
        _, ca = read_ready_line(port)
        assert ca == home / "demo" / "ca.pem"
        for path in (home / "demo").rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_the_authority_is_kept_and_the_server_certificate_is_made_again(tmp_path: Path) -> None:
    first = TlsFiles.load_or_make(tmp_path, "127.0.0.1")
    authority, server = first.authority.read_bytes(), first.server.read_bytes()
    again = TlsFiles.load_or_make(tmp_path, "localhost")
    assert again.authority.read_bytes() == authority
    assert again.server.read_bytes() != server


@needs("openssl")
def test_openssl_accepts_the_chain(tmp_path: Path) -> None:
    files = TlsFiles.load_or_make(tmp_path, "127.0.0.1")
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_ip", "127.0.0.1"]
    checked = subprocess.run([*command, "-CAfile", files.authority, files.server], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_a_port_in_use_is_reported(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(CannotListen) as caught:
            serve(home, "127.0.0.1", number)
    assert str(number) in caught.value.message


@pytest.mark.parametrize("name", ["ca.pem", "ca-key.pem"])
def test_a_damaged_authority_is_reported(tmp_path: Path, name: str) -> None:
    TlsFiles.load_or_make(tmp_path, "127.0.0.1")
    (tmp_path / name).write_bytes(b"-----BEGIN")
    with pytest.raises(DemoDamaged) as caught:
        TlsFiles.load_or_make(tmp_path, "127.0.0.1")
    assert name in caught.value.message
