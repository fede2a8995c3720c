"""Replies that come in parts, among keys that are pressed."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from jiacha_tui.terminal.escape_buffer import EscapeBuffer

_REPLY = "\x1b[2;7R"
_TYPED = st.lists(st.sampled_from([_REPLY, "a", "中", "\x1b[A", "\x1b[21~", "\x1b[2~", "\x1bx", "7"]), max_size=6)


def _feed_all(buffer: EscapeBuffer, *typed: tuple[float, str]) -> str:
    """What comes out of `buffer` for texts that are typed so many seconds after each other."""
    now, passed_on = 0.0, ""
    for seconds, text in typed:
        now += seconds
        passed_on += buffer.take_overdue(now) + buffer.feed(text, now)
    return passed_on


def _expecting_reply() -> EscapeBuffer:
    buffer = EscapeBuffer()
    buffer.expect_reply(0.0)
    return buffer


@given(_TYPED.map("".join), st.integers(1, 5), st.booleans())
def test_text_passes_unchanged_however_it_is_cut(typed: str, part_length: int, expects_reply: bool) -> None:
    parts = [(0.01, typed[start : start + part_length]) for start in range(0, len(typed), part_length)]
    buffer = _expecting_reply() if expects_reply else EscapeBuffer()
    assert _feed_all(buffer, *parts) + buffer.take_overdue(60.0) == typed


@pytest.mark.parametrize("cut", range(1, len(_REPLY)))
def test_a_slow_reply_passes_in_one_piece(cut: int) -> None:
    buffer = _expecting_reply()
    assert buffer.feed(_REPLY[:cut], 5.0) == ""
    assert buffer.take_overdue(6.5) == ""
    assert buffer.feed(_REPLY[cut:], 6.5) == _REPLY


@pytest.mark.parametrize("cut", range(3, len(_REPLY)))
def test_the_beginning_of_a_reply_without_an_end_is_dropped(cut: int) -> None:
    buffer = EscapeBuffer()
    assert buffer.feed(_REPLY[:cut], 0.0) == ""
    assert buffer.take_overdue(60.0) == ""
    assert buffer.feed("a", 60.0) == "a"


def test_escape_becomes_a_key_of_its_own_after_a_while() -> None:
    assert _feed_all(_expecting_reply(), (5.0, "\x1b"), (0.5, "a")) == "\x1b[27ua"
    assert _feed_all(_expecting_reply(), (5.0, "\x1b"), (5.0, "")) == "\x1b[27u"
    assert _feed_all(_expecting_reply(), (5.0, "\x1b"), (0.05, "a")) == "\x1ba"


@pytest.mark.parametrize("typed", ["\x1b", "\x1b[", "a\x1b"])
def test_escape_is_not_held_back_when_no_reply_is_expected(typed: str) -> None:
    after_reply = _expecting_reply()
    after_reply.reply_received()
    for buffer in (EscapeBuffer(), after_reply):
        assert buffer.feed(typed, 1.0) == typed
    assert _expecting_reply().feed(typed, 60.0) == typed
