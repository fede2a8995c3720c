"""Text that comes without the marks of a paste: what cannot have been typed is one paste, everything else is keys."""

from collections import deque
from threading import Event
from typing import Self

import hypothesis.strategies as st
import pytest
from hypothesis import given
from textual import events
from textual.message import Message

from jiacha_tui.terminal import input_driver
from jiacha_tui.terminal.burst import (
    MAX_GATHER_SECONDS,
    MAX_TYPED_AT_ONCE,
    QUIET_SECONDS,
    BurstPaste,
    gather_seconds,
    is_burst,
)
from jiacha_tui.terminal.input_driver import InputDriver
from jiacha_tui.terminal.input_parser import MAX_PASTE_BYTES, InputParser, PasteCut, PasteEnd
from tests.cli.terminals import terminal
from tests.terminal.program_screen import ProgramScreen

NUMBER = st.integers(0, 10**9 - 1).map(lambda serial: f"223320250{serial:09d}")
BETWEEN = st.sampled_from(["\r", "\n", "\r\n", "\t", "、", "，", ",", " "])
TYPED = st.sampled_from([*"0129nqsf /|-\r\t\x7f\x0f", "美", "国"])


def all_messages(parser: InputParser, *parts: str) -> list[Message]:
    """What comes of parts that follow each other at once, and of the quiet after them."""
    now, messages = 100.0, list[Message]()
    for part in parts:
        messages += parser.feed(part, now)
        messages += parser.tick(now)
        now += QUIET_SECONDS / 10
    return messages + parser.tick(now + QUIET_SECONDS)


@given(st.lists(st.tuples(NUMBER, BETWEEN), min_size=2, max_size=60), st.lists(st.integers(40, 400), max_size=9))
def test_a_list_of_numbers_is_one_paste_and_no_key_however_it_is_cut(
    pairs: list[tuple[str, str]], lengths: list[int]
) -> None:
    text = "".join(f"{number}{between}" for number, between in pairs)
    parts, rest = list[str](), text
    for length in lengths:
        parts.append(rest[:length])
        rest = rest[length:]
    (paste,) = all_messages(InputParser(), *filter(None, parts), rest) if rest else all_messages(InputParser(), text)
    assert isinstance(paste, BurstPaste)
    assert paste.text == text


@given(st.lists(TYPED, min_size=1, max_size=MAX_TYPED_AT_ONCE).map("".join))
def test_what_may_have_been_typed_ahead_is_keys(typed: str) -> None:
    messages = all_messages(InputParser(), typed)
    if not is_burst(typed):
        assert all(isinstance(message, events.Key) for message in messages)
        assert len(messages) == len(typed)


@given(st.lists(st.tuples(TYPED, st.integers(1, 200)), min_size=1, max_size=4))
def test_held_keys_are_keys(held: list[tuple[str, int]]) -> None:
    typed = "".join(key * count for key, count in held)
    if not any(key.isdigit() for key, _ in held) or len(held) == 1:
        assert len(all_messages(InputParser(), typed)) == len(typed)


def test_a_login_that_is_typed_ahead_and_a_filter_with_its_enter_are_keys() -> None:
    for typed in ("12345678\r \r", "20260601\r20260630\r", "国:美国 2026-06 未下载\r"):
        assert all(isinstance(message, events.Key) for message in all_messages(InputParser(), typed))


def test_a_number_and_enter_are_a_paste_that_ends_with_enter() -> None:
    for text, ends in (
        ("223320250000012345", False),
        ("223320250000012345\r", True),
        ("223320250000012345\r\r", False),
    ):
        (paste,) = all_messages(InputParser(), text)
        assert isinstance(paste, BurstPaste)
        assert paste.ends_with_enter is ends


def test_a_function_key_ends_a_paste_without_marks() -> None:
    parser = InputParser()
    paste, key = parser.feed("223320250000012345\r223320250000012346\x1b[21~", 0.0)
    assert isinstance(paste, BurstPaste)
    assert isinstance(key, events.Key)
    assert key.key == "f10"


