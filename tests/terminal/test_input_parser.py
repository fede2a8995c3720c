"""What the terminal sends, whole and in parts, well-formed and not. Nothing of it ends the program."""

import random
import sys

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings
from textual import events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS, IGNORE_SEQUENCE
from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

from jiacha_tui.terminal.burst import is_burst
from jiacha_tui.terminal.input_parser import (
    HOLD_SECONDS,
    MAX_HELD,
    MAX_PASTE_BYTES,
    InputParser,
    PasteCut,
    PasteEnd,
)
from jiacha_tui.terminal.sequences import MAX_COLUMNS, MAX_LINES, bounded_size, checked_sequence

_PASTE_BEGIN, _PASTE_END = "\x1b[200~", "\x1b[201~"
_REPLY = "\x1b[2;7R"

_MODE_REPORT = "\x1b[?2048;2$y"
_NO_PIXELS = "\x1b[48;24;80;0;0t"
_MOUSE = "\x1b[<0;10;5M"

_NUMBER = st.integers(0, 5).map(str) | st.integers(-9, 10**12).map(str) | st.sampled_from(["", "0" * 30, "9" * 600])
_MARKED_SEQUENCE = st.builds(
    lambda introducer, numbers, separator, end: introducer + separator.join(numbers) + end,
    st.sampled_from(["\x1b[", "\x1b[<", "\x1b[?", "\x1b[>", "\x1b[48;", "\x1bO", "\x1b]", "\x1bP", "\x1b_G", "\x1b[["]),
    st.lists(_NUMBER, max_size=6),
    st.sampled_from([";", ":", ";;", " ", ""]),
    st.sampled_from([*"uRMmtyABIcn~$", "$y", "\x07", "\x1b\\", "", "\x1b", "中", "\r"]),
)
_PIECE = (
    _MARKED_SEQUENCE
    | st.sampled_from(
        [_PASTE_BEGIN, _PASTE_END, _MODE_REPORT, _NO_PIXELS, _MOUSE, _REPLY, *map(str, ANSI_SEQUENCES_KEYS)]
    )
    | st.text(max_size=5)
)
_STREAM = st.lists(_PIECE, max_size=6).map("".join) | st.binary(max_size=60).map(
    lambda raw: raw.decode("utf-8", "replace")
)

_TYPED = st.lists(
    st.sampled_from([_REPLY, "a", "中", "\x1b[A", "\x1b[21~", "\x1b[2~", "7", "\x1bOP", "\x1b[[A", _MOUSE]),
    max_size=8,
)


def _content(message: Message) -> tuple[object, ...]:
    match message:
        case events.Key(key=key, character=character):
            return "key", key, character
        case events.Paste(text=text):
            return "paste", text
        case events.Resize(size=size, pixel_size=pixel_size):
            return "resize", size, pixel_size
        case PasteCut(end=end):
            return "cut", end
        case _:
            return (type(message).__name__,)


def _all(parser: InputParser, *typed: tuple[float, str]) -> list[tuple[object, ...]]:
    """What `parser` makes of texts that come so many seconds after each other, ticking as the driver does."""
    now, passed_on = 100.0, list[Message]()
    for seconds, text in typed:
        for _ in range(int(seconds / 0.1)):
            now += 0.1
            passed_on += parser.tick(now)
        passed_on += parser.feed(text, now)
        passed_on += parser.tick(now)
    return [_content(message) for message in passed_on]


def _keys(text: str) -> list[tuple[object, ...]]:
    return [("key", character, character) for character in text]


def _expecting_reply() -> InputParser:
    parser = InputParser()
    parser.expect_reply(100.0)
    return parser


def _parts(text: str, length: int) -> list[tuple[float, str]]:
    return [(0.0, text[start : start + length]) for start in range(0, len(text), length)]


