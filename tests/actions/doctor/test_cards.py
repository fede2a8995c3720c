"""The client control with its card, and the demo card."""

import importlib.util
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jiacha_tui.actions.doctor.cards import check_control, check_demo_card
from jiacha_tui.actions.doctor.finding import Finding, FindingState
from jiacha_tui.card.pin import Pin
from jiacha_tui.demo.card_issuing import Holder, issue_card, make_ca, save_card
from jiacha_tui.demo.demo import make_demo
from tests.actions.doctor.contexts import doctor_context, only_finding, run_check
from tests.card.control.simulator import Simulator, running_simulator

NUMBER = "JJ0G900000001"
HOLDER = Holder(card_number=NUMBER, name="张小明", company="示例公司", organisation_code="MA1FL0001")


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Simulator]:
    with running_simulator(tmp_path_factory.mktemp("simulator"), project) as simulator:
        yield simulator


def control_finding(simulator: Simulator, home: Path) -> Finding:
    return only_finding(check_control, doctor_context(home, f'[card]\ncontrol_url = "{simulator.url}"\n'))


def test_the_control_is_asked_for_the_card_number_and_certificate_but_for_no_pin(
    simulator: Simulator, tmp_path: Path
) -> None:
    simulator.run("reset")
    finding = control_finding(simulator, tmp_path)
    assert finding.state is FindingState.GOOD
    assert "有效至" in finding.message
    assert simulator.calls() == ["cus-sec_SpcGetCardID", "cus-sec_SpcGetCertNo", "cus-sec_SpcGetSignCertAsPEM"]


@pytest.mark.parametrize(
    ("order", "state", "code"),
    [
        ("pull", FindingState.GOOD, "card.none"),
        ("insert expired", FindingState.BROKEN, "card.expired"),
        ("insert sm2", FindingState.GOOD, ""),
        ("next 50070", FindingState.BROKEN, "control.reader-reset"),
    ],
)
def test_the_state_of_the_control_and_its_card_is_reported(
    simulator: Simulator, tmp_path: Path, order: str, state: FindingState, code: str
) -> None:
    if order == "insert sm2" and importlib.util.find_spec("gmssl_pyx") is None:
        pytest.skip("gmssl-pyx has no wheel for this machine")
    simulator.run("reset")
    simulator.run(order)
    finding = control_finding(simulator, tmp_path)
    assert (finding.state, finding.code, finding.blocking) == (state, code, False)


def test_a_control_that_does_not_run_is_missing_with_the_command_to_forward_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    finding = only_finding(check_control, doctor_context(tmp_path, f'[card]\ncontrol_url = "ws://{address}"\n'))
    assert (finding.state, finding.code) == (FindingState.MISSING, "control.missing")
    assert f"ssh -R {address.partition(':')[2]}:127.0.0.1:61232" in finding.hint, "the port that is configured"


def test_a_control_on_another_machine_without_tls_is_not_asked(tmp_path: Path) -> None:
    finding = only_finding(check_control, doctor_context(tmp_path, '[card]\ncontrol_url = "ws://192.0.2.7:1"\n'))
    assert (finding.state, finding.code) == (FindingState.BROKEN, "control.remote")


def put_card(home: Path, days: int = 400) -> Path:
    path = home / "demo" / "card.p12"
    path.parent.mkdir(parents=True)
    start = datetime.now(UTC) - timedelta(days=4000)
    until = datetime.now(UTC) + timedelta(days=days)
    save_card(issue_card(make_ca(start), HOLDER, valid_from=start, valid_until=until), Pin("12345678"), path)
    return path


@pytest.mark.parametrize(
    ("days", "state", "code"),
    [
        (400, FindingState.GOOD, ""),
        (9, FindingState.GOOD, "card.expires-soon"),
        (-1, FindingState.BROKEN, "card.expired"),
    ],
)
def test_the_demo_card_is_reported_by_number_and_validity_without_its_holder(
    tmp_path: Path, days: int, state: FindingState, code: str
) -> None:
    put_card(tmp_path, days)
    finding = only_finding(check_demo_card, doctor_context(tmp_path, demo=True))
    assert (finding.state, finding.code) == (state, code)
    assert NUMBER in finding.message
    assert HOLDER.name not in finding.message + finding.hint


def test_a_damaged_demo_card_is_broken_and_a_new_one_is_created_once_it_is_moved_away(tmp_path: Path) -> None:
    certificate = put_card(tmp_path).with_suffix(".pem")
    certificate.write_bytes(b"no certificate")
    make_demo(tmp_path, 1).close()
    for context in (doctor_context(tmp_path, offline=True), doctor_context(tmp_path, demo=True)):
        broken = only_finding(check_demo_card, context)
        assert (broken.state, broken.code) == (FindingState.BROKEN, "card.damaged")
        assert "移走 card.p12 和 card.pem" in broken.hint
    certificate.with_suffix(".p12").unlink()
    certificate.unlink()
    make_demo(tmp_path, 1).close()
    assert only_finding(check_demo_card, doctor_context(tmp_path, offline=True)).code == ""


def test_a_removed_demo_card_is_missing_and_no_new_one_is_created(tmp_path: Path) -> None:
    put_card(tmp_path).unlink()
    make_demo(tmp_path, 1).close()
    finding = only_finding(check_demo_card, doctor_context(tmp_path, demo=True))
    assert (finding.state, finding.code, finding.hint) == (FindingState.MISSING, "card.no-demo-card", "请把它放回原处")


def test_the_demo_card_is_not_checked_for_the_official_port(tmp_path: Path) -> None:
    assert only_finding(check_demo_card, doctor_context(tmp_path, demo=True)).state is FindingState.GOOD
    put_card(tmp_path)
    assert run_check(check_demo_card, doctor_context(tmp_path)) == ()
    assert (
        only_finding(check_demo_card, doctor_context(tmp_path, port_url="https://127.0.0.1:1")).state
        is FindingState.GOOD
    )
