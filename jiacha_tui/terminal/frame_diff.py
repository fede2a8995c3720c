"""The difference between what a terminal shows and what it should show, as output."""

import re

from jiacha_tui.terminal import scrolling
from jiacha_tui.terminal.cells import BLANK, Frame, Row, blank_frame
from jiacha_tui.terminal.escape_writer import CLEAR, EscapeWriter

_SAME, _SAME_BLANK, _CHANGED, _BLANKED = ".,x_"

_PART = re.compile(
    r"(?P<rest>_(?:,*_){3,},*$)"  # blanks to the end of the line: erased
    r"|(?P<blanks>_(?:,*_){11,})"  # erased too, but the cursor has to be moved over them
    r"|(?:x|_(?!(?:,*_){11}|(?:,*_){3,},*$))+"
)


def diff(shown: Frame | None, wanted: Frame) -> str:
    """What makes a terminal show `wanted` that shows `shown`, or it is not known what. "" where that is the same."""
    if shown is None or shown.size != wanted.size:
        return CLEAR + diff(blank_frame(*wanted.size), wanted)
    rows = shown.rows
    strokes = EscapeWriter(shown.cursor)
    scroll = scrolling.find(rows, wanted.rows)
    if scroll is not None:
        strokes.scroll(*scroll)
        rows = tuple(scroll.of(rows))
    for row, (old, new) in enumerate(zip(rows, wanted.rows, strict=True)):
        if old != new:
            _change_row(strokes, row, old, new)
    return strokes.finished(wanted.cursor)


def _change_row(strokes: EscapeWriter, row: int, old: Row, new: Row) -> None:
    for part in _PART.finditer(_marks(old, new)):
        start, end = part.span()
        if part["rest"]:
            strokes.erase(row, start)
        elif part["blanks"]:
            strokes.erase(row, start, end - start)
        else:
            strokes.write(row, new, start, end)


def _marks(old: Row, new: Row) -> str:
    """One for each cell."""
    pairs = zip(old, new, strict=True)
    return "".join(
        [
            (_SAME_BLANK if after is BLANK else _SAME)
            if before is after or before == after
            else (_BLANKED if after is BLANK else _CHANGED)
            for before, after in pairs
        ]
    )
