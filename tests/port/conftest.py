from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from jiacha_tui.port.client import PortClient
from jiacha_tui.port.settings import Patience, PortSettings
from tests.port.cards import PaperCard
from tests.port.stand_in import StandIn

IN_PROCESS = replace(PortSettings.under("https://port.test"), patience=Patience(pauses=(0.0, 0.0)))


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
def card() -> PaperCard:
    return PaperCard()


@pytest.fixture
async def client(stand_in: StandIn) -> AsyncIterator[PortClient]:
    """Not logged in yet; the port is within this process."""
    client = PortClient(IN_PROCESS, httpx.ASGITransport(stand_in.application))
    yield client
    await client.aclose()


@pytest.fixture
async def session(client: PortClient, card: PaperCard, stand_in: StandIn) -> PortClient:
    """Logged in, with what it took forgotten."""
    await client.log_in(card)
    card.asked.clear()
    stand_in.seen.clear()
    return client
