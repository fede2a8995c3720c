"""From the simulated control to the embedded port: the whole login, with the card in somebody else's PC."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.cards import look
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.workplace import Workplace
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.problems import OtherCard
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import BySpan, Span
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.card.control.simulator import Simulator, running
from tests.workplaces import TODAY, at_demo


@pytest.fixture(scope="module")
def office(simulator_home: Path, project: Path) -> Iterator[Simulator]:
    """A simulator with the cards of the embedded port that lies in the same home."""
    with running(simulator_home, project) as simulator:
        yield simulator


@pytest.fixture
def workplace(office: Simulator, simulator_home: Path, tmp_path: Path) -> Iterator[Workplace]:
    office.order("reset")
    demo = make_demo(simulator_home, 20, today=TODAY)
    yield replace(at_demo(demo, tmp_path / "home"), media=lambda: (ControlMedium(office.url),))
    demo.close()


@pytest.mark.parametrize("card", ["card", "sm2"])
@pytest.mark.parametrize("reader", ["ordinary", "white"])
async def test_a_card_behind_the_control_logs_in_and_signs(
    office: Simulator, workplace: Workplace, card: str, reader: str
) -> None:
    office.order(f"insert {card}")
    office.order(f"reader {reader}")
    (found,) = await look(workplace)
    assert found.face is not None
    session = await log_in(workplace, found.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    assert session.online
    assert session.card.sealing_certificate is None
    # The port wants the first list of a session signed.
    june = BySpan(Span.month(TODAY.year, TODAY.month), Kind.CLEARED)
    await session.ask(lambda port: port.list_page(june, 1))
    office.order("insert other")
    with pytest.raises(OtherCard):
        await session.card.check_present()
    await session.close()


@pytest.mark.parametrize("card", ["card", "sm2"])
async def test_the_cache_opens_again_with_the_same_card_and_pin(
    office: Simulator, workplace: Workplace, card: str
) -> None:
    office.order(f"insert {card}")
    (found,) = await look(workplace)
    for _ in range(2):
        session = await log_in(workplace, found.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None)
        await session.close()
