"""A card that is pulled while it is open: the control is asked now and then, and what is certain is said."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.medium import ControlMedium
from jiacha_tui.card.control.problems import ControlUnreachable, ReaderResetFailed
from jiacha_tui.card.medium import ObservableMedium, OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardClosed, CardMismatch, CardProblem, CardRemoved
from jiacha_tui.card.signature import verify
from tests.card.cards import PIN
from tests.card.control.relay import relaying
from tests.card.control.simulator import Simulator

CHECK: Final = ["cus-sec_SpcGetCardID", "cus-sec_SpcGetCertNo"]
OFTEN: Final = 0.05
WORKING: Final = RetryPolicy(attempts=2, interval=0.3, reply_timeout=2.0)
PATIENCE: Final = 10


@asynccontextmanager
async def watched(
    sim: Simulator, *, url: str = "", working: RetryPolicy = WORKING, seconds: float = OFTEN
) -> AsyncIterator[tuple[OpenCard, "asyncio.Task[None]"]]:
    """An open card, and the task that ends when it is gone."""
    medium = ControlMedium(
        url or sim.url, check_seconds=seconds, scan_policy=RetryPolicy(1, 5.0, 5.0), operation_policy=working
    )
    card = await medium.open(Pin(PIN))
    watching = asyncio.create_task(card.wait_until_removed())
    sim.calls()
    try:
        yield card, watching
    finally:
        await card.close()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def end_of(watching: "asyncio.Task[None]") -> CardProblem:
    try:
        await asyncio.wait_for(asyncio.shield(watching), PATIENCE)
    except CardProblem as problem:
        return problem
    raise AssertionError("it ended without saying why")


async def goes_on(sim: Simulator, watching: "asyncio.Task[None]", times: int = 3) -> None:
    """Returns when the control has been asked some times more; fails if the watching ends."""
    sim.calls()
    async with asyncio.timeout(PATIENCE):
        asked = 0
        while asked < times:
            assert not watching.done(), repr(watching)
            await asyncio.sleep(OFTEN)
            asked += sim.calls().count(CHECK[1])


def test_the_control_is_not_an_observable_medium() -> None:
    """Else it would have to connect again and again, to a PC on which there may be no control."""
    assert not isinstance(ControlMedium(check_seconds=1), ObservableMedium)


async def test_polling_needs_no_pin_and_uses_one_connection(sim: Simulator) -> None:
    async with relaying(sim.url) as (url, relay), watched(sim, url=url) as (_card, watching):
        asked: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while len(asked) < 10:
                await asyncio.sleep(OFTEN)
                asked += sim.calls()
        assert set(asked) == set(CHECK)
        assert not watching.done()
        assert relay.connections == 1


async def test_polling_keeps_the_configured_interval_and_can_be_turned_off(sim: Simulator) -> None:
    before = time.monotonic()
    async with watched(sim, seconds=0.5) as (_card, watching):
        await goes_on(sim, watching, 2)
        assert time.monotonic() - before >= 2 * 0.5
    async with watched(sim, seconds=0) as (_card, watching):
        sim.run("pull")
        await asyncio.wait([watching], timeout=0.5)
        assert not watching.done()
        assert sim.calls() == []


async def test_a_removed_card_is_noticed(sim: Simulator) -> None:
    async with watched(sim) as (_card, watching):
        before = time.monotonic()
        sim.run("pull")
        assert isinstance(await end_of(watching), CardRemoved)
        assert time.monotonic() - before < 3


async def test_an_exchanged_card_is_noticed(sim: Simulator) -> None:
    async with watched(sim) as (_card, watching):
        sim.run("insert other")
        assert isinstance(await end_of(watching), CardMismatch)


async def test_polling_ends_when_the_card_is_closed(sim: Simulator) -> None:
    async with watched(sim) as (card, watching):
        await card.close()
        assert isinstance(await end_of(watching), CardClosed)
        sim.calls()
    async with watched(sim, working=RetryPolicy(2, 0.3, 30.0)) as (card, watching):
        sim.run("next silent GetCardID")
        while CHECK[0] not in sim.calls():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.01)
        await card.close()
        assert isinstance(await end_of(watching), CardClosed), "also while an answer is waited for"


@pytest.mark.parametrize(
    "fault", ["50200 GetCardID", "51590 GetCertNo", "50070", "garble", "silent", "drop", "echo", "twice", "block"]
)
async def test_a_single_failure_does_not_end_the_polling(sim: Simulator, fault: str) -> None:
    async with watched(sim) as (card, watching):
        sim.run(f"next {fault}")
        await goes_on(sim, watching)
        verify(card.identity.certificate, "text", await card.sign("text"))


async def test_a_reader_that_no_longer_reacts_ends_the_polling(sim: Simulator) -> None:
    async with watched(sim) as (_card, watching):
        sim.run("dark")
        assert isinstance(await end_of(watching), ReaderResetFailed)


async def test_a_restart_of_the_control_with_the_same_card_does_not_end_the_polling(sim: Simulator) -> None:
    async with watched(sim, working=RetryPolicy(4, 0.5, 5.0)) as (card, watching):
        for seconds in (0.0, 0.5):
            sim.run(f"restart {seconds}")
            await goes_on(sim, watching)
        verify(card.identity.certificate, "text", await card.sign("text"))


@pytest.mark.parametrize(("order", "problem"), [("pull", CardRemoved), ("insert other", CardMismatch)])
async def test_a_removed_or_exchanged_card_is_noticed_after_a_restart(
    sim: Simulator, order: str, problem: type[CardProblem]
) -> None:
    async with watched(sim, working=RetryPolicy(2, 0.5, 5.0)) as (_card, watching):
        sim.run("next drop GetCardID")
        while CHECK[0] not in sim.calls():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.01)
        sim.run(order)
        assert isinstance(await end_of(watching), problem)


async def test_an_unreachable_control_is_connected_to_only_once_more(sim: Simulator) -> None:
    """Each attempt would be a line of `ssh` on the operator's terminal."""
    async with relaying(sim.url) as (url, relay), watched(sim, url=url) as (_card, watching):
        await goes_on(sim, watching, 1)
        before = time.monotonic()
        relay.cut()
        assert isinstance(await end_of(watching), ControlUnreachable)
        assert time.monotonic() - before >= WORKING.connect_timeout
        assert relay.connections == 2
        await asyncio.sleep(0.3)
        assert relay.connections == 2


