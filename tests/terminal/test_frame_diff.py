"""From each screen to each other one, as a terminal shows it."""

import hypothesis.strategies as st
from hypothesis import given, settings

from jiacha_tui.terminal.cells import Frame, Row, blank_frame, cells_of, overlay
from jiacha_tui.terminal.frame_diff import diff
from jiacha_tui.terminal.style import PLAIN, Style
from tests.terminal.emulator import Emulator, whole

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
        row = overlay(row, draw(st.integers(0, COLUMNS - 1)), cells_of(draw(TEXTS), draw(STYLES | st.just(PLAIN))))
    return row


PLACES = st.tuples(st.integers(0, LINES - 1), st.integers(0, COLUMNS - 1))
FRAMES = st.builds(Frame, st.lists(rows(), min_size=LINES, max_size=LINES).map(tuple), PLACES)


@st.composite
def sessions(draw: st.DrawFn) -> list[Frame]:
    """Frames of which some are the one before with some rows changed, and some with rows that moved."""
    frames = [draw(FRAMES)]
    for _ in range(draw(st.integers(1, 4))):
        lines = list(frames[-1].rows)
        for row in draw(st.lists(st.integers(0, LINES - 1), max_size=3)):
            lines[row] = draw(rows())
        top, bottom = sorted(draw(st.tuples(st.integers(0, LINES), st.integers(0, LINES))))
        part, by = lines[top:bottom], draw(st.integers(-3, 3))
        lines[top:bottom] = part[by:] + part[:by]
        frames.append(Frame(tuple(lines), draw(PLACES)))
    return frames


@settings(max_examples=60)
@given(sessions())
def test_a_terminal_shows_each_frame_after_the_changes_from_the_one_before(frames: list[Frame]) -> None:
    terminal = Emulator(COLUMNS, LINES)
    terminal.feed("\x1b[31mother text\x1b[?7l")
    shown: Frame | None = None
    for frame in frames:
        terminal.feed(diff(shown, frame))
        wanted = Emulator(COLUMNS, LINES)
        wanted.feed(whole(frame))
        assert terminal.looks == wanted.looks
        assert terminal.cursor == wanted.cursor
        assert terminal.plain
        assert diff(frame, frame) == ""
        shown = frame


def test_rows_that_move_are_moved_by_the_terminal() -> None:
    lines = [f"{number * 15485863:>12} 汉字 {number * 32452843}" for number in range(LINES + 1)]
    rows = [overlay(blank_frame(COLUMNS, 1).rows[0], 0, cells_of(line, PLAIN)) for line in lines]
    first, second = Frame(tuple(rows[:LINES])), Frame(tuple(rows[1:]))
    for before, after, line in ((first, second, lines[-1]), (second, first, lines[0])):
        assert len(diff(before, after).encode()) < len(line.encode()) + 30
