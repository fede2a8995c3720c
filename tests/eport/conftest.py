"""A fake port in this process and over TLS, clients for it, and a card."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.settings import PortSettings, Timeouts
from tests.eport.cards import FakeCard
from tests.eport.fake_port import FakePort
from tests.eport.tls import ServerFiles, make_server_files, serve

IN_PROCESS = replace(PortSettings.under_root("https://port.test"), timeouts=Timeouts(retry_delays=(0.0, 0.0)))
StartClient = Callable[..., PortClient]


@pytest.fixture
def fake_port() -> FakePort:
    return FakePort()


@pytest.fixture
def card() -> FakeCard:
    return FakeCard()


@pytest.fixture
async def client(fake_port: FakePort) -> AsyncIterator[PortClient]:
    """A client that is not logged in, for a port in this process."""
    client = PortClient(IN_PROCESS, httpx.ASGITransport(fake_port.application))
    yield client
    await client.aclose()


@pytest.fixture
async def pin_client(fake_port: FakePort) -> AsyncIterator[PortClient]:
    """As `client`, and its settings say to send the PIN."""
    client = PortClient(replace(IN_PROCESS, send_pin=True), httpx.ASGITransport(fake_port.application))
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
