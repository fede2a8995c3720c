"""The whole login to the embedded port with a card of the simulated control."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import scan_media
from jiacha_tui.actions.login import log_in
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.problems import CardMismatch
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.app_contexts import TODAY, demo_context
from tests.card.control.simulator import Simulator, running_simulator


@pytest.fixture(scope="module")
def simulator(simulator_home: Path, project: Path) -> Iterator[Simulator]:
    """A simulator with the cards of the embedded port in the same home."""
    with running_simulator(simulator_home, project) as simulator:
        yield simulator


@pytest.fixture
def app_context(simulator: Simulator, simulator_home: Path, tmp_path: Path) -> Iterator[AppContext]:
    simulator.run("reset")
    demo = make_demo(simulator_home, 20, today=TODAY)
    yield replace(demo_context(demo, tmp_path / "home"), media=lambda: (ControlMedium(simulator.url),))
    demo.close()


@pytest.mark.parametrize("card", ["card", "sm2"])
@pytest.mark.parametrize("reader", ["ordinary", "white"])
async def test_a_card_of_the_control_logs_in_and_signs(
    simulator: Simulator, app_context: AppContext, card: str, reader: str
) -> None:
    simulator.run(f"insert {card}")
    simulator.run(f"reader {reader}")
    (found,) = await scan_media(app_context)
    assert found.card is not None
    session = await log_in(app_context, found.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    assert session.online
    # The port requires a signature for the first list of a session.
    june = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month), Kind.CLEARED)
    await session.call_port(lambda port: port.list_page(june, 1))
    simulator.run("insert other")
    with pytest.raises(CardMismatch):
        await session.card.check_present()
    await session.close()


@pytest.mark.parametrize("card", ["card", "sm2"])
async def test_the_same_card_and_pin_open_the_cache_again(
    simulator: Simulator, app_context: AppContext, card: str
) -> None:
    simulator.run(f"insert {card}")
    (found,) = await scan_media(app_context)
    for _ in range(2):
        session = await log_in(app_context, found.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None)
        await session.close()