@settings(max_examples=1000)
@given(_STREAM, st.integers(1, 40), st.booleans())
@example(_MODE_REPORT + _NO_PIXELS + _MOUSE, 100, False)
@example("\x1b[1114112u", 100, False)
@example("\x1b[97:65u", 100, False)
@example("\x1b[97;5:1u", 100, False)
@example("\x1b[48;1:x;1;1;1t", 100, False)
def test_no_bytes_raise_and_a_key_comes_through_afterwards(stream: str, part_length: int, expects_reply: bool) -> None:
    parser = _expecting_reply() if expects_reply else InputParser()
    _all(parser, *_parts(stream, part_length), (HOLD_SECONDS + 0.2, ""))
    assert _all(parser, (0.2, "q")) == [("key", "q", "q")]


@settings(max_examples=300)
@given(_STREAM, st.integers(1, 40))
@example("\x1b]" + "9" * 2 * MAX_HELD + "\x1b", 1)
def test_parts_mean_what_the_whole_means(stream: str, part_length: int) -> None:
    whole = _all(InputParser(), (0.0, stream), (HOLD_SECONDS + 0.2, ""))
    # A paste without marks is known only by what comes at once.
    if ("cut", PasteEnd.UNFINISHED) not in whole and not any(map(is_burst, stream.split("\x1b"))):
        assert _all(InputParser(), *_parts(stream, part_length), (HOLD_SECONDS + 0.2, "")) == whole


@given(_TYPED.map("".join), st.integers(1, 5), st.booleans())
def test_the_messages_are_those_of_textuals_parser(typed: str, part_length: int, expects_reply: bool) -> None:
    parser, textual = _expecting_reply() if expects_reply else InputParser(), XTermParser()
    assert _all(parser, *_parts(typed, part_length)) == [_content(message) for message in textual.feed(typed)]


@pytest.mark.parametrize("sequence", sorted(ANSI_SEQUENCES_KEYS, key=str))
def test_every_key_that_textual_knows_is_known(sequence: str) -> None:
    if sequence in ("\x1b", "\x1b\x1b", "\n") or ANSI_SEQUENCES_KEYS[sequence] is IGNORE_SEQUENCE:
        return
    expected = [_content(message) for message in XTermParser().feed(sequence)]
    assert expected
    assert _all(InputParser(), (0.0, sequence)) == expected


@pytest.mark.parametrize(
    "dropped",
    [
        "\x1b[113~",  # to Textual an unknown function key is the character with its number: q
        "\x1b[1114112u",
        "\x1b[55296u",
        "\x1b[97;5;1114112u",
        "\x1b[97:65u",
        "\x1b[97;5:3u",
        "\x1b[99999999999999999999999u",
        "\x1b[<0;1;123456M",
        "\x1b[<99999;1;1M",
        "\x1b[0;0R",
        "\x1b[123456;1R",
        "\x1b[48;0;0;0;0t",
        "\x1b[48;?;80;0;0t",
        "\x1b[48;24;80;0t",
        "\x1b[?62;1;2c",
        "\x1b[>41;354;0c",
        "\x1b[?2048;9$y",
        "\x1b[M !!",
        "\x1b[32;5;6M",
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
        "\x1b]52;c;cQ==\x07",
        "\x1bP>|XTerm(379)\x1b\\",
        "\x1bP1$r0m\x1b\\",
        "\x1b_Gi=1;OK\x1b\\",
        "\x1b[" + "1;" * 40 + "A",
        "\x1b[" + "1" * 3 * MAX_HELD + "A",
        "\x1b]0;" + "q" * 3 * MAX_HELD + "\x07",
    ],
)
def test_what_is_malformed_or_unknown_is_dropped_and_no_part_of_it_becomes_a_key(dropped: str) -> None:
    assert _all(InputParser(), (0.0, f"a{dropped}b")) == _keys("ab")
    assert _all(InputParser(), *_parts(f"a{dropped}b", 7)) == _keys("ab")


