"""The port's certificate, on real TLS connections."""

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
from jiacha_tui.actions.doctor.port import check_port
from jiacha_tui.clock import utc_now
from jiacha_tui.demo.card_issuing import make_ca
from jiacha_tui.eport.problems import BadCaFile
from tests.actions.doctor.contexts import doctor_context, only_finding, run_check
from tests.eport.connect_proxy import run_proxy
from tests.eport.tls import HOST, make_server_files, serve_connections


@contextlib.contextmanager
def server_without_tls(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server without TLS; `handle` is called with each connection."""
    with socket.create_server((HOST, 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _address = listener.accept()
                    with connection:
                        handle(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"https://{HOST}:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def ignore(_connection: ssl.SSLSocket) -> None:
    return


def read_to_end(connection: socket.socket) -> None:
    while connection.recv(1 << 16):
        pass


def port_finding(tmp_path: Path, url: str, ca: Path) -> Finding:
    finding, _way = run_check(check_port, doctor_context(tmp_path / "home", port_url=url, ca=ca))
    return finding


def day(days: int) -> str:
    return f"{(datetime.now(UTC) + timedelta(days=days)).astimezone():%Y-%m-%d}"


def test_a_port_with_a_valid_certificate_is_good_and_is_sent_nothing(tmp_path: Path) -> None:
    received: list[bytes] = []
    files = make_server_files(tmp_path, days=90)
    with serve_connections(lambda connection: received.append(connection.recv(1)), files) as url:
        finding = port_finding(tmp_path, url, files.ca)
    assert finding.state is FindingState.GOOD
    assert url.removeprefix("https://") in finding.message
    assert f"至 {day(90)}" in finding.message
    assert (finding.hint, finding.code) == ("", "")
    assert received == [b""]


@pytest.mark.parametrize(
    ("host", "days", "code", "expected"),
    [
        (HOST, -1, "port.certificate-expired", "的证书 {yesterday} 已过期"),
        ("127.0.0.2", 90, "port.certificate-wrong-name", "是给 127.0.0.2 的"),
    ],
)
def test_an_invalid_certificate_is_blocking_and_is_described(
    tmp_path: Path, host: str, days: int, code: str, expected: str
) -> None:
    files = make_server_files(tmp_path, host=host, days=days)
    with serve_connections(ignore, files) as url:
        finding = port_finding(tmp_path, url, files.ca)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, code, True)
    assert expected.format(yesterday=day(-1)) in finding.message, "in the time zone of this machine"
    assert finding.hint


def test_a_certificate_of_an_untrusted_authority_is_blocking(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    files = make_server_files(tmp_path)
    other = make_server_files(tmp_path / "other", make_ca(utc_now()))
    with serve_connections(ignore, files) as url:
        with_other_ca = port_finding(tmp_path, url, other.ca)
        with_system_cas, _way = run_check(check_port, doctor_context(tmp_path / "home", port_url=url))
    for finding in (with_other_ca, with_system_cas):
        assert (finding.state, finding.code, finding.blocking) == (
            FindingState.BROKEN,
            "port.certificate-foreign",
            True,
        )
        assert "--ca" in finding.hint


def test_a_certificate_that_expires_soon_is_good_with_a_code(tmp_path: Path) -> None:
    files = make_server_files(tmp_path, days=10)
    with serve_connections(ignore, files) as url:
        finding = port_finding(tmp_path, url, files.ca)
    assert (finding.state, finding.code) == (FindingState.GOOD, "port.certificate-expires-soon")


def test_a_port_that_does_not_answer_is_blocking(tmp_path: Path) -> None:
    files = make_server_files(tmp_path)
    with socket.create_server((HOST, 0)) as listener:
        url = f"https://{HOST}:{listener.getsockname()[1]}"
    finding = port_finding(tmp_path, url, files.ca)
    assert (finding.state, finding.code, finding.blocking) == (FindingState.BROKEN, "port.unreachable", True)
    assert "那里没有服务" in finding.message
    assert "离线浏览" in finding.hint


def test_a_server_without_tls_is_blocking(tmp_path: Path) -> None:
    files = make_server_files(tmp_path)
    with server_without_tls(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        finding = port_finding(tmp_path, url, files.ca)
    assert (finding.state, finding.blocking) == (FindingState.BROKEN, True)


def test_a_server_that_never_answers_times_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "_TIMEOUT_SECONDS", 0.2)
    files = make_server_files(tmp_path)
    with server_without_tls(read_to_end) as url:
        finding = port_finding(tmp_path, url, files.ca)
    assert (finding.code, finding.blocking) == ("port.unreachable", True)
    assert "超时" in finding.message


def test_each_of_two_hosts_has_a_finding(tmp_path: Path) -> None:
    files = make_server_files(tmp_path)
    (tmp_path / "old").mkdir()
    old = make_server_files(tmp_path / "old", days=-1)
    with serve_connections(ignore, files) as login, serve_connections(ignore, old) as service:
        config = f'[port]\nlogin_url = "{login}/cas/login"\nservice_url = "{service}/"\nca = "{files.ca}"\n'
        first, second, _way = run_check(check_port, doctor_context(tmp_path / "home", config))
    assert first.state is FindingState.GOOD
    assert second.state is FindingState.BROKEN


def test_the_proxy_the_agent_and_the_service_are_named_without_the_password(tmp_path: Path) -> None:
    files = make_server_files(tmp_path, host="192.0.2.7")
    with serve_connections(ignore, files) as url, run_proxy(int(url.rsplit(":", 1)[1]), "user:secret") as proxy:
        config = (
            f'[port]\nproxy = "http://user:secret@{proxy.address}"\nuser_agent = "Browser/1"\nca = "{files.ca}"\n'
            'login_page_service = "https://x.test/desk"\n'
            'login_url = "https://192.0.2.7/cas/login"\nservice_url = "https://192.0.2.7/rtxwebserver/"\n'
        )
        finding, way = run_check(check_port, doctor_context(tmp_path / "home", config))
    assert finding.state is FindingState.GOOD
    assert f"192.0.2.7（经代理 {proxy.address}）" in finding.message
    assert way.message == f"代理 {proxy.address}；User-Agent Browser/1；登录页面的 service https://x.test/desk"
    assert proxy.requests == ["192.0.2.7:443"]


def test_a_ca_file_that_cannot_be_read_raises_bad_ca_file(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("no certificate", encoding="utf-8")
    with pytest.raises(BadCaFile):
        port_finding(tmp_path, f"https://{HOST}:1", ca)


def test_the_demonstration_needs_no_network(tmp_path: Path) -> None:
    finding = only_finding(check_port, doctor_context(tmp_path, demo=True))
    assert (finding.state, finding.message) == (FindingState.GOOD, "演示用内置口岸，不用网络")
