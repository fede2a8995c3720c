"""A session with a card of the control. It locks when the card is removed; the card and its PIN unlock it."""

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
from jiacha_tui.demo.service import SignaturePolicy
from tests.app_contexts import TODAY, demo_context
from tests.card.cards import WAIT_SECONDS
from tests.card.control.relay import relaying
from tests.card.control.simulator import Simulator, running_simulator

JUNE = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month))
POLL_SECONDS = 0.1
POLICY = RetryPolicy(attempts=2, interval=0.5, reply_timeout=5.0)


@pytest.fixture(scope="module")
def simulator(simulator_home: Path, project: Path) -> Iterator[Simulator]:
    """A simulator with the cards of the embedded port in the same home."""
    with running_simulator(simulator_home, project) as simulator:
        yield simulator


@pytest.fixture
def demo(simulator: Simulator, simulator_home: Path) -> Iterator[Demo]:
    """A port that requires a signature for each list."""
    assert simulator.run("reset") == "ok"
    made = make_demo(simulator_home, 20, today=TODAY, signature_policy=SignaturePolicy.ALWAYS)
    yield made
    made.close()


@pytest.fixture
def app_context(simulator: Simulator, demo: Demo, tmp_path: Path) -> AppContext:
    return with_control(demo_context(demo, tmp_path / "home"), simulator.url)


def with_control(app_context: AppContext, url: str, poll_seconds: float = POLL_SECONDS) -> AppContext:
    medium = ControlMedium(url, check_seconds=poll_seconds, operation_policy=POLICY)
    return replace(app_context, media=lambda: (medium,))


