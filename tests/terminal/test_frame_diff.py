"""The output that changes one screen into another, as a terminal shows it."""

import hypothesis.strategies as st
from hypothesis import given, settings

from jiacha_tui.terminal.cells import Frame, Row, blank_frame, overlay, split_into_cells
from jiacha_tui.terminal.frame_diff import diff
from jiacha_tui.terminal.style import PLAIN, Style
from tests.terminal.emulator import Emulator, draw_simply

COLUMNS, LINES = 30, 8

STYLES = st.builds(
    Style,
    st.frozensets(st.sampled_from(["1", "3", "4", "5", "7", "9"]), max_size=2),
    st.sampled_from(["", "31", "96", "38;5;200"]),
    st.sampled_from(["", "46", "104", "48;2;1;2;3"]),
    st.sampled_from(["", "id=1;https://example.com"]),
)
TEXTS = st.text(st.sampled_from("ab ─汉字，"), max_size=COLUMNS) | st.sampled_from(
    [" " * 20, "─" * 20, "e\u0301汉e\u0301a"]
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    row = blank_frame(COLUMNS, 1).rows[0]
    for _ in range(draw(st.integers(0, 3))):
        row = overlay(
            row, draw(st.integers(0, COLUMNS - 1)), split_into_cells(draw(TEXTS), draw(STYLES | st.just(PLAIN)))
        )
    return row


POSITIONS = st.tuples(st.integers(0, LINES - 1), st.integers(0, COLUMNS - 1))
FRAMES = st.builds(Frame, st.lists(rows(), min_size=LINES, max_size=LINES).map(tuple), POSITIONS)


@st.composite
def sessions(draw: st.DrawFn) -> list[Frame]:
    """Frames in order. In each some rows of the frame before are changed and some are moved."""
    frames = [draw(FRAMES)]
    for _ in range(draw(st.integers(1, 4))):
        lines = list(frames[-1].rows)
        for row in draw(st.lists(st.integers(0, LINES - 1), max_size=3)):
            lines[row] = draw(rows())
        top, bottom = sorted(draw(st.tuples(st.integers(0, LINES), st.integers(0, LINES))))
        part, by = lines[top:bottom], draw(st.integers(-3, 3))
        lines[top:bottom] = part[by:] + part[:by]
        frames.append(Frame(tuple(lines), draw(POSITIONS)))
    return frames


@settings(max_examples=60)
@given(sessions())
def test_a_terminal_shows_each_frame_after_its_difference_to_the_one_before(frames: list[Frame]) -> None:
    terminal = Emulator(COLUMNS, LINES)
    terminal.feed("\x1b[31mother text\x1b[?7l")
    shown: Frame | None = None
    for frame in frames:
        terminal.feed(diff(shown, frame))
        expected = Emulator(COLUMNS, LINES)
        expected.feed(draw_simply(frame))
        assert terminal.rows == expected.rows
        assert terminal.cursor == expected.cursor
        assert terminal.is_plain
        assert diff(frame, frame) == ""
        shown = frame


def test_moved_rows_are_moved_by_the_terminal() -> None:
    lines = [f"{number * 15485863:>12} 汉字 {number * 32452843}" for number in range(LINES + 1)]
    rows = [overlay(blank_frame(COLUMNS, 1).rows[0], 0, split_into_cells(line, PLAIN)) for line in lines]
    first, second = Frame(tuple(rows[:LINES])), Frame(tuple(rows[1:]))
    for before, after, line in ((first, second, lines[-1]), (second, first, lines[0])):
        assert len(diff(before, after).encode()) < len(line.encode()) + 30
