"""A terminal that can be looked into."""

from typing import Any, NamedTuple

import pyte

from jiacha_tui.terminal.cells import Frame

_INK = frozenset({"underscore", "strikethrough", "reverse"})
"""What is seen on a blank besides its background."""


class Look(NamedTuple):
    """One cell as it is seen: a blank has no colour of its own."""

    text: str
    style: tuple[Any, ...]


class Emulator:
    """80 columns and 24 lines, or as many as it is given."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._screen)

    def feed(self, output: str) -> None:
        self._stream.feed(output)

    def resize(self, columns: int, lines: int) -> None:
        self._screen.resize(lines, columns)

    @property
    def cursor(self) -> tuple[int, int]:
        return self._screen.cursor.y, self._screen.cursor.x

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    @property
    def plain(self) -> bool:
        """Whether what would be written now has the terminal's own colours."""
        return bool(self._screen.cursor.attrs == self._screen.default_char)

    @property
    def looks(self) -> list[list[Look]]:
        """Row by row."""
        rows, columns = range(self._screen.lines), range(self._screen.columns)
        return [[_look(self._screen.buffer[row][column]) for column in columns] for row in rows]


def _look(character: Any) -> Look:
    attributes = character._asdict()
    text = attributes.pop("data")
    if text == " " and not any(attributes[one] for one in _INK):
        return Look(text, (attributes["bg"],))
    return Look(text, tuple(attributes.items()))


def whole(frame: Frame) -> str:
    """Output that draws `frame` in the plainest way: each character at its place, with everything about its style."""
    pieces = ["\x1b[?7l"]
    for row, line in enumerate(frame.rows, 1):
        for column, (text, style, second_half_of) in enumerate(line, 1):
            if not second_half_of:
                parameters = ";".join(("0", *style.attributes, *filter(None, (style.foreground, style.background))))
                pieces.append(f"\x1b[{row};{column}H\x1b[{parameters}m{text}")
    row, column = frame.cursor
    return f"{''.join(pieces)}\x1b[m\x1b[{row + 1};{column + 1}H"
