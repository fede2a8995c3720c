"""Fitting text into a box on paper: how wide it is, where it breaks, how small it may get.

Done here rather than left to an engine, so that every engine breaks the same lines and nothing ever overlaps. Widths
are those of Noto Sans SC Regular; what is not ASCII counts as one em, which is exact for Chinese and too much
for the rest, never too little. Sizes, widths and heights share a unit, whichever it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from jiacha_tui.text_layout import SPECIFICATION, first_that_fit, wrap

LEADING = 1.15
"""Height of a line in multiples of the type size."""

ELLIPSIS = "…"

_ASCII_WIDTHS = (
    *(224, 323, 474, 555, 555, 921, 680, 278, 338, 338, 467, 555, 278, 347, 278, 392),
    *(555, 555, 555, 555, 555, 555, 555, 555, 555, 555, 278, 278, 555, 555, 555, 474),
    *(946, 608, 657, 638, 688, 589, 552, 689, 728, 293, 535, 646, 543, 812, 723, 742),
    *(633, 742, 635, 596, 599, 721, 575, 878, 573, 531, 603, 338, 392, 338, 555, 559),
    *(606, 563, 618, 510, 620, 554, 325, 564, 607, 275, 275, 552, 284, 926, 610, 606),
    *(620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338, 270, 338, 555),
)
"""Advance widths from U+0020 to U+007E in thousandths of an em (the font's `hmtx` table)."""

_FIRST_ASCII = 0x20


@dataclass(frozen=True, slots=True)
class FittedText:
    """Lines of one type size; `clipped` when the last one ends in … for what had no room."""

    size: int
    lines: tuple[str, ...]
    clipped: bool = False


def text_width(text: str, size: float) -> float:
    return sum(map(_em, text)) * size


def fit_line(text: str, width: float, sizes: Sequence[int]) -> FittedText:
    """`text` on one line, in the first of `sizes` at which it is no wider than `width`; the last one clips it."""
    for size in sizes:
        if text_width(text, size) <= width:
            return FittedText(size, (text,))
    return FittedText(sizes[-1], (_clip(text, width, sizes[-1]),), clipped=True)


def fit_block(paragraphs: Sequence[str], width: float, height: float, sizes: Sequence[int]) -> FittedText:
    """`paragraphs`, each from a new line, in the first of `sizes` at which they fit; the last one clips them."""
    for size in sizes:
        lines = [line for paragraph in paragraphs for line in _lines(paragraph, width, size)]
        if len(lines) * size * LEADING <= height:
            return FittedText(size, tuple(lines))
    size = sizes[-1]
    lines = lines[: max(1, int(height / (size * LEADING)))]
    return FittedText(size, (*lines[:-1], _clip(lines[-1], width, size)), clipped=True)


def _lines(text: str, width: float, size: float) -> list[str]:
    return wrap(text, width, partial(text_width, size=size), SPECIFICATION)


def _clip(text: str, width: float, size: float) -> str:
    room = width - text_width(ELLIPSIS, size)
    return first_that_fit(text, room, partial(text_width, size=size)).rstrip() + ELLIPSIS


def _em(character: str) -> float:
    index = ord(character) - _FIRST_ASCII
    return _ASCII_WIDTHS[index] / 1000 if 0 <= index < len(_ASCII_WIDTHS) else 1.0
