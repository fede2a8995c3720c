from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.settings import PortSettings, Timeouts
from tests.eport.cards import PaperCard
from tests.eport.fake_port import FakePort

IN_PROCESS = replace(PortSettings.under_root("https://port.test"), timeouts=Timeouts(retry_delays=(0.0, 0.0)))


@pytest.fixture
def stand_in() -> FakePort:
    return FakePort()


@pytest.fixture
def card() -> PaperCard:
    return PaperCard()


@pytest.fixture
async def client(stand_in: FakePort) -> AsyncIterator[PortClient]:
    """Not logged in yet; the port is within this process."""
    client = PortClient(IN_PROCESS, httpx.ASGITransport(stand_in.application))
    yield client
    await client.aclose()


@pytest.fixture
async def session(client: PortClient, card: PaperCard, stand_in: FakePort) -> PortClient:
    """Logged in, with what it took forgotten."""
    await client.log_in(card)
    card.asked.clear()
    stand_in.seen.clear()
    return client
