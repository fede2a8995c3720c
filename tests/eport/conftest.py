"""A fake port over TLS, clients for it, and a card."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.settings import PortSettings, Timeouts
from tests.eport.cards import FakeCard
from tests.eport.fake_port import FakePort
from tests.eport.tls import ServerFiles, make_server_files, serve

StartClient = Callable[..., PortClient]


@pytest.fixture
def fake_port() -> FakePort:
    return FakePort()


@pytest.fixture
def card() -> FakeCard:
    return FakeCard()


class SharedServer:
    """One server over TLS for all tests, which would each need a tenth of a second for their own."""

    def __init__(self) -> None:
        self.application: ASGIApp = FakePort().application
        """What answers: the port of the running test."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.application(scope, receive, send)


@pytest.fixture(scope="session")
def shared_server(files: ServerFiles) -> Iterator[tuple[SharedServer, str]]:
    """The server and its root address."""
    server = SharedServer()
    with serve(server, files) as address:
        yield server, address


@pytest.fixture
def settings(
    shared_server: tuple[SharedServer, str], fake_port: FakePort, files: ServerFiles, monkeypatch: pytest.MonkeyPatch
) -> PortSettings:
    """Those of `client`: they lead to `fake_port` over TLS."""
    monkeypatch.setenv("SSL_CERT_FILE", str(files.ca))  # reading the CAs of the system takes longer than most tests
    server, address = shared_server
    server.application = fake_port.application
    return replace(PortSettings.under_root(address, files.ca), timeouts=Timeouts(retry_delays=(0.0, 0.0)))


@pytest.fixture
async def client(settings: PortSettings) -> AsyncIterator[PortClient]:
    """A client that is not logged in."""
    client = PortClient(settings)
    yield client
    await client.aclose()


@pytest.fixture
async def pin_client(settings: PortSettings) -> AsyncIterator[PortClient]:
    """As `client`, and its settings say to send the PIN."""
    client = PortClient(replace(settings, send_pin=True))
    yield client
    await client.aclose()


@pytest.fixture
async def logged_in(client: PortClient, card: FakeCard, fake_port: FakePort) -> PortClient:
    """A logged-in client. The calls and requests of the login are not in the records."""
    await client.log_in(card)
    card.calls.clear()
    fake_port.requests.clear()
    return client


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> ServerFiles:
    return make_server_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def root(fake_port: FakePort, files: ServerFiles) -> Iterator[str]:
    """The address of the fake port over TLS."""
    with serve(fake_port.application, files) as address:
        yield address


@pytest.fixture
async def start_client(root: str, files: ServerFiles) -> AsyncIterator[StartClient]:
    """Makes a client for the port at `root` with changed settings; it is closed after the test."""
    clients: list[PortClient] = []

    def start(**changes: Any) -> PortClient:
        clients.append(PortClient(replace(PortSettings.under_root(root, files.ca), **changes)))
        return clients[-1]

    yield start
    for client in clients:
        await client.aclose()
