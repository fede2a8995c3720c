"""A session whose card is behind the control: it locks when the card goes, and that card with its PIN resumes it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.cards import look
from jiacha_tui.actions.gate import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.workplace import Workplace
from jiacha_tui.card.control.link import Patience
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import ControlAway, ControlLost
from jiacha_tui.card.problems import NoCard, OtherCard, WrongPin
from jiacha_tui.declaration.query import BySpan, Span
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.card.control.relay import relaying
from tests.card.control.simulator import Simulator, running
from tests.workplaces import TODAY, at_demo

PATIENCE = 20
JUNE = BySpan(Span.month(TODAY.year, TODAY.month))
OFTEN = 0.1
WORKING = Patience(attempts=4, pause=0.4, answer=5.0)


@pytest.fixture(scope="module")
def office(simulator_home: Path, project: Path) -> Iterator[Simulator]:
    """A simulator with the cards of the embedded port that lies in the same home."""
    with running(simulator_home, project) as simulator:
        yield simulator


@pytest.fixture
def demo(office: Simulator, simulator_home: Path) -> Iterator[Demo]:
    assert office.order("reset") == "ok"
    made = make_demo(simulator_home, 20, today=TODAY)
    yield made
    made.close()


@pytest.fixture
def workplace(office: Simulator, demo: Demo, tmp_path: Path) -> Workplace:
    return in_front_of(office.url, at_demo(demo, tmp_path / "home"))


def in_front_of(url: str, workplace: Workplace) -> Workplace:
    medium = ControlMedium(url, check_seconds=OFTEN, looking=Patience(1, 5.0, 5.0), working=WORKING)
    return replace(workplace, media=lambda: (medium,))


@asynccontextmanager
async def entered(workplace: Workplace) -> AsyncIterator[Session]:
    """A session somebody sits in front of."""
    (found,) = await look(workplace)
    session = await log_in(workplace, found.medium_id, DEMO_PIN, offline=False, on_stage=lambda _stage: None)
    session.attend()
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
            await session.medium.look()


async def locked(session: Session) -> None:
    assert await asyncio.wait_for(session.gate.until_shut(), PATIENCE) is LockReason.CARD


async def signed(session: Session) -> int:
    """How many declarations there are. The port is made to want a login with the card first."""
    session.the_port()._exchange.forget_cookies()
    return (await session.ask(lambda port: port.list_page(JUNE, 1))).total


async def test_a_pulled_card_locks_and_comes_back_with_its_pin(office: Simulator, workplace: Workplace) -> None:
    async with entered(workplace) as session:
        for _ in range(2):
            office.order("pull")
            await locked(session)
            assert workplace.messages.all()[-1].code == "card.gone"
            with pytest.raises(NoCard):
                await session.unlock(DEMO_PIN)
            office.order("insert card")
            with pytest.raises(WrongPin):
                await session.unlock("87654321")
            await session.unlock(DEMO_PIN)
            assert await signed(session) > 0


async def test_an_exchanged_card_locks_and_is_not_given_the_pin(office: Simulator, workplace: Workplace) -> None:
    async with entered(workplace) as session:
        office.order("insert other")
        await locked(session)
        office.calls()
        with pytest.raises(OtherCard):
            await session.unlock(DEMO_PIN)
        assert "Verify" not in "".join(office.calls())
        office.order("insert card")
        await session.unlock(DEMO_PIN)
        assert await signed(session) > 0


async def test_a_locked_session_asks_nothing_of_the_control(office: Simulator, workplace: Workplace) -> None:
    before = asyncio.all_tasks()
    async with entered(workplace) as session:
        await session.lock(LockReason.COMMAND)
        await no_more_than(before)
        office.calls()
        await asyncio.sleep(5 * OFTEN)
        assert office.calls() == []
        await session.unlock(DEMO_PIN)
        office.order("pull")
        await locked(session)
        await no_more_than(before)
        office.order("insert card")
        await session.unlock(DEMO_PIN)
    await no_more_than(before)


async def test_a_control_that_is_restarted_locks_nobody_out(office: Simulator, workplace: Workplace) -> None:
    async with entered(workplace) as session:
        office.order("restart 0.3")
        office.calls()
        async with asyncio.timeout(PATIENCE):
            while "cus-sec_SpcGetCertNo" not in office.calls():  # noqa: ASYNC110 - that is in another process
                await asyncio.sleep(OFTEN)
        assert session.gate.reason is None
        assert await signed(session) > 0


async def test_a_control_that_is_gone_locks_and_its_return_lets_the_session_go_on(
    office: Simulator, workplace: Workplace
) -> None:
    async with relaying(office.url) as (url, relay), entered(in_front_of(url, workplace)) as session:
        came = relay.came
        relay.cut()
        await locked(session)
        assert workplace.messages.all()[-1].code == "control.unreachable"
        assert relay.came == came + 1, "and is not called for again"
        with pytest.raises(ControlAway) as refused:
            await session.unlock(DEMO_PIN)
        assert "稍等后重试" in refused.value.todo
        assert "ssh -R" in refused.value.todo
        relay.mend()
        await session.unlock(DEMO_PIN)
        assert await signed(session) > 0


async def test_of_a_control_that_restarts_nobody_is_told_that_it_has_to_be_installed(
    office: Simulator, workplace: Workplace
) -> None:
    async with entered(workplace) as session:
        await session.lock(LockReason.COMMAND)
        restarting = asyncio.create_task(asyncio.to_thread(office.order, "restart 1.5"))
        with pytest.raises(ControlAway) as refused:
            await looked_for(session, until=restarting)
        assert refused.value.what == "连接客户端控件服务失败,请重试."
        assert await restarting == "ok"
        await session.unlock(DEMO_PIN)
        assert await signed(session) > 0


async def test_work_that_signs_slowly_is_not_locked_out(office: Simulator, workplace: Workplace) -> None:
    async with entered(workplace) as session:
        office.order("slow 1.2")
        assert await signed(session) > 0
        assert session.gate.reason is None


async def test_work_waits_for_a_card_that_was_pulled_and_is_done_after_the_unlocking(
    office: Simulator, workplace: Workplace
) -> None:
    async with entered(workplace) as session:
        office.order("pull")
        asking = asyncio.create_task(signed(session))
        await locked(session)
        office.order("insert card")
        await session.unlock(DEMO_PIN)
        assert await asking > 0


async def test_work_waits_for_a_control_that_is_gone_and_is_done_after_the_unlocking(
    office: Simulator, workplace: Workplace
) -> None:
    async with relaying(office.url) as (url, relay):
        unwatched = ControlMedium(url, check_seconds=0, looking=Patience(1, 5.0, 5.0), working=WORKING)
        async with entered(replace(workplace, media=lambda: (unwatched,))) as session:
            relay.cut()
            asking = asyncio.create_task(signed(session))
            await locked(session)
            assert workplace.messages.all()[-1].code == "control.unreachable"
            assert not asking.done()
            relay.mend()
            await session.unlock(DEMO_PIN)
            assert await asking > 0


async def test_where_nobody_attends_nothing_is_asked(office: Simulator, workplace: Workplace) -> None:
    (found,) = await look(workplace)
    session = await log_in(workplace, found.medium_id, DEMO_PIN, offline=True, on_stage=lambda _stage: None)
    office.calls()
    await asyncio.sleep(5 * OFTEN)
    assert office.calls() == []
    await session.close()
