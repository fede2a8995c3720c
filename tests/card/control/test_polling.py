"""An open card whose control is polled: what ends the polling, and what does not."""

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
from tests.card.cards import PIN, WAIT_SECONDS
from tests.card.control.relay import relaying
from tests.card.control.simulator import Simulator

POLL: Final = ["cus-sec_SpcGetCardID", "cus-sec_SpcGetCertNo"]
SIGN: Final = "cus-sec_SpcSignDataAsPEM"
POLL_SECONDS: Final = 0.05
POLICY: Final = RetryPolicy(attempts=2, interval=0.3, reply_timeout=1.0)
LONG_POLICY: Final = RetryPolicy(attempts=2, interval=0.5, reply_timeout=WAIT_SECONDS)


@asynccontextmanager
async def polled_card(
    simulator: Simulator, *, url: str = "", policy: RetryPolicy = POLICY, seconds: float = POLL_SECONDS
) -> AsyncIterator[tuple[OpenCard, "asyncio.Task[None]"]]:
    """An open card, and the task that ends when the card is found to be removed."""
    medium = ControlMedium(url or simulator.url, check_seconds=seconds, operation_policy=policy)
    card = await medium.open(Pin(PIN))
    polling = asyncio.create_task(card.wait_until_removed())
    simulator.calls()
    try:
        yield card, polling
    finally:
        await card.close()
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)


async def problem_of(polling: "asyncio.Task[None]") -> CardProblem:
    """Waits until the polling ends. Returns what it raises."""
    try:
        await asyncio.wait_for(asyncio.shield(polling), WAIT_SECONDS)
    except CardProblem as problem:
        return problem
    raise AssertionError("the polling ended without a problem")