def test_more_than_a_megabyte_without_marks_is_not_used() -> None:
    (cut,) = all_messages(InputParser(), *["2233202500000123\r" * 256] * (MAX_PASTE_BYTES // 4000))
    assert isinstance(cut, PasteCut)
    assert cut.end is PasteEnd.TOO_LONG


class SerialLine:
    """In place of the modules `selectors`, `os` and `time` of the driver: a line with a clock of its own."""

    EVENT_READ = 1

    def __init__(self, text: str, part: int, seconds: float) -> None:
        parts = [text[start : start + part].encode() for start in range(0, len(text), part)]
        self._arriving = deque((100.0 + index * seconds, content) for index, content in enumerate(parts))
        self._now = 99.0
        self.ended = Event()

    def SelectSelector(self) -> Self:  # noqa: N802 - as the module
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def register(self, *_: object) -> None:
        pass

    def select(self, timeout: float) -> bool:
        """Whether something comes in this time, which then has passed."""
        arrives = self._arriving[0][0] if self._arriving else float("inf")
        is_in_time = arrives <= self._now + timeout
        self._now = max(self._now, arrives) if is_in_time else self._now + timeout
        if not self._arriving and self._now > 110:
            self.ended.set()
        return is_in_time

    def readv(self, _file: int, buffers: list[memoryview]) -> int:
        _, content = self._arriving.popleft()
        buffers[0][: len(content)] = content
        return len(content)

    def monotonic(self) -> float:
        return self._now


class LineDriver(InputDriver):
    """A driver without a terminal, which keeps its messages."""

    def __init__(self, line: SerialLine) -> None:
        self.fileno = 0
        self.exit_event = line.ended
        self._input_parser = InputParser()
        self.messages: list[Message] = []

    def process_message(self, message: Message) -> None:
        self.messages.append(message)


NUMBERS = "\r".join(f"22332026{serial:010d}" for serial in range(12)) + "\r"


@pytest.mark.parametrize(("part", "seconds"), [(1, 0.0042), (3, 0.0125), (8, 0.008)])
def test_numbers_over_a_serial_line_are_one_paste_and_no_key(
    monkeypatch: pytest.MonkeyPatch, part: int, seconds: float
) -> None:
    line = SerialLine(NUMBERS, part, seconds)
    for module in ("selectors", "os", "time"):
        monkeypatch.setattr(input_driver, module, line)
    driver = LineDriver(line)
    driver.run_input_thread()
    (paste,) = driver.messages
    assert isinstance(paste, BurstPaste)
    assert paste.text == NUMBERS


def test_numbers_without_marks_become_the_filter_of_the_list_and_no_command(
    child_environment: dict[str, str],
) -> None:
    """As an old `screen` passes a paste on. Its digits are the keys of tabs, Enter opens a page."""
    with terminal("--demo", environ=child_environment) as started:
        screen = ProgramScreen(started)
        screen.wait_for("JJ0G900000001")
        started.type(b"12345678\r \r")
        screen.wait_for("1报关单查询下载", "还没有报关单")
        started.type(NUMBERS.encode())
        screen.wait_for("12 个号码：0 票，12 个不在缓存")
        assert "立即前往" not in screen.text


@pytest.mark.parametrize("text", ["2026-06-01 国:美国 未下载 2026-06-02 货:木制家具 德国", "国美" * 40])
def test_a_paste_over_2400_baud_is_gathered_until_it_is_known_to_be_one(text: str) -> None:
    received = text.encode()
    first = received[: int(240 * MAX_GATHER_SECONDS)]
    assert not is_burst(first.decode(errors="ignore"))
    assert is_burst(received[: int(240 * gather_seconds(first))].decode(errors="ignore"))


@pytest.mark.parametrize("keys", ["j" * 40, "jjjjkkkk" * 3, "12345678", "v\r"])
def test_held_keys_and_a_few_typed_ahead_are_not_kept_longer(keys: str) -> None:
    assert gather_seconds(keys.encode()) == MAX_GATHER_SECONDS
