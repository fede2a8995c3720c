"""The PIN: which texts are accepted, and that it is never shown."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.card.pin import PIN_LENGTH, Pin
from jiacha_tui.card.problems import PinMalformed, PinMissing


def test_an_empty_pin_is_refused_with_the_official_text() -> None:
    with pytest.raises(PinMissing) as refused:
        Pin.parse("")
    assert refused.value.message == "IC卡/Key密码不允许为空"


@pytest.mark.parametrize(
    "text", ["1234567", "123456789", "１２３４５６７８", "1234567\n", "        \x7f", "密码密码密码密码"]
)
def test_a_malformed_pin_is_refused_with_the_official_text(text: str) -> None:
    with pytest.raises(PinMalformed) as refused:
        Pin.parse(text)
    assert refused.value.message == "请正确输入8位IC卡/Key密码"
    assert text not in f"{refused.value.code}{refused.value.hint}"


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=PIN_LENGTH, max_size=PIN_LENGTH))
def test_eight_printable_characters_are_kept_as_typed(text: str) -> None:
    assert Pin.parse(text).reveal() == text


def test_a_pin_is_never_shown() -> None:
    pin = Pin("Zq7#kW2!")
    for shown in (repr(pin), str(pin), f"{pin}", f"{[pin]!r}", f"{pin!s:>20}"):
        assert "Zq7" not in shown


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_pin_cannot_be_copied(duplicate: object) -> None:
    assert callable(duplicate)
    with pytest.raises(TypeError, match="not copied"):
        duplicate(Pin("12345678"))


def test_a_cleared_pin_is_overwritten_and_cannot_be_revealed() -> None:
    pin = Pin("12345678")
    buffer = pin._text
    pin.clear()
    pin.clear()
    assert pin.cleared
    assert buffer == b""
    with pytest.raises(ValueError, match="cleared"):
        pin.reveal()