async def check_polling_continues(simulator: Simulator, polling: "asyncio.Task[None]", polls: int = 3) -> None:
    """Waits for some more polls. Fails if the polling ends."""
    simulator.calls()
    waiting = asyncio.create_task(simulator.wait_for_calls(POLL[1], polls))
    await asyncio.wait((waiting, polling), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    assert not polling.done(), repr(polling)
    await waiting


async def sign(card: OpenCard, text: str = "text") -> None:
    verify(card.identity.certificate, text, await card.sign(text))


def test_the_control_is_not_an_observable_medium() -> None:
    """The login screen would have to connect again and again, to a PC on which there may be no control."""
    assert not isinstance(ControlMedium(check_seconds=1), ObservableMedium)


async def test_polling_needs_no_pin_and_uses_one_connection(simulator: Simulator) -> None:
    async with relaying(simulator.url) as (url, relay), polled_card(simulator, url=url) as (_card, polling):
        assert set(await simulator.wait_for_calls(POLL[1], 5)) == set(POLL)
        assert not polling.done()
        assert relay.connections == 1


async def test_polling_keeps_the_configured_interval_and_can_be_turned_off(simulator: Simulator) -> None:
    start = time.monotonic()
    async with polled_card(simulator, seconds=0.2) as (_card, polling):
        await check_polling_continues(simulator, polling, 2)
        assert time.monotonic() - start >= 2 * 0.2
    async with polled_card(simulator, seconds=0) as (card, polling):
        simulator.run("pull")
        for _ in range(3):
            with pytest.raises(CardRemoved):
                await card.check_present()
        assert simulator.calls() == [POLL[0]] * 3, "the test's own calls"
        assert not polling.done()


async def test_a_removed_card_is_noticed(simulator: Simulator) -> None:
    async with polled_card(simulator) as (_card, polling):
        simulator.run("pull")
        assert isinstance(await problem_of(polling), CardRemoved)


async def test_an_exchanged_card_is_noticed(simulator: Simulator) -> None:
    async with polled_card(simulator) as (_card, polling):
        simulator.run("insert other")
        assert isinstance(await problem_of(polling), CardMismatch)


async def test_polling_ends_when_the_card_is_closed(simulator: Simulator) -> None:
    async with polled_card(simulator) as (card, polling):
        await card.close()
        assert isinstance(await problem_of(polling), CardClosed)
        simulator.calls()
    async with polled_card(simulator, policy=LONG_POLICY) as (card, polling):
        simulator.run("next silent GetCardID")
        await simulator.wait_for_calls(POLL[0])
        await card.close()
        assert isinstance(await problem_of(polling), CardClosed), "also while it waits for a reply"


@pytest.mark.parametrize(
    "fault", ["50200 GetCardID", "51590 GetCertNo", "50070", "garble", "silent", "drop", "echo", "twice", "block"]
)
async def test_a_single_failure_does_not_end_the_polling(simulator: Simulator, fault: str) -> None:
    async with polled_card(simulator) as (card, polling):
        simulator.run(f"next {fault}")
        await check_polling_continues(simulator, polling)
        await sign(card)


async def test_a_reader_that_no_longer_reacts_ends_the_polling(simulator: Simulator) -> None:
    async with polled_card(simulator) as (_card, polling):
        simulator.run("dark")
        assert isinstance(await problem_of(polling), ReaderResetFailed)


async def test_a_restart_of_the_control_with_the_same_card_does_not_end_the_polling(simulator: Simulator) -> None:
    async with polled_card(simulator, policy=LONG_POLICY) as (card, polling):
        assert simulator.run("restart") == "ok"
        await check_polling_continues(simulator, polling)
        simulator.start("restart 0.3")
        await simulator.wait_until_stopped()
        assert simulator.output() == "ok"
        await check_polling_continues(simulator, polling)
        await sign(card)


@pytest.mark.parametrize(("command", "problem"), [("pull", CardRemoved), ("insert other", CardMismatch)])
async def test_a_removed_or_exchanged_card_is_noticed_after_a_restart(
    simulator: Simulator, command: str, problem: type[CardProblem]
) -> None:
    async with polled_card(simulator, policy=LONG_POLICY) as (_card, polling):
        simulator.run("next drop GetCardID")
        await simulator.wait_for_calls(POLL[0])
        simulator.run(command)
        assert isinstance(await problem_of(polling), problem)


async def test_an_unreachable_control_is_connected_to_only_once_more(simulator: Simulator) -> None:
    """SSH writes a line to the operator's terminal for each attempt."""
    async with relaying(simulator.url) as (url, relay), polled_card(simulator, url=url) as (_card, polling):
        await check_polling_continues(simulator, polling, 1)
        start = time.monotonic()
        relay.cut()
        assert isinstance(await problem_of(polling), ControlUnreachable)
        assert time.monotonic() - start >= POLICY.connect_timeout
        assert relay.connections == 2


async def test_a_connection_that_is_repaired_in_time_does_not_end_the_polling(simulator: Simulator) -> None:
    async with relaying(simulator.url) as (url, relay), polled_card(simulator, url=url) as (_card, polling):
        relay.cut()
        relay.repair()
        await check_polling_continues(simulator, polling)
        assert relay.connections == 2


async def test_a_slow_signature_is_not_disturbed_by_the_polling(simulator: Simulator) -> None:
    async with polled_card(simulator, policy=LONG_POLICY) as (card, polling):
        simulator.run(f"slow {10 * POLL_SECONDS}")
        await sign(card)
        assert simulator.calls().count(SIGN) == 1
        await check_polling_continues(simulator, polling)


async def test_signatures_and_polls_take_turns(simulator: Simulator) -> None:
    async with polled_card(simulator, policy=LONG_POLICY, seconds=0.001) as (card, polling):
        for number in range(8):
            await sign(card, f"text {number}")
        assert not polling.done()
        assert simulator.calls().count(SIGN) == 8


async def test_a_card_removed_during_a_signature_fails_the_signature_and_ends_the_polling(simulator: Simulator) -> None:
    async with polled_card(simulator) as (card, polling):
        simulator.run("next pull SignData")
        with pytest.raises(CardRemoved):
            await card.sign("text")
        assert isinstance(await problem_of(polling), CardRemoved)


async def test_polling_can_be_cancelled_and_started_again(simulator: Simulator) -> None:
    async with polled_card(simulator, policy=LONG_POLICY) as (card, polling):
        simulator.run("next silent GetCertNo")
        await simulator.wait_for_calls(POLL[1])
        polling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await polling
        await sign(card)
        again = asyncio.create_task(card.wait_until_removed())
        await check_polling_continues(simulator, again)
        simulator.run("pull")
        assert isinstance(await problem_of(again), CardRemoved)