def test_an_interrupted_sequence_loses_itself_and_not_the_key_that_interrupts_it() -> None:
    assert _all(InputParser(), (0.0, "\x1b[12;\rb")) == [("key", "enter", "\r"), *_keys("b")]
    assert _all(InputParser(), (0.0, "\x1b]11;rgb\x1b[A"), (0.0, "b")) == [("key", "up", None), *_keys("b")]
    assert _all(InputParser(), (0.0, "\x1b[1"), (HOLD_SECONDS + 0.2, "b")) == _keys("b")


@given(st.integers(1, 99_999), st.integers(1, 99_999), st.integers(0, 99_999), st.integers(0, 99_999))
def test_a_reported_size_is_bounded_and_has_at_least_one_pixel_for_each_cell(
    lines: int, columns: int, height: int, width: int
) -> None:
    parser = XTermParser()
    (resize,) = parser.feed(checked_sequence(f"\x1b[48;{lines};{columns};{height};{width}t"))
    assert isinstance(resize, events.Resize)
    assert tuple(resize.size) == (min(columns, MAX_COLUMNS), min(lines, MAX_LINES)) == bounded_size(columns, lines)
    assert resize.pixel_size is not None
    assert resize.pixel_size.width >= resize.size.width
    assert resize.pixel_size.height >= resize.size.height


def test_a_size_without_pixels_and_a_mouse_report_are_a_size_and_a_click() -> None:
    """Textual alone divides by zero here."""
    parser = InputParser()
    supports, resize, click = parser.feed(_MODE_REPORT + _NO_PIXELS + _MOUSE, 0.0)
    assert isinstance(supports, messages.InBandWindowResize)
    assert _content(resize) == ("resize", (80, 24), (80, 24))
    assert isinstance(click, events.MouseDown)
    assert (click.x, click.y) == (9, 4)


@pytest.mark.parametrize("cut", range(1, len(_REPLY)))
def test_a_slow_reply_passes_in_one_piece(cut: int) -> None:
    assert _all(_expecting_reply(), (5.0, _REPLY[:cut]), (1.5, _REPLY[cut:])) == [("CursorPosition",)]


def test_escape_is_a_key_after_a_while() -> None:
    escape = ("key", "escape", "\x1b")
    assert _all(InputParser(), (0.0, "\x1b"), (2 * ESCAPE_DELAY, "")) == [escape]
    assert _all(InputParser(), (0.0, "\x1b"), (0.0, "\x1b"), (2 * ESCAPE_DELAY, "")) == [escape, escape]
    assert _all(InputParser(), (0.0, "\x1b"), (0.0, "x")) == [("key", "alt+x", "x")]
    assert _all(_expecting_reply(), (5.0, "\x1b"), (0.5, "a")) == [escape, *_keys("a")]
    assert _all(_expecting_reply(), (5.0, "\x1b"), (HOLD_SECONDS + 0.2, "")) == [escape]
    after_reply = _expecting_reply()
    after_reply.reply_received()
    assert _all(after_reply, (5.0, "\x1b"), (2 * ESCAPE_DELAY, "")) == [escape]


@pytest.mark.parametrize("begin", ["O", "]", "P", "_"])
def test_the_beginning_of_a_sequence_alone_is_alt_with_a_key(begin: str) -> None:
    (key,) = _all(InputParser(), (0.0, f"\x1b{begin}"), (2 * ESCAPE_DELAY, ""))
    assert key[2] == begin


def test_an_enter_that_was_pressed_before_the_program_had_set_its_terminal_up_is_an_enter() -> None:
    assert _all(InputParser(), (0.0, "a\n\r")) == [*_keys("a"), *[("key", "enter", "\r")] * 2]


def test_empty_input_is_not_the_end_of_input() -> None:
    assert _all(InputParser(), (0.0, ""), (0.0, "a")) == _keys("a")


@given(st.text(max_size=30).filter(lambda text: _PASTE_END not in text), st.integers(1, 8))
def test_a_paste_is_one_message_however_it_is_cut(text: str, part_length: int) -> None:
    stream = f"a{_PASTE_BEGIN}{text}{_PASTE_END}b"
    pasted = ("paste", text.replace("\0", ""))
    assert _all(InputParser(), *_parts(stream, part_length)) == [*_keys("a"), pasted, *_keys("b")]


