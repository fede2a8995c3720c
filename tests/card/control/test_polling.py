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


def test_the_login_screen_hears_nothing_from_the_control() -> None:
    """Else it would have to connect again and again, to a PC on which there may be no control."""
    assert not isinstance(ControlMedium(check_seconds=1), ObservableMedium)


async def test_a_card_that_stays_is_asked_for_without_its_pin_over_one_connection(sim: Simulator) -> None:
    async with relaying(sim.url) as (url, relay), watched(sim, url=url) as (_card, watching):
        asked: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while len(asked) < 10:
                await asyncio.sleep(OFTEN)
                asked += sim.calls()
        assert set(asked) == set(CHECK)
        assert not watching.done()
        assert relay.came == 1


async def test_no_faster_than_configured_and_not_at_all_where_switched_off(sim: Simulator) -> None:
    before = time.monotonic()
    async with watched(sim, seconds=0.5) as (_card, watching):
        await goes_on(sim, watching, 2)
        assert time.monotonic() - before >= 2 * 0.5
    async with watched(sim, seconds=0) as (_card, watching):
        sim.order("pull")
        await asyncio.wait([watching], timeout=0.5)
        assert not watching.done()
        assert sim.calls() == []


async def test_a_pulled_card_is_noticed(sim: Simulator) -> None:
    async with watched(sim) as (_card, watching):
        before = time.monotonic()
        sim.order("pull")
        assert isinstance(await end_of(watching), CardRemoved)
        assert time.monotonic() - before < 3


async def test_an_exchanged_card_is_noticed(sim: Simulator) -> None:
    async with watched(sim) as (_card, watching):
        sim.order("insert other")
        assert isinstance(await end_of(watching), CardMismatch)


async def test_a_closed_card_is_watched_no_more(sim: Simulator) -> None:
    async with watched(sim) as (card, watching):
        await card.close()
        assert isinstance(await end_of(watching), CardClosed)
        sim.calls()
    async with watched(sim, working=RetryPolicy(2, 0.3, 30.0)) as (card, watching):
        sim.order("next silent GetCardID")
        while CHECK[0] not in sim.calls():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.01)
        await card.close()
        assert isinstance(await end_of(watching), CardClosed), "also while an answer is waited for"


@pytest.mark.parametrize(
    "fault", ["50200 GetCardID", "51590 GetCertNo", "50070", "garble", "silent", "drop", "echo", "twice", "block"]
)
async def test_one_failure_is_not_yet_a_pulled_card(sim: Simulator, fault: str) -> None:
    async with watched(sim) as (card, watching):
        sim.order(f"next {fault}")
        await goes_on(sim, watching)
        verify(card.identity.certificate, "text", await card.sign("text"))


async def test_a_reader_that_no_longer_reacts_is_not_a_card_that_is_there(sim: Simulator) -> None:
    async with watched(sim) as (_card, watching):
        sim.order("dark")
        assert isinstance(await end_of(watching), ReaderResetFailed)


async def test_a_control_that_is_restarted_with_the_same_card_in_it_disturbs_nobody(sim: Simulator) -> None:
    async with watched(sim, working=RetryPolicy(4, 0.5, 5.0)) as (card, watching):
        for seconds in (0.0, 0.5):
            sim.order(f"restart {seconds}")
            await goes_on(sim, watching)
        verify(card.identity.certificate, "text", await card.sign("text"))


@pytest.mark.parametrize(("order", "problem"), [("pull", CardRemoved), ("insert other", CardMismatch)])
async def test_after_a_restart_it_has_to_be_the_same_card(
    sim: Simulator, order: str, problem: type[CardProblem]
) -> None:
    async with watched(sim, working=RetryPolicy(2, 0.5, 5.0)) as (_card, watching):
        sim.order("next drop GetCardID")
        while CHECK[0] not in sim.calls():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.01)
        sim.order(order)
        assert isinstance(await end_of(watching), problem)


async def test_a_control_that_is_gone_for_good_is_tried_once_and_then_said(sim: Simulator) -> None:
    """Each attempt would be a line of `ssh` on the operator's terminal."""
    async with relaying(sim.url) as (url, relay), watched(sim, url=url) as (_card, watching):
        await goes_on(sim, watching, 1)
        before = time.monotonic()
        relay.cut()
        assert isinstance(await end_of(watching), ControlUnreachable)
        assert time.monotonic() - before >= WORKING.connect_timeout
        assert relay.came == 2
        await asyncio.sleep(0.3)
        assert relay.came == 2


async def test_a_line_that_is_mended_in_time_is_no_reason_to_lock(sim: Simulator) -> None:
    async with relaying(sim.url) as (url, relay), watched(sim, url=url) as (_card, watching):
        relay.cut()
        relay.mend()
        await goes_on(sim, watching)
        assert relay.came == 2


async def test_a_slow_signature_is_neither_disturbed_nor_taken_for_a_pulled_card(sim: Simulator) -> None:
    """It takes longer than a question may."""
    async with watched(sim, working=RetryPolicy(2, 0.3, 5.0)) as (card, watching):
        sim.order("slow 1.5")
        before = time.monotonic()
        verify(card.identity.certificate, "text", await card.sign("text"))
        assert time.monotonic() - before < 1.5 + 0.5
        await goes_on(sim, watching)


async def test_signatures_and_questions_take_turns(sim: Simulator) -> None:
    async with watched(sim, seconds=0.001) as (card, watching):
        for number in range(8):
            verify(card.identity.certificate, f"text {number}", await card.sign(f"text {number}"))
        assert not watching.done()
        assert sim.calls().count("cus-sec_SpcSignDataAsPEM") == 8


async def test_a_card_pulled_while_it_signs_is_noticed_by_both(sim: Simulator) -> None:
    async with watched(sim) as (card, watching):
        sim.order("next pull SignData")
        with pytest.raises(CardRemoved):
            await card.sign("text")
        assert isinstance(await end_of(watching), CardRemoved)


async def test_watching_again_after_a_cancellation_uses_the_card_as_before(sim: Simulator) -> None:
    async with watched(sim) as (card, watching):
        sim.order("next silent GetCertNo")
        while CHECK[1] not in sim.calls():  # noqa: ASYNC110 - what is waited for is in another process
            await asyncio.sleep(0.01)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching
        verify(card.identity.certificate, "text", await card.sign("text"))
        again = asyncio.create_task(card.wait_until_removed())
        await goes_on(sim, again)
        sim.order("pull")
        assert isinstance(await end_of(again), CardRemoved)