@asynccontextmanager
async def lockable_session(app_context: AppContext) -> AsyncIterator[Session]:
    (found,) = await scan_media(app_context)
    session = await log_in(app_context, found.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    session.enable_locking()
    try:
        yield session
    finally:
        await session.close()


async def wait_for_tasks_to_end(before: "set[asyncio.Task[object]]") -> None:
    """Waits until no task is left but those of `before`: a task that polls the card would never end."""
    async with asyncio.timeout(WAIT_SECONDS):
        while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
            await asyncio.wait(left)


async def wait_for_lock(session: Session) -> None:
    assert await asyncio.wait_for(session.lock_state.wait_locked(), WAIT_SECONDS) is LockReason.CARD


async def count_with_signature(session: Session) -> int:
    """How many declarations a list has. The request for the list is signed with the card."""
    return (await session.call_port(lambda port: port.list_page(JUNE, 1))).total or 0


async def test_a_removed_card_locks_the_session_until_the_card_and_its_pin_unlock_it(
    simulator: Simulator, app_context: AppContext
) -> None:
    async with lockable_session(app_context) as session:
        for _ in range(2):
            simulator.run("pull")
            await wait_for_lock(session)
            assert app_context.messages.all()[-1].code == "card.gone"
            with pytest.raises(NoCard):
                await session.unlock(DEMO_PIN)
            simulator.run("insert card")
            with pytest.raises(WrongPin):
                await session.unlock("87654321")
            await session.unlock(DEMO_PIN)
            assert await count_with_signature(session) > 0


async def test_an_exchanged_card_locks_the_session_and_does_not_get_the_pin(
    simulator: Simulator, app_context: AppContext
) -> None:
    async with lockable_session(app_context) as session:
        simulator.run("insert other")
        await wait_for_lock(session)
        simulator.calls()
        with pytest.raises(CardMismatch):
            await session.unlock(DEMO_PIN)
        assert "Verify" not in "".join(simulator.calls())
        simulator.run("insert card")
        await session.unlock(DEMO_PIN)
        assert await count_with_signature(session) > 0


async def test_a_locked_session_does_not_poll_the_control(simulator: Simulator, app_context: AppContext) -> None:
    before = asyncio.all_tasks()
    async with lockable_session(app_context) as session:
        await session.lock(LockReason.COMMAND)
        await wait_for_tasks_to_end(before)
        await session.unlock(DEMO_PIN)
        simulator.run("pull")
        await wait_for_lock(session)
        await wait_for_tasks_to_end(before)
        simulator.calls()
        simulator.run("insert card")
        assert simulator.calls() == []
        await session.unlock(DEMO_PIN)
    await wait_for_tasks_to_end(before)


async def test_a_restart_of_the_control_does_not_lock_the_session(
    simulator: Simulator, app_context: AppContext
) -> None:
    async with lockable_session(app_context) as session:
        simulator.run("restart 0.2")
        simulator.calls()
        await simulator.wait_for_calls("cus-sec_SpcGetCertNo")
        assert session.lock_state.reason is None
        assert await count_with_signature(session) > 0


async def test_an_unreachable_control_locks_the_session_until_it_is_back(
    simulator: Simulator, app_context: AppContext
) -> None:
    async with (
        relaying(simulator.url) as (url, relay),
        lockable_session(with_control(app_context, url)) as session,
    ):
        connections = relay.connections
        relay.cut()
        await wait_for_lock(session)
        assert app_context.messages.all()[-1].code == "control.unreachable"
        assert relay.connections == connections + 1
        with pytest.raises(ControlDisconnected) as refused:
            await session.unlock(DEMO_PIN)
        assert "稍等后重试" in refused.value.hint
        assert "ssh -R" in refused.value.hint
        relay.repair()
        await session.unlock(DEMO_PIN)
        assert await count_with_signature(session) > 0


async def test_a_restarting_control_is_reported_as_disconnected_not_as_missing(
    simulator: Simulator, app_context: AppContext
) -> None:
    async with lockable_session(app_context) as session:
        await session.lock(LockReason.COMMAND)
        restarting = asyncio.create_task(asyncio.to_thread(simulator.run, "restart 0.5"))
        with pytest.raises(ControlDisconnected) as refused:
            await read_identity_until(restarting, session)
        assert refused.value.message == "连接客户端控件服务失败,请重试."
        assert await restarting == "ok"
        await session.unlock(DEMO_PIN)
        assert await count_with_signature(session) > 0


async def read_identity_until(restarting: "asyncio.Task[str]", session: Session) -> None:
    while not restarting.done():
        with suppress(ControlLost):  # the control ended during the call
            await session.medium.read_identity()


async def test_a_slow_signature_does_not_lock_the_session(simulator: Simulator, app_context: AppContext) -> None:
    async with lockable_session(app_context) as session:
        simulator.run(f"slow {5 * POLL_SECONDS}")
        assert await count_with_signature(session) > 0
        assert session.lock_state.reason is None


async def test_a_request_waits_for_a_removed_card_and_is_sent_after_unlocking(
    simulator: Simulator, app_context: AppContext
) -> None:
    async with lockable_session(app_context) as session:
        simulator.run("pull")
        counting = asyncio.create_task(count_with_signature(session))
        await wait_for_lock(session)
        simulator.run("insert card")
        await session.unlock(DEMO_PIN)
        assert await counting > 0


async def test_a_request_waits_for_an_unreachable_control_and_is_sent_after_unlocking(
    simulator: Simulator, app_context: AppContext
) -> None:
    async with (
        relaying(simulator.url) as (url, relay),
        lockable_session(with_control(app_context, url, poll_seconds=0)) as session,
    ):
        relay.cut()
        counting = asyncio.create_task(count_with_signature(session))
        await wait_for_lock(session)
        assert app_context.messages.all()[-1].code == "control.unreachable"
        assert not counting.done()
        relay.repair()
        await session.unlock(DEMO_PIN)
        assert await counting > 0


async def test_a_session_without_locking_does_not_poll_the_control(
    simulator: Simulator, app_context: AppContext
) -> None:
    before = asyncio.all_tasks()
    (found,) = await scan_media(app_context)
    session = await log_in(app_context, found.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None)
    await wait_for_tasks_to_end(before)
    simulator.calls()
    await session.close()
    assert simulator.calls() == []
