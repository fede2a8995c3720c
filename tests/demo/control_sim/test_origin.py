"""Which web pages may connect to the simulated control."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.card.control.simulator import Simulator, running_simulator


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Simulator]:
    with running_simulator(tmp_path_factory.mktemp("simulator"), project, "--insert", "none") as simulator:
        yield simulator


@pytest.mark.parametrize("origin", [None, "https://app.singlewindow.cn", "https://i.chinaport.gov.cn"])
async def test_a_program_and_a_page_of_the_port_are_greeted(simulator: Simulator, origin: str | None) -> None:
    async with connect(simulator.url, additional_headers={"Origin": origin} if origin else {}) as connection:
        assert '"open"' in str(await connection.recv())


@pytest.mark.parametrize(
    "origin",
    [
        *("https://example.com", "null", "http://app.singlewindow.cn", "https://app.singlewindow.cn.example.com"),
        *("https://evilsinglewindow.cn", "https://example.com/?https://app.singlewindow.cn", "http://localhost"),
    ],
)
async def test_another_page_is_refused(simulator: Simulator, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        await connect(simulator.url, additional_headers={"Origin": origin})
    assert refusal.value.response.status_code == 403
    assert simulator.calls() == []
