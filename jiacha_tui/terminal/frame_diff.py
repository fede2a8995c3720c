"""Computes the output that turns the frame that a terminal shows into the next one."""

import re

from jiacha_tui.terminal.cells import BLANK, Frame, Row, blank_frame
from jiacha_tui.terminal.escape_writer import CLEAR, EscapeWriter
from jiacha_tui.terminal.scrolling import find_scroll

_SAME, _SAME_BLANK, _CHANGED, _BLANKED = ".,x_"

_ERASE_TO_END = 4
"""From so many blanks on, erasing to the end of the line (ESC [ K: 3 bytes) is shorter than writing them."""

_ERASE = 12
"""From so many blanks on, erasing them (ESC [ n X: 5 bytes) and moving past them (ESC [ n C: 5 bytes) is shorter."""

_TO_END = rf"(?:,*_){{{_ERASE_TO_END - 1},}},*$"
_MANY = rf"(?:,*_){{{_ERASE - 1},}}"
_RUN = re.compile(
    rf"(?P<blank_end>_{_TO_END})"  # blanks up to the end of the line: erased
    rf"|(?P<blanks>_{_MANY})"  # blanks before other cells: erased
    rf"|(?:x|_(?!{_MANY}|{_TO_END}))+"  # everything else that changed: written
)


def diff(shown: Frame | None, wanted: Frame) -> str:
    """Returns the output after which a terminal shows `wanted`; "" if that is what it shows.

    `shown` is what it shows, None if that is not known.
    """
    if shown is None or shown.size != wanted.size:
        return CLEAR + diff(blank_frame(*wanted.size), wanted)
    rows = shown.rows
    writer = EscapeWriter(shown.cursor)
    scroll = find_scroll(rows, wanted.rows)
    if scroll is not None:
        writer.scroll(*scroll)
        rows = tuple(scroll.apply(rows))
    for row, (old, new) in enumerate(zip(rows, wanted.rows, strict=True)):
        if old != new:
            _change_row(writer, row, old, new)
    return writer.finish(wanted.cursor)


def _change_row(writer: EscapeWriter, row: int, old: Row, new: Row) -> None:
    for run in _RUN.finditer(_compare(old, new)):
        start, end = run.span()
        if run["blank_end"]:
            writer.erase(row, start)
        elif run["blanks"]:
            writer.erase(row, start, end - start)
        else:
            writer.write(row, new, start, end)


def _compare(old: Row, new: Row) -> str:
    """Returns one of the four marks for each cell."""
    pairs = zip(old, new, strict=True)
    return "".join(
        [
            (_SAME_BLANK if after is BLANK else _SAME)
            if before is after or before == after
            else (_BLANKED if after is BLANK else _CHANGED)
            for before, after in pairs
        ]
    )
