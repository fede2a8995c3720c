"""One simulator for all the tests of this folder, as at its start before each of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.pin import Pin
from jiacha_tui.demo.card_issuing import Authority, Holder, IssuedCard, issue_card, save_card
from tests.card.cards import PIN
from tests.card.control.simulator import Simulator, running


@pytest.fixture(scope="session")
def issued(authority: Authority, holder: Holder) -> IssuedCard:
    """Valid now, as the simulator's own cards are."""
    return issue_card(authority, holder, valid_from=datetime.now(UTC) - timedelta(days=10), serial=0x01691F7F)


@pytest.fixture(scope="session")
def simulator_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulator")


@pytest.fixture(scope="session")
def simulator(
    simulator_home: Path, issued: IssuedCard, tmp_path_factory: pytest.TempPathFactory, project: Path
) -> Iterator[Simulator]:
    p12_path = tmp_path_factory.mktemp("card") / "card.p12"
    save_card(issued, Pin(PIN), p12_path)
    with running(simulator_home, project, "--card", str(p12_path)) as simulator:
        yield simulator


@pytest.fixture
def sim(simulator: Simulator) -> Simulator:
    assert simulator.order("reset") == "ok"
    return simulator


@pytest.fixture
def medium(sim: Simulator) -> ControlMedium:
    return sim.medium()
