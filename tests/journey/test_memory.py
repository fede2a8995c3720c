"""The PIN in the memory of the running program: in one place, and in none once the session is locked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jiacha_tui.card.pin import Pin
from jiacha_tui.demo.card_issuing import Holder, IssuedCard, issue_card, make_ca, save_card
from tests.card.cards import PIN
from tests.card.control.simulator import running_simulator
from tests.memory import PIN_KEYS, check_lock_clears_pin, write_config

PASTED = b"\x1b[200~" + PIN.encode() + b"\x1b[201~"


@pytest.fixture(scope="module")
def card() -> IssuedCard:
    start = datetime.now(UTC) - timedelta(days=1)
    holder = Holder(
        card_number="JJ0G900000001", name="张小明", company="示例进出口有限公司", organisation_code="MA1FL0001"
    )
    return issue_card(make_ca(start), holder, valid_from=start)


@pytest.mark.parametrize("keys", [(PASTED,), (PIN.encode(),), PIN_KEYS], ids=["pasted", "at once", "key by key"])
def test_a_lock_leaves_no_pin_in_memory(
    keys: tuple[bytes, ...], card: IssuedCard, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = write_config(tmp_path / "home", "ws://127.0.0.1:9")
    (home / "demo").mkdir()
    save_card(card, Pin(PIN), home / "demo" / "card.p12")
    check_lock_clears_pin(home, keys, child_environment)


def test_a_lock_leaves_no_pin_that_was_sent_to_a_control(
    card: IssuedCard, tmp_path: Path, project: Path, child_environment: dict[str, str]
) -> None:
    save_card(card, Pin(PIN), tmp_path / "card.p12")
    with running_simulator(tmp_path / "simulator", project, "--card", str(tmp_path / "card.p12")) as simulator:
        check_lock_clears_pin(write_config(tmp_path / "home", simulator.url), PIN_KEYS, child_environment)
