"""Parts of a line that Textual draws again, and the characters of two cells at their edges."""

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given
from rich.segment import Segment
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from jiacha_tui.terminal.whole_characters import with_whole_characters
from tests.terminal.emulator import Emulator
from tests.terminal.test_frame_parser import COLUMNS, CONSOLE, LINES, SEGMENTS


@st.composite
def screens(draw: st.DrawFn) -> tuple[list[dict[int, Strip | None]], list[list[int]]]:
    """Rows of a screen that is divided into widgets: the strip of each by its first column, and their ends."""
    chops: list[dict[int, Strip | None]] = []
    ends = []
    for _ in range(LINES):
        cuts = sorted({0, COLUMNS, *draw(st.lists(st.integers(1, COLUMNS - 1), max_size=3))})
        row = {start: Strip(draw(SEGMENTS)).adjust_cell_length(end - start) for start, end in pairwise(cuts)}
        chops.append(dict(row))
        ends.append(cuts[1:])
    return chops, ends


SPANS = st.lists(
    st.tuples(st.integers(0, LINES - 1), st.integers(0, COLUMNS - 1), st.integers(1, COLUMNS)).filter(
        lambda span: span[1] < span[2]
    ),
    min_size=1,
    max_size=5,
)


@given(screen=screens(), spans=SPANS)
def test_a_part_that_is_drawn_again_without_a_change_changes_nothing(
    screen: tuple[list[dict[int, Strip | None]], list[list[int]]], spans: list[tuple[int, int, int]]
) -> None:
    chops, ends = screen
    whole = ChopsUpdate(chops, [(row, 0, COLUMNS) for row in range(LINES)], ends)
    terminal, expected = Emulator(COLUMNS, LINES), Emulator(COLUMNS, LINES)
    for emulator in (terminal, expected):
        emulator.feed(whole.render_segments(CONSOLE).replace("\n", ""))
    update = with_whole_characters(ChopsUpdate(chops, spans, ends))
    terminal.feed(update.render_segments(CONSOLE).replace("\n", ""))
    assert terminal.rows == expected.rows


def test_a_span_grows_only_where_it_ends_inside_a_character() -> None:
    chops: list[dict[int, Strip | None]] = [{0: Strip([Segment("a口b"), Segment("岸")]), 6: None}]
    spans = [(0, 0, end) for end in range(1, 8)]
    widened = with_whole_characters(ChopsUpdate(chops, spans, [[6, 8]])).spans
    assert [end for _, _, end in widened] == [1, 3, 3, 4, 6, 6, 7]
