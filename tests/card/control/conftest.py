"""One simulator of the control for all tests of this folder, reset before each of them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.pin import Pin
from jiacha_tui.clock import utc_now
from jiacha_tui.demo.card_issuing import Authority, Holder, IssuedCard, issue_card, save_card
from tests.card.cards import PIN
from tests.card.control.simulator import Simulator, running_simulator


@pytest.fixture(scope="session")
def issued(authority: Authority, holder: Holder) -> IssuedCard:
    """A card that is valid today, like the simulator's own cards."""
    return issue_card(authority, holder, valid_from=utc_now() - timedelta(days=10), serial=0x01691F7F)


@pytest.fixture(scope="session")
def simulator_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulator")


@pytest.fixture(scope="session")
def _shared_simulator(
    simulator_home: Path, issued: IssuedCard, tmp_path_factory: pytest.TempPathFactory, project: Path
) -> Iterator[Simulator]:
    p12_path = tmp_path_factory.mktemp("card") / "card.p12"
    save_card(issued, Pin(PIN), p12_path)
    with running_simulator(simulator_home, project, "--card", str(p12_path)) as simulator:
        yield simulator


@pytest.fixture
def simulator(_shared_simulator: Simulator) -> Simulator:
    """The shared simulator in its initial state, with the card `issued` in its reader."""
    assert _shared_simulator.run("reset") == "ok"
    return _shared_simulator


@pytest.fixture
def medium(simulator: Simulator) -> ControlMedium:
    return simulator.medium()
