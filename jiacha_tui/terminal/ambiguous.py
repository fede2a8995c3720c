"""Characters of one cell that some terminals give two: those of East Asian Width A (Unicode, UAX #11).

Chinese Windows users have terminals set so (PuTTY, mintty, Xshell, SecureCRT). Textual counts one cell, so one that
such a terminal gives one cell is shown instead. A line or a mark that says the same is plain; what stands for a letter,
a digit or a sign of somebody's data is underlined, and "?" stands for what has nothing like it.
"""

import unicodedata
from functools import lru_cache
from typing import Final

from jiacha_tui.terminal.cells import BLANK, Cell, Frame, Row

_SAME: Final = dict.fromkeys(range(0x250C, 0x2574), "+") | {
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
"""What says the same. Box drawings that are no straight lines are corners and crossings."""

_ALIKE: Final = {
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
"""What looks like it once it is underlined, or is what it is called."""

_UNKNOWN: Final = "?"
_UNDERLINED: Final = "4"


def narrow(frame: Frame) -> Frame:
    """`frame` without characters that a terminal with two cells for ambiguous ones would draw too wide."""
    return frame._replace(rows=tuple(map(_row, frame.rows)))


@lru_cache(maxsize=1024)
def _row(row: Row) -> Row:
    return tuple(
        # With its second half counted, as of an emoji, it is as wide as the terminal draws it.
        _substitute(cell) if _is_ambiguous(cell.text) and not after.second_half_of else cell
        for cell, after in zip(row, (*row[1:], BLANK), strict=False)
    )


def _is_ambiguous(text: str) -> bool:
    return not text.isascii() and unicodedata.east_asian_width(text[0]) == "A"


def _substitute(cell: Cell) -> Cell:
    same = _SAME.get(ord(cell.text[0]))
    if same is not None:
        return cell._replace(text=same)
    style = cell.style._replace(attributes=cell.style.attributes | {_UNDERLINED})
    return cell._replace(text=_stand_in(cell.text[0]), style=style)


def _stand_in(character: str) -> str:
    """A sign that looks like it, the digit it means, the letter it is made from, else a question mark."""
    if ord(character) in _ALIKE:
        return _ALIKE[ord(character)]
    number = unicodedata.numeric(character, 0)
    if number in range(1, 10):
        return str(int(number))
    letter = unicodedata.normalize("NFKD", character).rstrip("\u0300\u0301\u0302\u0303\u0304\u0308\u030c")
    return letter if len(letter) == 1 and letter.isascii() and letter.isalpha() else _UNKNOWN
