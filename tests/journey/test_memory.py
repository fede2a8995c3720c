"""Where a PIN is while the whole program runs: in one place, and in none once the session is locked."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jiacha_tui.card.issue import Holder, IssuedCard, issue_card, make_ca, save_card
from jiacha_tui.card.pin import Pin
from tests.card.cards import PIN
from tests.card.control.simulator import running
from tests.cli.terminals import Terminal, terminal
from tests.memory import copies

READABLE = ("-c", "import sys; from jiacha_tui.cli.main import main; sys.exit(main())")
"""The program as it starts, but for what keeps its parent from reading its memory."""

PASTED = b"\x1b[200~" + PIN.encode() + b"\x1b[201~"
ONE_BY_ONE = tuple(bytes([code]) for code in PIN.encode())
LOCK = b"\x0f"


@pytest.fixture(scope="module")
def card() -> IssuedCard:
    start = datetime.now(UTC) - timedelta(days=1)
    holder = Holder(
        card_number="JJ0G900000001", name="张小明", company="示例进出口有限公司", organisation_code="MA1FL0001"
    )
    return issue_card(make_ca(start), holder, valid_from=start)


def _configured(home: Path, control_url: str) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(f'[card]\ncontrol_url = "{control_url}"\n')
    return home


def _type(screen: Terminal, keys: tuple[bytes, ...]) -> None:
    for key in keys:
        screen.type(key)
        screen.rest(0.1)


def _locks_without_a_trace(home: Path, keys: tuple[bytes, ...], environ: Mapping[str, str]) -> None:
    arguments = ("--offline", "--home", str(home))
    with terminal(*arguments, environ=environ, program=READABLE) as screen:
        screen.wait_for(b"JJ0G900000001")
        _type(screen, keys)
        assert copies(screen.process_id, PIN) >= 1, "the PIN can be found"
        screen.type(b"\r")
        screen.wait_for("报关单查询下载".encode())
        screen.rest(0.5)
        assert copies(screen.process_id, PIN) == 1, "that of the card which signs"
        screen.type(LOCK)
        screen.wait_for("按 Enter 解锁".encode())
        screen.rest(0.5)
        assert copies(screen.process_id, PIN) == 0


@pytest.mark.parametrize("keys", [(PASTED,), (PIN.encode(),), ONE_BY_ONE], ids=["pasted", "at once", "key by key"])
def test_a_lock_leaves_no_pin_in_memory(
    keys: tuple[bytes, ...], card: IssuedCard, tmp_path: Path, child_environment: dict[str, str]
) -> None:
    home = _configured(tmp_path / "home", "ws://127.0.0.1:9")
    (home / "demo").mkdir()
    save_card(card, Pin(PIN), home / "demo" / "card.p12")
    _locks_without_a_trace(home, keys, child_environment)


def test_a_lock_leaves_no_pin_that_a_control_was_told(
    card: IssuedCard, tmp_path: Path, project: Path, child_environment: dict[str, str]
) -> None:
    save_card(card, Pin(PIN), tmp_path / "card.p12")
    with running(tmp_path / "simulator", project, "--card", str(tmp_path / "card.p12")) as simulator:
        _locks_without_a_trace(_configured(tmp_path / "home", simulator.url), ONE_BY_ONE, child_environment)
