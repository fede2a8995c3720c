"""A screen as cells: what Textual wants to be seen, and what the terminal shows."""

from functools import lru_cache
from typing import NamedTuple, TypeAlias

from rich.cells import split_graphemes

from jiacha_tui.terminal.style import PLAIN, Style, on_blank

BLANK_TEXT = " "


class Cell(NamedTuple):
    """One character with what combines with it, or the second half of the one before."""

    text: str
    style: Style
    second_half_of: str = ""


Row: TypeAlias = tuple[Cell, ...]

BLANK = Cell(BLANK_TEXT, PLAIN)


class Frame(NamedTuple):
    """A whole screen. `cursor` is row and column from 0: hidden, but an input method opens its window there."""

    rows: tuple[Row, ...]
    cursor: tuple[int, int] = (0, 0)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        return len(self.rows[0]) if self.rows else 0, len(self.rows)


def blank_frame(width: int, height: int) -> Frame:
    return Frame(((BLANK,) * width,) * height)


def resized(frame: Frame, width: int, height: int) -> Frame:
    """The upper left corner of `frame`, filled up with blanks."""
    if frame.size == (width, height):
        return frame
    rows = [overlay((BLANK,) * width, 0, row) for row in frame.rows[:height]]
    return Frame((*rows, *blank_frame(width, height - len(rows)).rows), frame.cursor)


def overlay(row: Row, column: int, cells: Row) -> Row:
    """`row` with `cells` in it from `column` on. What does not fit is cut; half a character becomes a blank."""
    room = max(len(row) - column, 0)
    if len(cells) > room:
        cut = cells[room].second_half_of
        cells = _blank_last(cells[:room]) if cut else cells[:room]
    if len(cells) == len(row):
        return cells
    before, after = row[:column], row[column + len(cells) :]
    if cells and before and row[column].second_half_of:
        before = _blank_last(before)
    if cells and after and after[0].second_half_of:
        after = (_cell(BLANK_TEXT, after[0].style), *after[1:])
    return before + cells + after


@lru_cache(maxsize=8192)
def cells_of(text: str, style: Style) -> Row:
    """The cells that `text` takes. Whatever combines goes with the character before it, and nowhere without one."""
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
    """The same object for equal ones, which makes rows quick to compare."""
    cell = Cell(text, on_blank(style) if text == BLANK_TEXT else style, second_half_of)
    return BLANK if cell == BLANK else cell


def _blank_last(cells: Row) -> Row:
    return (*cells[:-1], _cell(BLANK_TEXT, cells[-1].style))
