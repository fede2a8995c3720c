"""The PIN of a real card must not appear anywhere where somebody could read it later."""

import asyncio
import base64
import logging
import os
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from jiacha_tui.card.control.medium import ControlMedium, OpenControlCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardProblem
from jiacha_tui.demo.card_issuing import INVENTED_PERSONAL_NUMBER
from tests.card.cards import PIN, WRONG_PIN
from tests.card.control.simulator import SHORT_REPLY_TIMEOUT, Simulator
from tests.crash_output import crash_output

SECRET = bytes(range(100, 132))
FAULTS = ["drop", "silent", "garble", "echo", "50070", "51590", "pull", "foreign"]


def everything_reachable(problem: BaseException) -> str:
    """All that a problem refers to: its causes and contexts, and the local variables of their frames."""
    shown, unvisited = "", [problem]
    while unvisited:
        error = unvisited.pop()
        shown += crash_output(error)
        shown += repr([frame.f_locals for frame, _line in traceback.walk_tb(error.__traceback__)])
        unvisited += [linked for linked in (error.__cause__, error.__context__) if linked is not None]
    return shown


async def failure_of_opening(medium: ControlMedium, pin: Pin) -> CardProblem:
    try:
        await medium.open(pin)
    except CardProblem as problem:
        return problem
    raise AssertionError("the card opened")


async def outcome_of(call: Callable[[], Awaitable[object]]) -> BaseException:
    """The problem of the call, or one without content."""
    try:
        await call()
    except CardProblem as problem:
        return problem
    return Exception()


async def failure_of_signing(card: OpenControlCard) -> CardProblem:
    try:
        await card.sign("text")
    except CardProblem as problem:
        return problem
    raise AssertionError("the card signed")


@pytest.mark.parametrize("reader", ["ordinary", "white"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failed_verification_contains_no_pin(
    simulator: Simulator, caplog: pytest.LogCaptureFixture, fault: str, reader: str
) -> None:
    caplog.set_level(logging.DEBUG)
    simulator.run(f"reader {reader}")
    simulator.run(f"next {fault} Verify")
    shown = everything_reachable(await failure_of_opening(simulator.medium(SHORT_REPLY_TIMEOUT), Pin(WRONG_PIN)))
    assert "verify_pin" in shown, "the traceback contains the frames that had the PIN"
    assert WRONG_PIN not in shown
    assert WRONG_PIN not in caplog.text


@pytest.mark.parametrize("fault", [*FAULTS, "wrong-signature"])
async def test_a_failed_signature_contains_no_pin(
    simulator: Simulator, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    card = await simulator.medium(SHORT_REPLY_TIMEOUT).open(Pin(PIN))
    simulator.run(f"next {fault} SignData")
    shown = everything_reachable(await failure_of_signing(card))
    assert PIN not in shown
    assert PIN not in caplog.text
    await card.close()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["RSAEncrypt", "RSADecrypt"])
async def test_a_failed_encryption_contains_no_pin(
    simulator: Simulator, caplog: pytest.LogCaptureFixture, fault: str, method: str
) -> None:
    caplog.set_level(logging.DEBUG)
    simulator.run("encryption no-certificate")
    card = await simulator.medium(SHORT_REPLY_TIMEOUT).open(Pin(PIN))
    encrypted = await card.encrypt_secret(SECRET)
    for call in (lambda: card.encrypt_secret(SECRET), lambda: card.decrypt_secret(encrypted)):
        simulator.run(f"next {fault} {method}")
        assert PIN not in everything_reachable(await outcome_of(call))
        simulator.run("insert card")
    assert PIN not in caplog.text
    assert base64.b64encode(SECRET).decode() not in caplog.text, "nor the secret"
    await card.close()


async def test_the_most_detailed_log_contains_no_pin(simulator: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("websockets", "websockets.client", "asyncio", "jiacha", "jiacha.control"):
        caplog.set_level(logging.DEBUG, logger=name)
    card = await simulator.medium().open(Pin(PIN))
    await card.sign("text")
    await card.sign_challenge("random")
    await card.close()
    assert PIN not in caplog.text
    assert "SpcSignDataAsPEM" not in caplog.text


async def test_objects_show_no_pin_and_no_personal_number(simulator: Simulator) -> None:
    medium = simulator.medium()
    card = await medium.open(Pin(PIN))
    shown = f"{card!r}{vars(card)!r}{medium!r}{vars(medium)!r}{vars(vars(card)['_connection'])!r}{card.identity!r}"
    assert PIN not in shown
    assert INVENTED_PERSONAL_NUMBER not in shown
    await card.close()


@pytest.mark.parametrize("command", ["next garble UserInfo", "insert other"])
async def test_a_failure_of_the_white_reader_contains_no_personal_number(simulator: Simulator, command: str) -> None:
    """Its reply contains the personal number."""
    simulator.run("reader white")
    simulator.run(command)
    shown = crash_output(await failure_of_opening(simulator.medium(), Pin(PIN)))
    assert INVENTED_PERSONAL_NUMBER not in shown


def test_arguments_and_environment_of_a_process_contain_no_pin(simulator: Simulator) -> None:
    async def use() -> None:
        card = await simulator.medium().open(Pin(PIN))
        await card.sign("text")
        await card.close()

    asyncio.run(use())
    for process in (os.getpid(), simulator.process.pid):
        assert PIN.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()
        assert PIN.encode() not in Path(f"/proc/{process}/environ").read_bytes()
