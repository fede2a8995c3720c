"""What Textual writes, read back."""

import io

import hypothesis.strategies as st
import pytest
from hypothesis import given
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.strip import Strip

from jiacha_tui.terminal.cells import blank_frame
from jiacha_tui.terminal.frame_parser import apply
from jiacha_tui.terminal.problems import UnsupportedOutput
from tests.terminal.emulator import Emulator, whole

COLUMNS, LINES = 48, 4
CONSOLE = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False)
STYLES = st.builds(
    RichStyle,
    color=st.sampled_from([None, "default", "red", "#102030", Color.from_ansi(200)]),
    bgcolor=st.sampled_from([None, "default", "cyan", "#102030"]),
    bold=st.sampled_from([None, True, False]),
    reverse=st.sampled_from([None, True]),
    underline=st.sampled_from([None, True]),
)
SEGMENTS = st.lists(st.builds(Segment, st.text(st.sampled_from("ab ─汉，"), max_size=4), STYLES), max_size=5)
PLACED = st.tuples(st.integers(1, LINES), SEGMENTS)


@given(st.lists(PLACED, min_size=1, max_size=6))
def test_lines_of_segments_are_seen_as_a_terminal_shows_them(placed: list[tuple[int, list[Segment]]]) -> None:
    # Each in a line of its own: a terminal's ways with half a character are its own.
    lines = dict(placed)
    output = "".join(f"\x1b[{line};2H{Strip(segments).render(CONSOLE)}" for line, segments in lines.items())
    read, written = Emulator(COLUMNS, LINES), Emulator(COLUMNS, LINES)
    read.feed(whole(apply(blank_frame(COLUMNS, LINES), output)))
    written.feed(output)
    assert read.looks == written.looks
    assert read.cursor == written.cursor


def test_a_place_is_where_the_next_text_goes_and_the_last_one_is_the_cursor() -> None:
    frame = apply(blank_frame(6, 2), "\x1b[1;1Hab\n\x1b[2;3H\x1b[1m汉\x1b[0m\x1b[2H\x1b[H")
    assert ["".join(cell.text for cell in row) for row in frame.rows] == ["ab    ", "  汉  "]
    assert frame.cursor == (0, 0)


def test_text_leads_to_where_it_says() -> None:
    link = "\x1b]8;id=1;https://example.com\x1b\\"
    frame = apply(blank_frame(6, 1), f"\x1b[1;1Ha{link}\x1b[4mb \x1b[0m\x1b]8;;\x1b\\c\x1b[H")
    assert [cell.style.link for cell in frame.rows[0]] == ["", *["id=1;https://example.com"] * 2, "", "", ""]


def test_what_lies_outside_is_left_out() -> None:
    frame = apply(blank_frame(3, 1), "\x1b[1;2Habcdef\x1b[2;1Hxyz\x1b[1;1H")
    assert ["".join(cell.text for cell in row) for row in frame.rows] == [" ab"]


@pytest.mark.parametrize(
    "output",
    [
        "text without a place",
        "\x1b[1;1Ha\nb\x1b[H",
        "\x1b[1;1Ha\n",
        "\x1b[1;1H\x1b[2Jx\x1b[H",
        "\x1b[1;1H\x1b[3Cx\x1b[H",
        "\x1b[1;1H\x1b[1mx\x1b[H",
        "\x1b[1;1Ha\tb\x1b[H",
        "\x1b[1;1Ha\x9bb\x1b[H",
        "\x1b[1;1H\x1b]8;;https://example.com\x1b\\x\x1b[H",
        "\x1b[1;1H\x1b]0;title\x1b\\x\x1b[H",
    ],
)
def test_everything_else_is_not_understood(output: str) -> None:
    with pytest.raises(UnsupportedOutput):
        apply(blank_frame(10, 3), output)
