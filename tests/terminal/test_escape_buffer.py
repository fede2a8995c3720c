"""Answers that come in parts, between keys that are pressed."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from jiacha_tui.terminal.escape_buffer import EscapeBuffer

_ANSWER = "\x1b[2;7R"
_TYPED = st.lists(st.sampled_from([_ANSWER, "a", "中", "\x1b[A", "\x1b[21~", "\x1b[2~", "\x1bx", "7"]), max_size=6)


def _understood(held: EscapeBuffer, *typed: tuple[float, str]) -> str:
    """What is understood of texts that are typed so many seconds after each other."""
    now, understood = 0.0, ""
    for seconds, text in typed:
        now += seconds
        understood += held.overdue(now) + held.typed(text, now)
    return understood


def _asked() -> EscapeBuffer:
    held = EscapeBuffer()
    held.asked(0.0)
    return held


@given(_TYPED.map("".join), st.integers(1, 5), st.booleans())
def test_however_it_is_cut_it_is_understood_whole(typed: str, at_once: int, is_asked: bool) -> None:
    parts = [(0.01, typed[start : start + at_once]) for start in range(0, len(typed), at_once)]
    held = _asked() if is_asked else EscapeBuffer()
    assert _understood(held, *parts) + held.overdue(60.0) == typed


@pytest.mark.parametrize("place", range(1, len(_ANSWER)))
def test_an_answer_that_is_slow_is_understood_at_once(place: int) -> None:
    held = _asked()
    assert held.typed(_ANSWER[:place], 5.0) == ""
    assert held.overdue(6.5) == ""
    assert held.typed(_ANSWER[place:], 6.5) == _ANSWER


@pytest.mark.parametrize("place", range(3, len(_ANSWER)))
def test_its_beginning_is_no_key_even_when_its_end_never_comes(place: int) -> None:
    held = EscapeBuffer()
    assert held.typed(_ANSWER[:place], 0.0) == ""
    assert held.overdue(60.0) == ""
    assert held.typed("a", 60.0) == "a"


def test_escape_is_a_key_of_its_own_after_a_while() -> None:
    assert _understood(_asked(), (5.0, "\x1b"), (0.5, "a")) == "\x1b[27ua"
    assert _understood(_asked(), (5.0, "\x1b"), (5.0, "")) == "\x1b[27u"
    assert _understood(_asked(), (5.0, "\x1b"), (0.05, "a")) == "\x1ba"


@pytest.mark.parametrize("typed", ["\x1b", "\x1b[", "a\x1b"])
def test_nothing_waits_where_no_answer_is_awaited(typed: str) -> None:
    answered = _asked()
    answered.answered()
    for held in (EscapeBuffer(), answered):
        assert held.typed(typed, 1.0) == typed
    assert _asked().typed(typed, 60.0) == typed
