"""The PIN of a card must not appear anywhere where somebody could read it later."""

import logging
from pathlib import Path

import pytest

from jiacha_tui.card.pin import Pin
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.card_issuing import INVENTED_PERSONAL_NUMBER
from tests.card.cards import PIN, WRONG_PIN, change_file, medium
from tests.crash_output import crash_output


async def _failure_of_opening(p12_path: Path, pin: Pin) -> BaseException:
    try:
        await medium(p12_path).open(pin)
    except Problem as problem:
        return problem
    raise AssertionError("the card opened")


@pytest.mark.parametrize("damaged", [False, True])
async def test_a_failure_contains_no_pin(p12_path: Path, caplog: pytest.LogCaptureFixture, *, damaged: bool) -> None:
    caplog.set_level(logging.DEBUG)
    if damaged:
        change_file(p12_path, lambda data: data[:-9])
    shown = crash_output(await _failure_of_opening(p12_path, Pin(WRONG_PIN)))
    assert "_open" in shown, "the traceback contains the frames that had the PIN"
    assert WRONG_PIN not in shown
    assert WRONG_PIN not in caplog.text


async def test_an_open_card_shows_no_pin_and_no_personal_number(p12_path: Path) -> None:
    soft = medium(p12_path)
    card = await soft.open(Pin(PIN))
    shown = f"{card!r}{vars(card)!r}{soft!r}{vars(soft)!r}{card.identity!r}"
    assert PIN not in shown
    assert INVENTED_PERSONAL_NUMBER not in shown
    await card.close()


async def test_the_files_of_a_card_contain_no_pin(p12_path: Path) -> None:
    await _failure_of_opening(p12_path, Pin(WRONG_PIN))
    await (await medium(p12_path).open(Pin(PIN))).close()
    for path in p12_path.parent.glob("card.*"):
        content = path.read_bytes()
        assert PIN.encode() not in content
        assert PIN.encode("utf-16-be") not in content
