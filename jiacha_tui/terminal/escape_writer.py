"""Builds terminal output piece by piece. It tracks the cursor and the style, so that each step is short."""

from jiacha_tui.terminal.cells import BLANK_TEXT, Row
from jiacha_tui.terminal.style import PLAIN, Style, simplify_for_blank, switch_style

CLEAR = "\x1b[r\x1b[m\x1b[H\x1b[J"
"""Resets the scrolling region and the style, erases the screen, and moves the cursor to the first cell."""

_MAX_GAP = 6
"""Characters. The longest sequence that moves the cursor over a gap is not longer than this."""


class EscapeWriter:
    """Output that begins and ends in the plain style, so that anything else written to the terminal looks right."""

    def __init__(self, cursor: tuple[int, int]) -> None:
        """`cursor` is the row and column of the terminal's cursor."""
        self._row: int | None = cursor[0]
        self._column: int | None = cursor[1]
        self._style = PLAIN
        self._pieces: list[str] = []

    def write(self, row: int, line: Row, start: int, end: int) -> None:
        """Writes the cells of `line` from `start` to before `end`. Both are edges of whole characters."""
        column = start
        if row == self._row and self._column is not None and self._is_cheap(line[self._column : start]):
            column = self._column
        else:
            self._move(row, start)
        for text, style, second_half_of in line[column:end]:
            if not second_half_of:
                if self._column is None:
                    self._move(row, column)
                if style is not self._style and not self._suits(text, style):
                    self._switch(style)
                self._pieces.append(text)
                if len(text) > 1:
                    self._column = None  # terminals disagree on the width of a character with combining marks
            column += 1
        if self._column is not None:
            # After the last column some terminals leave the cursor in it, others past it.
            self._column = column if column < len(line) else None

    def erase(self, row: int, column: int, count: int | None = None) -> None:
        """Turns `count` cells into plain blanks, or all cells up to the end of the row."""
        self._move(row, column)
        self._switch(PLAIN)
        self._pieces.append("\x1b[K" if count is None else f"\x1b[{count}X")

    def scroll(self, top: int, bottom: int, lines: int) -> None:
        """Moves the rows `top` to `bottom` up by `lines`, down if it is negative. The rows left free are blank."""
        self._switch(PLAIN)
        move_rows = f"\x1b[{lines}M" if lines > 0 else f"\x1b[{-lines}L"
        self._pieces.append(f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H{move_rows}\x1b[r")
        self._row = self._column = None

    def finish(self, cursor: tuple[int, int]) -> str:
        """Moves the cursor to `cursor` and returns the whole output."""
        self._switch(PLAIN)
        self._move(*cursor)
        return "".join(self._pieces)

    def _is_cheap(self, gap: Row) -> bool:
        """Tells whether writing the cells of `gap` again is not longer than moving the cursor over them."""
        if not 0 < len(gap) <= _MAX_GAP or not all(
            len(text) <= 1 and self._suits(text, style) for text, style, _ in gap
        ):
            return False
        return len("".join(cell.text for cell in gap).encode()) <= len(_move_by(len(gap), "C"))

    def _suits(self, text: str, style: Style) -> bool:
        """Tells whether `text` looks right in the current style."""
        return style == self._style or (text == BLANK_TEXT and style == simplify_for_blank(self._style))

    def _switch(self, style: Style) -> None:
        self._pieces.append(switch_style(self._style, style))
        self._style = style

    def _move(self, row: int, column: int) -> None:
        self._pieces.append(self._shortest_move(row, column))
        self._row, self._column = row, column

    def _shortest_move(self, row: int, column: int) -> str:
        if (row, column) == (self._row, self._column):
            return ""
        moves = [f"\x1b[{row + 1};{column + 1}H" if column else f"\x1b[{row + 1}H"]
        if self._row is None:
            return moves[0]
        down = row - self._row
        if down == 0 and self._column is not None and column > self._column:
            moves.append(_move_by(column - self._column, "C"))
        if down >= 0 and column == 0:
            moves.append("\r" + "\n" * down)
        if down > 0 and column == self._column:
            moves.append(_move_by(down, "B"))
        return min(moves, key=len)


def _move_by(count: int, direction: str) -> str:
    return f"\x1b[{count if count > 1 else ''}{direction}"