def test_a_paste_without_its_end_ends_after_two_seconds_without_a_byte() -> None:
    parser = InputParser()
    assert _all(parser, (0.0, f"{_PASTE_BEGIN}48"), (1.5, "73"), (1.5, "")) == []
    parser = InputParser()
    cut = ("cut", PasteEnd.UNFINISHED)
    assert _all(parser, (0.0, f"{_PASTE_BEGIN}48"), (1.5, "73"), (2.2, "q")) == [("paste", "4873"), cut, *_keys("q")]


def test_the_late_rest_of_a_paste_is_not_taken_for_keys() -> None:
    begin = [(0.0, f"{_PASTE_BEGIN}48"), (2.2, "")]
    unfinished, late = [("paste", "48"), ("cut", PasteEnd.UNFINISHED)], ("cut", PasteEnd.LATE)
    assert _all(InputParser(), *begin, (0.1, f"qqq{_PASTE_END}a")) == [*unfinished, late, *_keys("a")]
    assert _all(InputParser(), *begin, (0.1, "q" * 99), (0.1, f"q{_PASTE_END}a")) == [*unfinished, late, *_keys("a")]
    assert _all(InputParser(), *begin, (0.1, f"{_PASTE_END}a")) == [*unfinished, *_keys("a")]
    assert _all(InputParser(), *begin, (0.1, f"{_PASTE_BEGIN}x{_PASTE_END}a")) == [
        *unfinished,
        ("paste", "x"),
        *_keys("a"),
    ]


@pytest.mark.parametrize("end", [_PASTE_END, "", "\x1b[20"])
def test_a_paste_of_more_than_a_megabyte_is_not_used_and_no_part_of_it_becomes_a_key(end: str) -> None:
    parser = InputParser()
    stream = _PASTE_BEGIN + "中" * (MAX_PASTE_BYTES // 3 + 9000) + end
    assert _all(parser, *_parts(stream, 4096), (0.0 if end == _PASTE_END else 2.2, "b")) == [
        ("cut", PasteEnd.TOO_LONG),
        *_keys("b"),
    ]


def test_a_function_key_ends_what_is_left_of_a_paste_that_was_too_long() -> None:
    parser = InputParser()
    stream = _PASTE_BEGIN + "q" * (MAX_PASTE_BYTES + 9000)
    assert _all(parser, *_parts(stream, 4096), (0.0, "qq\x1b[21~b")) == [
        ("cut", PasteEnd.TOO_LONG),
        ("key", "f10", None),
        *_keys("b"),
    ]


def test_nothing_keeps_the_text_of_a_paste_after_it_was_passed_on() -> None:
    parser = InputParser()
    (message,) = parser.feed(f"{_PASTE_BEGIN}Zq7#kW2!{_PASTE_END}", 0.0)
    assert isinstance(message, events.Paste)
    text = message.text
    del message
    assert text == "Zq7#kW2!"
    assert sys.getrefcount(text) == 2, "the name here and the argument"


def test_random_bytes_by_the_ten_thousand_leave_the_parser_usable() -> None:
    """Bytes as a broken line sends them, in reads of the driver's size: what is held back stays small."""
    source = random.Random(9)  # noqa: S311 - the same bytes in each run
    parser, now = InputParser(), 0.0
    alphabet = bytes(range(256)) + b"\x1b[\x1b[\x1b[;;;0123456789<?:$~uRMtmy" * 4
    for _ in range(10_000):
        now += source.choice((0.0, 0.01, 0.5))
        raw = bytes(source.choices(alphabet, k=source.randrange(16)))
        parser.feed(raw.decode("utf-8", "replace"), now)
        parser.tick(now)
        assert len(parser._held) <= MAX_HELD
    parser.tick(now + HOLD_SECONDS)
    assert [_content(message) for message in parser.feed("q", now + 9)] == _keys("q")
