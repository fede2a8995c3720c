"""A card of the control whose PIN was changed with other software between two logins."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_recovery import CacheRecovery, PreviousPin
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.problems import WrongPin
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.demo.demo import make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.app_contexts import TODAY, demo_context
from tests.card.control.simulator import Simulator

NEW_PIN = "Neu-8765"
MARKER = "was here"


@pytest.fixture
def app_context(simulator: Simulator, simulator_home: Path, tmp_path: Path) -> Iterator[AppContext]:
    demo = make_demo(simulator_home, 20, today=TODAY)
    yield replace(demo_context(demo, tmp_path / "home"), media=lambda: (ControlMedium(simulator.url),))
    demo.close()


async def log_in_and_mark(app_context: AppContext, pin: str, recovery: CacheRecovery | None = None) -> list[str]:
    """Logs in offline and writes a marker into the journal. Returns the markers that were in it before."""
    (medium,) = app_context.media()
    session = await log_in(
        app_context, medium.medium_id, pin, offline=True, on_stage=lambda _stage: None, recovery=recovery
    )
    before = [entry.message for entry in session.journal.recent(20) if entry.kind is JournalKind.QUERY]
    session.journal.write(JournalKind.QUERY, (), Outcome.DONE, MARKER)
    await session.close()
    return before


@pytest.mark.parametrize("card", ["other", "sm2"])
async def test_the_previous_pin_opens_the_cache_and_then_the_new_one_does(
    simulator: Simulator, app_context: AppContext, card: str
) -> None:
    simulator.run(f"insert {card}")
    assert await log_in_and_mark(app_context, DEMO_PIN) == []
    assert simulator.run(f"pin {DEMO_PIN} {NEW_PIN}") == "ok"
    with pytest.raises(WrongPin):
        await log_in_and_mark(app_context, DEMO_PIN)
    with pytest.raises(CacheRecoveryNeeded) as refused:
        await log_in_and_mark(app_context, NEW_PIN)
    assert refused.value.previous_pin_helps
    simulator.calls()
    with pytest.raises(CacheRecoveryNeeded):
        await log_in_and_mark(app_context, NEW_PIN, PreviousPin("00000000"))
    assert await log_in_and_mark(app_context, NEW_PIN, PreviousPin(DEMO_PIN)) == [MARKER]
    assert [call for call in simulator.calls() if "VerifyPIN" in call] == ["cus-sec_SpcVerifyPINAll"] * 2, (
        "the card got only the new PIN, once for each login"
    )
    assert await log_in_and_mark(app_context, NEW_PIN) == [MARKER, MARKER]
