"""Frames parsed from what Textual writes."""

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
from jiacha_tui.terminal.frame_diff import diff
from jiacha_tui.terminal.frame_parser import apply_output
from jiacha_tui.terminal.style import UnsupportedOutput
from tests.terminal.emulator import Emulator, draw_simply

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
TEXTS = st.text(st.sampled_from("ab ─汉，"), max_size=4)
SEGMENTS = st.lists(st.tuples(TEXTS, STYLES).map(lambda part: Segment(*part)), max_size=5)
POSITIONED = st.tuples(st.integers(1, LINES), st.integers(1, COLUMNS // 2), SEGMENTS)


@st.composite
def outputs(draw: st.DrawFn) -> str:
    """What Textual writes at once: texts at positions. They overlap, and cut characters of two cells in half."""
    pieces = [
        f"\x1b[{line};{column}H{Strip(segments).render(CONSOLE)}"
        for line, column, segments in draw(st.lists(POSITIONED, min_size=1, max_size=6))
    ]
    return "".join(pieces) + "\x1b[1;1H"


@given(outputs())
def test_lines_of_segments_look_as_a_terminal_shows_them(output: str) -> None:
    parsed, direct = Emulator(COLUMNS, LINES), Emulator(COLUMNS, LINES)
    parsed.feed(draw_simply(apply_output(blank_frame(COLUMNS, LINES), output)))
    direct.feed(output)
    assert parsed.rows == direct.rows
    assert parsed.cursor == direct.cursor


@given(st.lists(outputs(), min_size=2, max_size=5))
def test_a_terminal_that_gets_the_changes_looks_like_one_that_gets_all_output(session: list[str]) -> None:
    all_output, changes = Emulator(COLUMNS, LINES), Emulator(COLUMNS, LINES)
    frame, shown = blank_frame(COLUMNS, LINES), None
    for output in session:
        frame = apply_output(frame, output)
        changes.feed(diff(shown, frame))
        all_output.feed(output)
        assert changes.rows == all_output.rows
        shown = frame


def test_text_goes_to_the_position_before_it_and_the_cursor_to_the_last_one() -> None:
    frame = apply_output(blank_frame(6, 2), "\x1b[1;1Hab\n\x1b[2;3H\x1b[1m汉\x1b[0m\x1b[2H\x1b[H")
    assert ["".join(cell.text for cell in row) for row in frame.rows] == ["ab    ", "  汉  "]
    assert frame.cursor == (0, 0)


def test_links_are_parsed() -> None:
    link = "\x1b]8;id=1;https://example.com\x1b\\"
    frame = apply_output(blank_frame(6, 1), f"\x1b[1;1Ha{link}\x1b[4mb \x1b[0m\x1b]8;;\x1b\\c\x1b[H")
    assert [cell.style.link for cell in frame.rows[0]] == ["", *["id=1;https://example.com"] * 2, "", "", ""]


def test_text_outside_of_the_frame_is_dropped() -> None:
    frame = apply_output(blank_frame(3, 1), "\x1b[1;2Habcdef\x1b[2;1Hxyz\x1b[1;1H")
    assert ["".join(cell.text for cell in row) for row in frame.rows] == [" ab"]


@pytest.mark.parametrize(
    "output",
    [
        "text without a position",
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
def test_everything_else_is_unsupported(output: str) -> None:
    with pytest.raises(UnsupportedOutput):
        apply_output(blank_frame(10, 3), output)
