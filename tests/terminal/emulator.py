"""A terminal that can be looked into."""

import unicodedata
from typing import Any, NamedTuple

import pyte

from jiacha_tui.terminal.cells import Frame

_INK = frozenset({"underscore", "strikethrough", "reverse"})
"""What is seen on a blank besides its background."""

_IDEOGRAPHS = 0x20000
"""From here on ideographs of two cells stand for the characters that far below."""


class Look(NamedTuple):
    """One cell as it is seen: a blank has no colour of its own."""

    text: str
    style: tuple[Any, ...]


class _Screen(pyte.Screen):
    """One that can be asked, and that can give ambiguous characters two cells.

    The width of such a one is that of an ideograph that is drawn in its place.
    """

    def __init__(self, columns: int, lines: int, ambiguous_cells: int) -> None:
        self.answers = ""
        self._is_wide = ambiguous_cells > 1
        super().__init__(columns, lines)

    def draw(self, data: str) -> None:
        super().draw("".join(map(_ideograph, data)) if self._is_wide else data)

    def write_process_input(self, data: str) -> None:
        self.answers += data


def is_ambiguous(text: str) -> bool:
    return unicodedata.east_asian_width(text[:1] or " ") == "A"


def _ideograph(character: str) -> str:
    return chr(_IDEOGRAPHS + ord(character)) if is_ambiguous(character) else character


def _character(text: str) -> str:
    return chr(ord(text[0]) - _IDEOGRAPHS) + text[1:] if text and ord(text[0]) > _IDEOGRAPHS else text


class Emulator:
    """80 columns and 24 lines, or as many as it is given."""

    def __init__(self, columns: int = 80, lines: int = 24, *, ambiguous_cells: int = 1) -> None:
        self._screen = _Screen(columns, lines, ambiguous_cells)
        self._stream = pyte.Stream(self._screen)

    def feed(self, output: str) -> None:
        self._stream.feed(output)

    def resize(self, columns: int, lines: int) -> None:
        self._screen.resize(lines, columns)

    def answers(self) -> str:
        """What it has answered since it was asked this."""
        answers, self._screen.answers = self._screen.answers, ""
        return answers

    @property
    def cursor(self) -> tuple[int, int]:
        return self._screen.cursor.y, self._screen.cursor.x

    @property
    def text(self) -> str:
        return "".join(map(_character, "\n".join(self._screen.display)))

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
    text = _character(attributes.pop("data"))
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
