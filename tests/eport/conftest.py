from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.settings import PortSettings, Timeouts
from tests.eport.cards import FakeCard
from tests.eport.fake_port import FakePort

IN_PROCESS = replace(PortSettings.under_root("https://port.test"), timeouts=Timeouts(retry_delays=(0.0, 0.0)))


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
async def logged_in(client: PortClient, card: FakeCard, fake_port: FakePort) -> PortClient:
    """A logged-in client. The calls and requests of the login are not in the records."""
    await client.log_in(card)
    card.calls.clear()
    fake_port.requests.clear()
    return client
