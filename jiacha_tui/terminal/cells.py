"""The screen as cells."""

from functools import lru_cache
from typing import NamedTuple, TypeAlias

from rich.cells import split_graphemes

from jiacha_tui.terminal.style import PLAIN, Style, simplify_for_blank

BLANK_TEXT = " "


class Cell(NamedTuple):
    """One character with its combining marks, or the second half of the wide character to the left.

    For a second half `text` is empty and `second_half_of` is that character; for every other cell it is empty.
    """

    text: str
    style: Style
    second_half_of: str = ""


Row: TypeAlias = tuple[Cell, ...]

BLANK = Cell(BLANK_TEXT, PLAIN)


class Frame(NamedTuple):
    """A whole screen.

    `cursor` is its row and column, counted from 0. The cursor is hidden, but an input method opens its window there.
    """

    rows: tuple[Row, ...]
    cursor: tuple[int, int] = (0, 0)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        return len(self.rows[0]) if self.rows else 0, len(self.rows)


def blank_frame(width: int, height: int) -> Frame:
    return Frame(((BLANK,) * width,) * height)


def resize(frame: Frame, width: int, height: int) -> Frame:
    """Cuts `frame` at the right and bottom edge, or adds blanks there."""
    if frame.size == (width, height):
        return frame
    rows = [overlay((BLANK,) * width, 0, row) for row in frame.rows[:height]]
    return Frame((*rows, *blank_frame(width, height - len(rows)).rows), frame.cursor)


def overlay(row: Row, column: int, cells: Row) -> Row:
    """Puts `cells` into `row` from `column` on and returns the new row.

    Cells beyond the end of the row are cut. A wide character that loses one half becomes a blank.
    """
    space = max(len(row) - column, 0)
    if len(cells) > space:
        cuts_character = cells[space].second_half_of
        cells = _blank_last(cells[:space]) if cuts_character else cells[:space]
    if len(cells) == len(row):
        return cells
    before, after = row[:column], row[column + len(cells) :]
    if cells and before and row[column].second_half_of:
        before = _blank_last(before)
    if cells and after and after[0].second_half_of:
        after = (_cell(BLANK_TEXT, after[0].style), *after[1:])
    return before + cells + after


@lru_cache(maxsize=8192)
def split_into_cells(text: str, style: Style) -> Row:
    """Returns the cells that `text` takes.

    Combining marks go into the cell of the character before them; without one they are dropped.
    """
    if text.isascii():
        return tuple(_cell(character, style) for character in text)
    cells: list[Cell] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            character = text[start:end]
            cells.append(_cell(character, style))
            cells.extend([_cell("", style, character)] * (width - 1))
    return tuple(cells)


@lru_cache(maxsize=16384)
def _cell(text: str, style: Style, second_half_of: str = "") -> Cell:
    """Returns the same object for equal arguments, so that rows compare quickly."""
    cell = Cell(text, simplify_for_blank(style) if text == BLANK_TEXT else style, second_half_of)
    return BLANK if cell == BLANK else cell


def _blank_last(cells: Row) -> Row:
    return (*cells[:-1], _cell(BLANK_TEXT, cells[-1].style))
