"""Draws characters of two cells whole where Textual would cut one at the end of a part of a line that it draws again.

Textual crops that part to the cells that it has to draw. A character that has only its first half in there becomes a
blank, and on the terminal its second half goes too, although nothing draws the character again.
"""

from textual._compositor import ChopsUpdate
from textual.strip import Strip

from jiacha_tui.terminal.cells import split_into_cells
from jiacha_tui.terminal.style import PLAIN


def with_whole_characters(update: ChopsUpdate) -> ChopsUpdate:
    """Returns `update` with each span one cell longer that ends between the two halves of a character."""
    spans = [(row, start, end + 1 if _cuts_character(update, row, end) else end) for row, start, end in update.spans]
    return update if spans == update.spans else ChopsUpdate(update.chops, spans, update.chop_ends)


def _cuts_character(update: ChopsUpdate, row: int, column: int) -> bool:
    """Whether the halves of a character are on the two sides of the left edge of `column`.

    A chop is what one widget shows of a row, from the start that is its key to its end. Chops never share a character.
    """
    for (start, chop), end in zip(update.chops[row].items(), update.chop_ends[row], strict=True):
        if start < column < end:
            return chop is not None and _is_second_half(chop, column - start)
    return False


def _is_second_half(chop: Strip, column: int) -> bool:
    for segment in chop:
        cells = split_into_cells(segment.text, PLAIN)
        if column < len(cells):
            return bool(cells[column].second_half_of)
        column -= len(cells)
    return False