async def test_a_connection_that_is_repaired_in_time_does_not_end_the_polling(sim: Simulator) -> None:
    async with relaying(sim.url) as (url, relay), watched(sim, url=url) as (_card, watching):
        relay.cut()
        relay.repair()
        await goes_on(sim, watching)
        assert relay.connections == 2


async def test_a_slow_signature_is_not_disturbed_by_the_polling(sim: Simulator) -> None:
    """It takes longer than a question may."""
    async with watched(sim, working=RetryPolicy(2, 0.3, 5.0)) as (card, watching):
        sim.run("slow 1.5")
        before = time.monotonic()
        verify(card.identity.certificate, "text", await card.sign("text"))
        assert time.monotonic() - before < 1.5 + 0.5
        await goes_on(sim, watching)


async def test_signatures_and_polls_take_turns(sim: Simulator) -> None:
    async with watched(sim, seconds=0.001) as (card, watching):
        for number in range(8):
            verify(card.identity.certificate, f"text {number}", await card.sign(f"text {number}"))
        assert not watching.done()
        assert sim.calls().count("cus-sec_SpcSignDataAsPEM") == 8


async def test_a_card_removed_during_a_signature_fails_the_signature_and_ends_the_polling(sim: Simulator) -> None:
    async with watched(sim) as (card, watching):
        sim.run("next pull SignData")
        with pytest.raises(CardRemoved):
            await card.sign("text")
        assert isinstance(await end_of(watching), CardRemoved)


async def test_polling_can_be_cancelled_and_started_again(sim: Simulator) -> None:
    async with watched(sim) as (card, watching):
        sim.run("next silent GetCertNo")
        while CHECK[1] not in sim.calls():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.01)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
        verify(card.identity.certificate, "text", await card.sign("text"))
        again = asyncio.create_task(card.wait_until_removed())
        await goes_on(sim, again)
        sim.run("pull")
        assert isinstance(await end_of(again), CardRemoved)
