"""The way to the port through an HTTP proxy, over real sockets; the names of the program and the service; the CAs."""

import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.http_transport import tls_context
from jiacha_tui.eport.problems import BadProxy, PortUnreachable, ResponseLost
from jiacha_tui.eport.proxy import Proxy, find_proxy
from jiacha_tui.eport.settings import PortSettings
from tests.crash_output import crash_output
from tests.eport.cards import FakeCard
from tests.eport.connect_proxy import ConnectProxy, run_proxy
from tests.eport.fake_port import LOGIN, SESSION, FakePort
from tests.eport.tls import ServerFiles, make_server_files, serve

HOST = "192.0.2.7"
"""An address that leads nowhere (RFC 5737), so that only the proxy reaches the port."""

PASSWORD = "p@ss:w/rd"
StartClient = Callable[..., PortClient]


@pytest.fixture
def files(tmp_path: Path) -> ServerFiles:
    return make_server_files(tmp_path, host=HOST)


@pytest.fixture
def proxy(fake_port: FakePort, files: ServerFiles) -> Iterator[ConnectProxy]:
    with (
        serve(fake_port.application, files) as root,
        run_proxy(int(root.rsplit(":", 1)[1]), f"user:{PASSWORD}") as proxy,
    ):
        yield proxy


@pytest.fixture
async def start_client(files: ServerFiles, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StartClient]:
    """Makes a client with changed settings for the port at HOST; no proxy is in the environment."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    clients: list[PortClient] = []

    def start(**changes: str) -> PortClient:
        settings = replace(PortSettings.under_root(f"https://{HOST}", files.ca), **changes)  # type: ignore[arg-type]
        clients.append(PortClient(settings))
        return clients[-1]

    yield start
    for client in clients:
        await client.aclose()


async def test_a_login_goes_through_the_configured_proxy(
    start_client: StartClient, proxy: ConnectProxy, card: FakeCard
) -> None:
    client = start_client(proxy=f"http://user:p%40ss%3Aw%2Frd@{proxy.address}")
    await client.log_in(card)
    assert set(proxy.requests) == {f"{HOST}:443"}
    assert PASSWORD not in repr(vars(client))


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
async def test_a_login_goes_through_the_proxy_of_the_environment(
    start_client: StartClient, proxy: ConnectProxy, card: FakeCard, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, f"http://user:p%40ss%3Aw%2Frd@{proxy.address}")
    await start_client().log_in(card)
    assert proxy.requests


async def test_a_proxy_that_refuses_the_credentials_sends_nothing_and_says_so(
    start_client: StartClient, proxy: ConnectProxy, card: FakeCard, fake_port: FakePort
) -> None:
    with pytest.raises(PortUnreachable) as problem:
        await start_client(proxy=f"http://user:wrong-secret@{proxy.address}").log_in(card)
    assert not isinstance(problem.value, ResponseLost), "nothing reached the port"
    assert "用户名和密码" in problem.value.hint
    assert fake_port.requests == []
    frames = problem.value.__traceback__
    assert "wrong-secret" not in crash_output(problem.value.with_traceback(frames.tb_next if frames else None))


def test_the_configured_proxy_wins_and_this_computer_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://environment:1")
    monkeypatch.setenv("no_proxy", "direct.test")
    assert find_proxy("configured:2", "https", "port.test") == Proxy("configured", 2)
    assert find_proxy("", "https", "port.test") == Proxy("environment", 1)
    assert find_proxy("", "https", "direct.test") is None
    for host in ("127.0.0.1", "::1", "localhost"):
        assert find_proxy("configured:2", "https", host) is None


def test_a_proxy_may_have_an_ipv6_address() -> None:
    assert Proxy.from_address("http://[2001:db8::1]:3128").place == "[2001:db8::1]:3128"


@pytest.mark.parametrize(
    "address", ["socks5://secret@x", "http://", "http://secret@x:99999", "http://[secret", "ftp://x"]
)
def test_a_proxy_that_cannot_be_used_is_refused_without_its_address(address: str) -> None:
    with pytest.raises(BadProxy) as problem:
        Proxy.from_address(address)
    assert "secret" not in crash_output(problem.value.with_traceback(None))


async def test_the_user_agent_and_the_service_of_the_login_page_are_those_of_the_settings(
    start_client: StartClient, proxy: ConnectProxy, card: FakeCard, fake_port: FakePort
) -> None:
    service = "https://i.chinaport.gov.cn/deskserver/j_spring_cas_security_check"
    await start_client(
        proxy=f"user:p%40ss%3Aw%2Frd@{proxy.address}", user_agent="Mozilla/5.0 (X11)", login_page_service=service
    ).log_in(card)
    page, form = fake_port.requests_to(LOGIN)
    assert parse_qs(page.query)["service"] == [service]
    assert parse_qs(form.query)["service"] == [f"https://{HOST}/rtxwebserver/sw/rtx/commonQuery/getSession"]
    assert {request.headers["user-agent"] for request in fake_port.requests} == {"Mozilla/5.0 (X11)"}


def test_a_ca_file_is_trusted_besides_the_system(files: ServerFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    system = len(ssl.create_default_context().get_ca_certs())
    assert len(tls_context(files.ca).get_ca_certs()) == system + 1


def test_an_ipv6_address_is_accepted() -> None:
    PortClient(PortSettings.under_root("https://[2001:db8::1]:8443"))


async def test_a_login_at_an_ipv6_address(fake_port: FakePort, card: FakeCard, tmp_path: Path) -> None:
    if not _has_ipv6_loopback():
        pytest.skip("this machine has no IPv6 loopback")
    files = make_server_files(tmp_path, host="::1")
    with serve(fake_port.application, files, host="::1") as root:
        client = PortClient(PortSettings.under_root(root, files.ca))
        await client.log_in(card)
        await client.aclose()
    assert root.startswith("https://[::1]:")
    assert fake_port.requests_to(SESSION)


def _has_ipv6_loopback() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


async def test_the_route_names_the_proxy_and_the_agent_without_the_password(start_client: StartClient) -> None:
    assert start_client().route == ""
    client = start_client(proxy="http://user:secret@proxy.test:3128", user_agent="Browser/1")
    assert client.route == "经代理 proxy.test:3128，User-Agent Browser/1"
