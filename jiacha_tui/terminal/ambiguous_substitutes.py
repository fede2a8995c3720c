"""Substitutes for ambiguous characters: those with East Asian Width A (Unicode, UAX #11).

Textual counts one cell for such a character, but some terminals draw it in two. Terminals on Chinese Windows are often
set to do so (PuTTY, mintty, Xshell, SecureCRT). On such a terminal a character of one cell is shown instead.
Lines and punctuation get a character of the same meaning, shown plain. A letter, digit or sign may be part of the
data: it gets a similar one, or "?" if there is none, and is underlined.
"""

import unicodedata
from functools import lru_cache
from typing import Final

from jiacha_tui.terminal.cells import BLANK, Cell, Frame, Row

_EQUIVALENT: Final = dict.fromkeys(range(0x250C, 0x2574), "+") | {
    ord(character): substitute
    for substitute, characters in {
        "-": "─━┄┅┈┉‐–—―",
        "|": "│┃┆┇┊┋‖∥║▎▏▌",
        "=": "═",
        "/": "╱",
        "\\": "╲",
        "_": "▁▂▃▄",
        "#": "▅▆▇█▉▊▋▒▓▔▀■▣▤▥▦▧▨▩",
        "<": "←◀◁",
        ">": "→▶▷",
        "^": "↑▲△",
        "v": "↓▼▽",
        ":": "↕",
        "~": "…",
        ".": "·‥",
        "*": "•●",
        "o": "○◎",
        '"': "“”",
        "'": "‘’´",
        "x": "×",
    }.items()
    for character in characters
}
"""ASCII characters that mean the same. Box drawings other than straight lines are corners or crossings: `+`."""

_SIMILAR: Final = {
    ord(character): substitute
    for substitute, characters in {
        "+": "±",
        "/": "÷",
        "<": "≤≦",
        ">": "≥≧",
        "=": "≡≒",
        "~": "≈∼",
        "o": "°",
        "C": "℃",
        "F": "℉",
        "#": "№",
        "v": "√",
        "*": "★☆◆◇※",
        "L": "ℓ",
        "a": "α",
        "b": "β",
        "g": "γ",
        "d": "δ",
        "u": "μ",
    }.items()
    for character in characters
}
"""ASCII characters that look similar or begin its name; shown underlined."""

_UNKNOWN: Final = "?"
_UNDERLINED: Final = "4"


def narrow(frame: Frame) -> Frame:
    """Replaces the ambiguous characters in `frame` with characters of one cell."""
    return frame._replace(rows=tuple(map(_narrow_row, frame.rows)))


@lru_cache(maxsize=1024)
def _narrow_row(row: Row) -> Row:
    return tuple(
        # A character followed by its second half, like an emoji, is counted as wide as the terminal draws it.
        _substitute(cell) if _is_ambiguous(cell.text) and not after.second_half_of else cell
        for cell, after in zip(row, (*row[1:], BLANK), strict=False)
    )


def _is_ambiguous(text: str) -> bool:
    return not text.isascii() and unicodedata.east_asian_width(text[0]) == "A"


def _substitute(cell: Cell) -> Cell:
    character = cell.text[0]
    equivalent = _EQUIVALENT.get(ord(character))
    if equivalent is not None:
        return cell._replace(text=equivalent)
    style = cell.style._replace(attributes=cell.style.attributes | {_UNDERLINED})
    return cell._replace(text=_similar(character), style=style)


def _similar(character: str) -> str:
    """Returns a similar sign, the digit that it means or the letter that it is made from, else a question mark."""
    if ord(character) in _SIMILAR:
        return _SIMILAR[ord(character)]
    number = unicodedata.numeric(character, 0)
    if number in range(1, 10):
        return str(int(number))
    letter = unicodedata.normalize("NFKD", character).rstrip("\u0300\u0301\u0302\u0303\u0304\u0308\u030c")
    return letter if len(letter) == 1 and letter.isascii() and letter.isalpha() else _UNKNOWN
