"""The work of a month at the embedded port with an SM2 card of the simulated control, and with exchanged cards."""

import asyncio
import base64
import importlib.util
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions import download
from jiacha_tui.actions.cards import scan_media
from jiacha_tui.actions.download_plan import plan_query
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.identity import KeyType
from jiacha_tui.card.problems import CardMismatch
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.demo import refusals
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.service import SignaturePolicy
from jiacha_tui.eport.problems import PortRefused
from tests.app_contexts import TODAY, demo_context
from tests.card.cards import WAIT_SECONDS
from tests.card.control.simulator import Simulator, running_simulator
from tests.card.month_of_work import (
    DETAIL,
    LIST,
    MONTH,
    RESEND,
    SigningTransport,
    do_month_of_work,
    list_entry_ids,
    outcomes,
    resend_declarations,
)

DECLARATIONS = 20
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gmssl_pyx") is None, reason="gmssl-pyx, which the SM2 card signs with, is not installed"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a port that was created on `TODAY`."""
    folder = tmp_path_factory.mktemp("port")
    make_demo(folder, DECLARATIONS, today=TODAY).close()
    return folder


@pytest.fixture(scope="module")
def simulator(home: Path, project: Path) -> Iterator[Simulator]:
    with running_simulator(home, project, "--insert", "sm2") as simulator:
        yield simulator


@pytest.fixture
def demo(simulator: Simulator, home: Path) -> Iterator[Demo]:
    """A port that requires a signature for each list and each detail."""
    simulator.run("reset")
    made = make_demo(home, DECLARATIONS, today=TODAY, signature_policy=SignaturePolicy.ALWAYS)
    yield made
    made.close()


@pytest.fixture
def wire(demo: Demo) -> SigningTransport:
    return SigningTransport(demo)


@pytest.fixture
async def session(simulator: Simulator, demo: Demo, wire: SigningTransport, tmp_path: Path) -> AsyncIterator[Session]:
    at_port = demo_context(demo, tmp_path / "home", transport=wire)
    app_context = replace(at_port, media=lambda: (ControlMedium(simulator.url),))
    (found,) = await scan_media(app_context)
    opened = await log_in(app_context, found.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    yield opened
    await opened.close()


def count_signatures(simulator: Simulator) -> int:
    """How many signatures the card was asked for since the calls were last read."""
    return sum("SignData" in call for call in simulator.calls())


async def test_the_work_of_a_month_with_an_sm2_card(session: Session, wire: SigningTransport, tmp_path: Path) -> None:
    assert session.card.identity.key_type is KeyType.SM2
    report = await do_month_of_work(session, tmp_path / "out")
    (file,) = report.files
    assert file.verified == "XML 完整，为本卡加密，签名与内容相符"
    assert {LIST, DETAIL, RESEND} == set(wire.signed)
    assert set(outcomes(session).values()) == {Outcome.DONE}


async def test_the_port_refuses_a_changed_signature(session: Session, wire: SigningTransport) -> None:
    (entry_id,) = await list_entry_ids(session, 1)
    resends = wire.demo.store.resends()
    wire.forge = lambda sign: base64.b64encode(base64.b64decode(sign)[:-1] + b"\0").decode()
    sent = await resend_declarations(session, entry_id)
    assert sent.outcome is Outcome.UNKNOWN, "only an expected reply decides over a resend"
    assert refusals.BAD_SIGNATURE in sent.message
    with pytest.raises(PortRefused, match=refusals.BAD_SIGNATURE):
        await session.call_port(lambda port: port.list_page(MONTH, 1))
    assert wire.demo.store.resends() == resends


async def test_a_port_that_cannot_encrypt_for_an_sm2_card_says_so_and_the_download_can_be_repeated(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine without gmssl-pyx."""
    await list_entry_ids(session, 1)
    plan = await plan_query(session, MONTH)
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    report = await download.download_files(session, plan, tmp_path / "out", lambda _so_far: None)
    ((part, problem),) = report.failures
    assert problem.message == refusals.CANNOT_ENCRYPT
    assert report.remaining == plan.parts == (part,)
    assert list((tmp_path / "out").iterdir()) == []
    (entry,) = session.journal.recent(1, kind=JournalKind.DOWNLOAD)
    assert (entry.outcome, entry.message) == (Outcome.REFUSED, refusals.CANNOT_ENCRYPT)
    monkeypatch.undo()
    again = await download.download_files(session, plan, tmp_path / "out", lambda _so_far: None)
    assert len(again.files) == 1


@pytest.mark.parametrize("other", ["card", "other"])
async def test_a_card_exchanged_between_two_signed_requests_signs_nothing(
    session: Session, simulator: Simulator, wire: SigningTransport, other: str
) -> None:
    (entry_id,) = await list_entry_ids(session, 1)
    resends, before = wire.demo.store.resends(), list(wire.signed)
    simulator.run(f"insert {other}")
    count_signatures(simulator)
    sent = await resend_declarations(session, entry_id)
    assert (sent.outcome, sent.message) == (Outcome.REFUSED, CardMismatch().message)
    with pytest.raises(CardMismatch):
        await session.call_port(lambda port: port.list_page(MONTH, 1))
    assert count_signatures(simulator) == 0
    assert wire.signed == before
    assert wire.demo.store.resends() == resends

    simulator.run("insert sm2")
    assert (await resend_declarations(session, entry_id)).outcome is Outcome.DONE
    assert wire.signed == [*before, RESEND]


async def test_the_signature_of_a_card_exchanged_after_the_check_is_not_sent(
    session: Session, simulator: Simulator, wire: SigningTransport
) -> None:
    (entry_id,) = await list_entry_ids(session, 1)
    resends, before = wire.demo.store.resends(), list(wire.signed)
    simulator.run("next foreign SignData")
    sent = await resend_declarations(session, entry_id)
    assert (sent.outcome, sent.message) == (Outcome.REFUSED, CardMismatch().message)
    assert wire.signed == before
    assert wire.demo.store.resends() == resends


async def test_an_exchanged_card_locks_the_session(
    session: Session, simulator: Simulator, wire: SigningTransport
) -> None:
    (entry_id,) = await list_entry_ids(session, 1)
    before = list(wire.signed)
    session.enable_locking()
    simulator.run("insert card")
    sending = asyncio.create_task(resend_declarations(session, entry_id))
    assert await asyncio.wait_for(session.lock_state.wait_locked(), WAIT_SECONDS) is LockReason.CARD
    simulator.calls()
    with pytest.raises(CardMismatch):
        await session.unlock(DEMO_PIN)
    assert not any("VerifyPIN" in call for call in simulator.calls()), "the other card got no PIN"
    assert wire.signed == before

    simulator.run("insert sm2")
    await session.unlock(DEMO_PIN)
    assert (await asyncio.wait_for(sending, WAIT_SECONDS)).outcome is Outcome.DONE
    assert wire.signed == [*before, RESEND]
