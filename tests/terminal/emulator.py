"""A terminal emulator whose screen can be read."""

import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

import pyte

from jiacha_tui.terminal.cells import Frame

_VISIBLE_ON_BLANK = frozenset({"underscore", "strikethrough", "reverse"})
"""What can be seen on a blank besides its background."""

_IDEOGRAPHS = 0x20000
"""Ideographs of two cells from here on are drawn in place of the characters that far below."""


class DisplayedCell(NamedTuple):
    """One cell as a person sees it: on a blank only the background counts."""

    text: str
    style: tuple[Any, ...]


class _Screen(pyte.Screen):
    """Collects the terminal's replies, and can give ambiguous characters two cells.

    It does that by drawing a wide ideograph in place of each of them. Like xterm, and unlike pyte, it turns the half
    that is left of a character of two cells into a blank.
    """

    def __init__(self, columns: int, lines: int, ambiguous_cells: int) -> None:
        self.replies = ""
        self._is_wide = ambiguous_cells > 1
        super().__init__(columns, lines)

    def draw(self, data: str) -> None:
        if self._is_at_second_half:
            self._blank(self.cursor.x - 1)
        super().draw("".join(map(_to_ideograph, data)) if self._is_wide else data)
        if self._is_at_second_half:
            self._blank(self.cursor.x)

    @property
    def _is_at_second_half(self) -> bool:
        return not self.buffer[self.cursor.y][self.cursor.x].data

    def _blank(self, column: int) -> None:
        row = self.buffer[self.cursor.y]
        row[column] = row[column]._replace(data=" ")

    def write_process_input(self, data: str) -> None:
        self.replies += data


def is_ambiguous(text: str) -> bool:
    return unicodedata.east_asian_width(text[:1] or " ") == "A"


def _to_ideograph(character: str) -> str:
    return chr(_IDEOGRAPHS + ord(character)) if is_ambiguous(character) else character


def _from_ideograph(text: str) -> str:
    return chr(ord(text[0]) - _IDEOGRAPHS) + text[1:] if text and ord(text[0]) > _IDEOGRAPHS else text


class Emulator:
    """80 columns and 24 lines, or as many as it is given."""

    def __init__(self, columns: int = 80, lines: int = 24, *, ambiguous_cells: int = 1) -> None:
        self._screen = _Screen(columns, lines, ambiguous_cells)
        self._stream = pyte.Stream(self._screen)
        self._rows: list[list[DisplayedCell]] = []
        """The rows that were last read: only those that have changed since are read again."""

    def feed(self, output: str) -> None:
        self._stream.feed(output)

    def resize(self, columns: int, lines: int) -> None:
        self._screen.resize(lines, columns)

    def take_replies(self) -> str:
        """The replies since the last call."""
        replies, self._screen.replies = self._screen.replies, ""
        return replies

    @property
    def cursor(self) -> tuple[int, int]:
        return self._screen.cursor.y, self._screen.cursor.x

    @property
    def text(self) -> str:
        return "".join(map(_from_ideograph, "\n".join(self._screen.display)))

    @property
    def is_plain(self) -> bool:
        """Whether the next text would be drawn in the terminal's own colours."""
        return bool(self._screen.cursor.attrs == self._screen.default_char)

    @property
    def rows(self) -> list[list[DisplayedCell]]:
        lines, columns = range(self._screen.lines), range(self._screen.columns)
        # A combining character at the beginning of a line changes the end of the line above it.
        changed = {line for dirty in self._screen.dirty for line in (dirty - 1, dirty)}
        if [len(row) for row in self._rows] != [len(columns)] * len(lines):
            self._rows, changed = [[] for _line in lines], set(lines)
        for line in changed.intersection(lines):
            self._rows[line] = [_displayed(self._screen.buffer[line][column]) for column in columns]
        self._screen.dirty.clear()
        return self._rows.copy()


@lru_cache(maxsize=65536)
def _displayed(character: Any) -> DisplayedCell:
    attributes = character._asdict()
    text = _from_ideograph(attributes.pop("data"))
    if text == " " and not any(attributes[attribute] for attribute in _VISIBLE_ON_BLANK):
        return DisplayedCell(text, (attributes["bg"],))
    return DisplayedCell(text, tuple(attributes.items()))


def draw_simply(frame: Frame) -> str:
    """Output that draws `frame` in the simplest way: each character at its position with its complete style."""
    pieces = ["\x1b[?7l"]
    for row, line in enumerate(frame.rows, 1):
        for column, (text, style, second_half_of) in enumerate(line, 1):
            if not second_half_of:
                parameters = ";".join(("0", *style.attributes, *filter(None, (style.foreground, style.background))))
                pieces.append(f"\x1b[{row};{column}H\x1b[{parameters}m{text}")
    row, column = frame.cursor
    return f"{''.join(pieces)}\x1b[m\x1b[{row + 1};{column + 1}H"
