"""Output as it is put together: knows where the cursor is and how it writes, so that each step is short."""

from jiacha_tui.terminal.cells import BLANK_TEXT, Row
from jiacha_tui.terminal.style import PLAIN, Style, change, on_blank

CLEAR = "\x1b[r\x1b[m\x1b[H\x1b[J"
"""Everything plain and blank, the cursor in the first cell."""

_LONGEST_GAP = 6
"""No sequence that moves the cursor over a gap is longer than as many characters."""


class EscapeWriter:
    """Begins and ends in the plain style, so that whatever else writes to the terminal looks as it should."""

    def __init__(self, cursor: tuple[int, int]) -> None:
        """`cursor` is row and column."""
        self._row: int | None = cursor[0]
        self._column: int | None = cursor[1]
        self._style = PLAIN
        self._pieces: list[str] = []

    def write(self, row: int, line: Row, start: int, end: int) -> None:
        """Writes a part of `line`, which is in that row. The part begins and ends with whole characters."""
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
                    self._change(style)
                self._pieces.append(text)
                if len(text) > 1:
                    self._column = None  # what is combined is as wide as the terminal thinks
            column += 1
        if self._column is not None:
            # Having written the last column, terminals stay in it or wait behind it.
            self._column = column if column < len(line) else None

    def erase(self, row: int, column: int, count: int | None = None) -> None:
        """Makes `count` cells plain blanks, or all that follow in the row."""
        self._move(row, column)
        self._change(PLAIN)
        self._pieces.append("\x1b[K" if count is None else f"\x1b[{count}X")

    def scroll(self, top: int, bottom: int, lines: int) -> None:
        """Moves the rows from `top` to `bottom` up by `lines`, down by as many below 0; blanks follow."""
        self._change(PLAIN)
        moved = f"\x1b[{lines}M" if lines > 0 else f"\x1b[{-lines}L"
        self._pieces.append(f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H{moved}\x1b[r")
        self._row = self._column = None

    def finished(self, cursor: tuple[int, int]) -> str:
        """The output, with the cursor moved there."""
        self._change(PLAIN)
        self._move(*cursor)
        return "".join(self._pieces)

    def _is_cheap(self, gap: Row) -> bool:
        """Whether to write what is there already costs no more than to move over it."""
        if not 0 < len(gap) <= _LONGEST_GAP or not all(
            len(text) <= 1 and self._suits(text, style) for text, style, _ in gap
        ):
            return False
        return len("".join(cell.text for cell in gap).encode()) <= len(_by(len(gap), "C"))

    def _suits(self, text: str, style: Style) -> bool:
        return style == self._style or (text == BLANK_TEXT and style == on_blank(self._style))

    def _change(self, style: Style) -> None:
        self._pieces.append(change(self._style, style))
        self._style = style

    def _move(self, row: int, column: int) -> None:
        self._pieces.append(self._way(row, column))
        self._row, self._column = row, column

    def _way(self, row: int, column: int) -> str:
        """The shortest sequence from the cursor to there."""
        if (row, column) == (self._row, self._column):
            return ""
        ways = [f"\x1b[{row + 1};{column + 1}H" if column else f"\x1b[{row + 1}H"]
        if self._row is None:
            return ways[0]
        down = row - self._row
        if down == 0 and self._column is not None and column > self._column:
            ways.append(_by(column - self._column, "C"))
        if down >= 0 and column == 0:
            ways.append("\r" + "\n" * down)
        if down > 0 and column == self._column:
            ways.append(_by(down, "B"))
        return min(ways, key=len)


def _by(count: int, direction: str) -> str:
    return f"\x1b[{count if count > 1 else ''}{direction}"
