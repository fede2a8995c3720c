"""Card readers: missing parts, and a real pcscd with a virtual reader, checked from a separate process."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jiacha_tui.actions.doctor.cards import check_readers
from jiacha_tui.actions.doctor.finding import FindingState
from tests.actions.doctor.contexts import doctor_context, only_finding
from tests.card.cards import PIN
from tests.card.pcsc.pcscd import running_pcscd, wait_until
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.needs import needs

Ask = Callable[[str | Path], dict[str, Any]]

with_pyscard = pytest.mark.skipif(
    importlib.util.find_spec("smartcard") is None, reason="pyscard, the extra `card`, is not installed"
)


@pytest.fixture
def ask(child_environment: dict[str, str]) -> Ask:
    """Returns a function that runs the doctor with pcscd at a given socket and returns the finding about readers.

    It starts a process, because the PC/SC library reads the socket's address only once in each process.
    """

    def ask(socket: str | Path) -> dict[str, Any]:
        run = subprocess.run(
            [sys.executable, "-m", "jiacha_tui", "doctor", "--offline", "--json"],
            env=child_environment | {"PCSCLITE_CSOCK_NAME": str(socket)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        findings: list[dict[str, Any]] = json.loads(run.stdout)["findings"]
        return next(finding for finding in findings if finding["area"] == "readers")

    return ask


def test_without_pyscard_readers_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    finding = only_finding(check_readers, doctor_context(tmp_path))
    assert (finding.state, finding.code) == (FindingState.MISSING, "pcsc.no-pyscard")


@with_pyscard
def test_readers_are_broken_where_the_service_does_not_run(tmp_path: Path, ask: Ask) -> None:
    finding = ask(tmp_path / "nowhere")
    assert (finding["state"], finding["code"]) in [("broken", "pcsc.no-service"), ("missing", "pcsc.no-library")]


@with_pyscard
@needs("pcscd", "vpcd")
def test_readers_are_named_and_cards_counted_without_sending_anything_to_a_card(tmp_path: Path, ask: Ask) -> None:
    card = VirtualPiv(PIN, {})
    with running_pcscd(tmp_path) as daemon:
        empty = ask(daemon.socket)
        daemon.slots[0].reader.insert(card)
        wait_until(lambda: ask(daemon.socket)["what"].endswith("1 张卡"))
        daemon.slots[0].reader.pull()
    assert (empty["state"], empty["code"]) == ("good", "card.none")
    assert empty["what"] == "Virtual PCD 00 00、Virtual PCD 00 01，没有卡"
    assert card.commands == []
