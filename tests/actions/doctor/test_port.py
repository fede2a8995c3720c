"""The port's certificate, on real TLS sockets."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jiacha_tui.actions.doctor import port
from jiacha_tui.actions.doctor.finding import Finding, FindingState
from jiacha_tui.eport.problems import BadCaFile
from tests.actions.doctor.contexts import at, looked, only
from tests.eport.tls import HOST, connections, make_server_files


@contextlib.contextmanager
def plain(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that speaks no TLS; `handle` gets its connections."""
    with socket.create_server((HOST, 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _address = listener.accept()
                    with line:
                        handle(line)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"https://{HOST}:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def ignore(_line: ssl.SSLSocket) -> None:
    return


def until_it_ends(line: socket.socket) -> None:
    while line.recv(1 << 16):
        pass


def found(tmp_path: Path, url: str, ca: Path) -> Finding:
    return only(port.look, at(tmp_path / "home", port_url=url, ca=ca))


def day(days: int) -> str:
    return f"{(datetime.now(UTC) + timedelta(days=days)).astimezone():%Y-%m-%d}"


def test_a_port_that_proves_who_it_is_is_sent_nothing(tmp_path: Path) -> None:
    received: list[bytes] = []
    files = make_server_files(tmp_path, days=90)
    with connections(lambda line: received.append(line.recv(1)), files) as url:
        finding = found(tmp_path, url, files.ca)
    assert finding.state is FindingState.GOOD
    assert url.removeprefix("https://") in finding.message
    assert f"至 {day(90)}" in finding.message
    assert (finding.hint, finding.code) == ("", "")
    assert received == [b""]


@pytest.mark.parametrize(
    ("host", "days", "code", "said"),
    [
        (HOST, -1, "port.certificate-expired", "的证书 {yesterday} 已过期"),
        ("127.0.0.2", 90, "port.certificate-wrong-name", "是给 127.0.0.2 的"),
    ],
)
def test_a_certificate_that_proves_nothing_stops_and_is_shown(
    tmp_path: Path, host: str, days: int, code: str, said: str
) -> None:
    files = make_server_files(tmp_path, host=host, days=days)
    with connections(ignore, files) as url:
        finding = found(tmp_path, url, files.ca)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, code, True)
    assert said.format(yesterday=day(-1)) in finding.message, "told in the zone of this machine"
    assert finding.hint


def test_a_certificate_of_somebody_elses_authority_stops_and_names_it(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    files = make_server_files(tmp_path)
    other = make_server_files(tmp_path / "other")
    with connections(ignore, files) as url:
        trusting = found(tmp_path, url, other.ca)
        public = only(port.look, at(tmp_path / "home", port_url=url))
    for finding in (trusting, public):
        assert (finding.state, finding.code, finding.blocking) == (
            FindingState.BROKEN,
            "port.certificate-foreign",
            True,
        )
        assert "--ca" in finding.hint


def test_a_certificate_that_ends_soon_is_good_and_told(tmp_path: Path) -> None:
    files = make_server_files(tmp_path, days=10)
    with connections(ignore, files) as url:
        finding = found(tmp_path, url, files.ca)
    assert (finding.state, finding.code) == (FindingState.GOOD, "port.certificate-expires-soon")


def test_nobody_there(tmp_path: Path) -> None:
    files = make_server_files(tmp_path)
    with socket.create_server((HOST, 0)) as listener:
        url = f"https://{HOST}:{listener.getsockname()[1]}"
    finding = found(tmp_path, url, files.ca)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "port.unreachable", True)
    assert "那里没有服务" in finding.message
    assert "离线浏览" in finding.hint


def test_a_server_without_tls_is_no_port(tmp_path: Path) -> None:
    files = make_server_files(tmp_path)
    with plain(lambda line: line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        finding = found(tmp_path, url, files.ca)
    assert (finding.state, finding.blocking) == (FindingState.BROKEN, True)


def test_a_server_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "_SECONDS", 0.2)
    files = make_server_files(tmp_path)
    with plain(until_it_ends) as url:
        finding = found(tmp_path, url, files.ca)
    assert (finding.code, finding.blocking) == ("port.unreachable", True)
    assert "超时" in finding.message


def test_each_of_two_hosts_is_told(tmp_path: Path) -> None:
    files = make_server_files(tmp_path)
    (tmp_path / "old").mkdir()
    old = make_server_files(tmp_path / "old", days=-1)
    with connections(ignore, files) as login, connections(ignore, old) as service:
        config = f'[port]\nlogin_url = "{login}/cas/login"\nservice_url = "{service}/"\nca = "{files.ca}"\n'
        first, second = looked(port.look, at(tmp_path / "home", config))
    assert first.state is FindingState.GOOD
    assert second.state is FindingState.BROKEN


def test_an_authority_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("no certificate", encoding="utf-8")
    with pytest.raises(BadCaFile):
        found(tmp_path, f"https://{HOST}:1", ca)


def test_the_demonstration_uses_no_network(tmp_path: Path) -> None:
    finding = only(port.look, at(tmp_path, demo=True))
    assert (finding.state, finding.message) == (FindingState.GOOD, "演示用内置口岸，不用网络")
