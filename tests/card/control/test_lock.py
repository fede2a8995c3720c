"""A session whose card is behind the control: it locks when the card goes, and that card with its PIN resumes it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import scan_media
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import ControlDisconnected, ControlLost
from jiacha_tui.card.problems import CardMismatch, NoCard, WrongPin
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.app_contexts import TODAY, demo_context
from tests.card.control.relay import relaying
from tests.card.control.simulator import Simulator, running_simulator

PATIENCE = 20
JUNE = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month))
OFTEN = 0.1
WORKING = RetryPolicy(attempts=4, interval=0.4, reply_timeout=5.0)


@pytest.fixture(scope="module")
def office(simulator_home: Path, project: Path) -> Iterator[Simulator]:
    """A simulator with the cards of the embedded port that lies in the same home."""
    with running_simulator(simulator_home, project) as simulator:
        yield simulator


@pytest.fixture
def demo(office: Simulator, simulator_home: Path) -> Iterator[Demo]:
    assert office.run("reset") == "ok"
    made = make_demo(simulator_home, 20, today=TODAY)
    yield made
    made.close()


@pytest.fixture
def app_context(office: Simulator, demo: Demo, tmp_path: Path) -> AppContext:
    return in_front_of(office.url, demo_context(demo, tmp_path / "home"))


def in_front_of(url: str, app_context: AppContext) -> AppContext:
    medium = ControlMedium(url, check_seconds=OFTEN, scan_policy=RetryPolicy(1, 5.0, 5.0), operation_policy=WORKING)
    return replace(app_context, media=lambda: (medium,))


@asynccontextmanager
async def entered(app_context: AppContext) -> AsyncIterator[Session]:
    """A session somebody sits in front of."""
    (found,) = await scan_media(app_context)
    session = await log_in(app_context, found.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    session.enable_locking()
    try:
        yield session
    finally:
        await session.close()


async def no_more_than(before: "set[asyncio.Task[object]]") -> None:
    """Tasks of connections that were ended need a moment; one that watches a card would stay."""
    async with asyncio.timeout(PATIENCE):
        while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
            await asyncio.wait(left)


async def looked_for(session: Session, *, until: "asyncio.Task[str]") -> None:
    while not until.done():
        with suppress(ControlLost):  # of the look into which the end of the control falls
            await session.medium.read_identity()


async def locked(session: Session) -> None:
    assert await asyncio.wait_for(session.lock_state.wait_locked(), PATIENCE) is LockReason.CARD


async def signed(session: Session) -> int:
    """How many declarations there are. The port is made to want a login with the card first."""
    session.require_port()._transport.clear_cookies()
    return (await session.call_port(lambda port: port.list_page(JUNE, 1))).total


async def test_a_removed_card_locks_the_session_until_the_card_and_its_pin_unlock_it(
    office: Simulator, app_context: AppContext
) -> None:
    async with entered(app_context) as session:
        for _ in range(2):
            office.run("pull")
            await locked(session)
            assert app_context.messages.all()[-1].code == "card.gone"
            with pytest.raises(NoCard):
                await session.unlock(DEMO_PIN)
            office.run("insert card")
            with pytest.raises(WrongPin):
                await session.unlock("87654321")
            await session.unlock(DEMO_PIN)
            assert await signed(session) > 0


async def test_an_exchanged_card_locks_the_session_and_does_not_get_the_pin(
    office: Simulator, app_context: AppContext
) -> None:
    async with entered(app_context) as session:
        office.run("insert other")
        await locked(session)
        office.calls()
        with pytest.raises(CardMismatch):
            await session.unlock(DEMO_PIN)
        assert "Verify" not in "".join(office.calls())
        office.run("insert card")
        await session.unlock(DEMO_PIN)
        assert await signed(session) > 0


async def test_a_locked_session_does_not_poll_the_control(office: Simulator, app_context: AppContext) -> None:
    before = asyncio.all_tasks()
    async with entered(app_context) as session:
        await session.lock(LockReason.COMMAND)
        await no_more_than(before)
        office.calls()
        await asyncio.sleep(5 * OFTEN)
        assert office.calls() == []
        await session.unlock(DEMO_PIN)
        office.run("pull")
        await locked(session)
        await no_more_than(before)
        office.run("insert card")
        await session.unlock(DEMO_PIN)
    await no_more_than(before)


async def test_a_restart_of_the_control_does_not_lock_the_session(office: Simulator, app_context: AppContext) -> None:
    async with entered(app_context) as session:
        office.run("restart 0.3")
        office.calls()
        async with asyncio.timeout(PATIENCE):
            while "cus-sec_SpcGetCertNo" not in office.calls():  # noqa: ASYNC110 - that is in another process
                await asyncio.sleep(OFTEN)
        assert session.lock_state.reason is None
        assert await signed(session) > 0


async def test_an_unreachable_control_locks_the_session_until_it_is_back(
    office: Simulator, app_context: AppContext
) -> None:
    async with relaying(office.url) as (url, relay), entered(in_front_of(url, app_context)) as session:
        came = relay.connections
        relay.cut()
        await locked(session)
        assert app_context.messages.all()[-1].code == "control.unreachable"
        assert relay.connections == came + 1, "and is not called for again"
        with pytest.raises(ControlDisconnected) as refused:
            await session.unlock(DEMO_PIN)
        assert "稍等后重试" in refused.value.hint
        assert "ssh -R" in refused.value.hint
        relay.repair()
        await session.unlock(DEMO_PIN)
        assert await signed(session) > 0


async def test_a_restarting_control_is_reported_as_disconnected_not_as_missing(
    office: Simulator, app_context: AppContext
) -> None:
    async with entered(app_context) as session:
        await session.lock(LockReason.COMMAND)
        restarting = asyncio.create_task(asyncio.to_thread(office.run, "restart 1.5"))
        with pytest.raises(ControlDisconnected) as refused:
            await looked_for(session, until=restarting)
        assert refused.value.message == "连接客户端控件服务失败,请重试."
        assert await restarting == "ok"
        await session.unlock(DEMO_PIN)
        assert await signed(session) > 0


async def test_a_slow_signature_does_not_lock_the_session(office: Simulator, app_context: AppContext) -> None:
    async with entered(app_context) as session:
        office.run("slow 1.2")
        assert await signed(session) > 0
        assert session.lock_state.reason is None


async def test_a_request_waits_for_a_removed_card_and_is_sent_after_unlocking(
    office: Simulator, app_context: AppContext
) -> None:
    async with entered(app_context) as session:
        office.run("pull")
        asking = asyncio.create_task(signed(session))
        await locked(session)
        office.run("insert card")
        await session.unlock(DEMO_PIN)
        assert await asking > 0


async def test_a_request_waits_for_an_unreachable_control_and_is_sent_after_unlocking(
    office: Simulator, app_context: AppContext
) -> None:
    async with relaying(office.url) as (url, relay):
        unwatched = ControlMedium(url, check_seconds=0, scan_policy=RetryPolicy(1, 5.0, 5.0), operation_policy=WORKING)
        async with entered(replace(app_context, media=lambda: (unwatched,))) as session:
            relay.cut()
            asking = asyncio.create_task(signed(session))
            await locked(session)
            assert app_context.messages.all()[-1].code == "control.unreachable"
            assert not asking.done()
            relay.repair()
            await session.unlock(DEMO_PIN)
            assert await asking > 0


async def test_a_session_without_locking_does_not_poll_the_control(office: Simulator, app_context: AppContext) -> None:
    (found,) = await scan_media(app_context)
    session = await log_in(app_context, found.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None)
    office.calls()
    await asyncio.sleep(5 * OFTEN)
    assert office.calls() == []
    await session.close()
