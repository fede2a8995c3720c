"""Fits text into a box on paper: measures it, breaks it into lines and chooses the type size.

The engines do not break lines, so that all of them set the same ones and no texts overlap. Widths are those of Noto
Sans SC Regular. A character outside of ASCII counts as one em: that is exact for Chinese and never too little. Sizes,
widths and heights may be in any unit, but in the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from jiacha_tui.text_layout import SPECIFICATION, first_that_fit, wrap

LEADING = 1.15
"""The height of a line, in type sizes."""

ELLIPSIS = "…"

_ASCII_WIDTHS = (
    *(224, 323, 474, 555, 555, 921, 680, 278, 338, 338, 467, 555, 278, 347, 278, 392),
    *(555, 555, 555, 555, 555, 555, 555, 555, 555, 555, 278, 278, 555, 555, 555, 474),
    *(946, 608, 657, 638, 688, 589, 552, 689, 728, 293, 535, 646, 543, 812, 723, 742),
    *(633, 742, 635, 596, 599, 721, 575, 878, 573, 531, 603, 338, 392, 338, 555, 559),
    *(606, 563, 618, 510, 620, 554, 325, 564, 607, 275, 275, 552, 284, 926, 610, 606),
    *(620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338, 270, 338, 555),
)
"""The advance widths of U+0020 to U+007E, in thousandths of an em (the `hmtx` table of the font)."""

_FIRST_ASCII = 0x20


@dataclass(frozen=True, slots=True)
class FittedText:
    """Lines of one type size. The last one ends in … if the text was cut."""

    size: int
    lines: tuple[str, ...]


def text_width(text: str, size: float) -> float:
    """Returns the width of `text` in the type size `size`."""
    return sum(map(_width_in_ems, text)) * size


def fit_line(text: str, width: float, sizes: Sequence[int]) -> FittedText:
    """Fits `text` into one line of `width`, in the first of `sizes` that is small enough; at the last one it is cut."""
    for size in sizes:
        if text_width(text, size) <= width:
            return FittedText(size, (text,))
    return FittedText(sizes[-1], (_cut(text, width, sizes[-1]),))


def fit_block(paragraphs: Sequence[str], width: float, height: float, sizes: Sequence[int]) -> FittedText:
    """Fits `paragraphs`, each on new lines, in the first of `sizes` that is small enough; at the last they are cut."""
    for size in sizes:
        lines = [line for paragraph in paragraphs for line in _lines(paragraph, width, size)]
        if len(lines) * size * LEADING <= height:
            return FittedText(size, tuple(lines))
    size = sizes[-1]
    lines = lines[: max(1, int(height / (size * LEADING)))]
    return FittedText(size, (*lines[:-1], _cut(lines[-1], width, size)))


def _lines(text: str, width: float, size: float) -> list[str]:
    return wrap(text, width, partial(text_width, size=size), SPECIFICATION)


def _cut(text: str, width: float, size: float) -> str:
    space = width - text_width(ELLIPSIS, size)
    return first_that_fit(text, space, partial(text_width, size=size)).rstrip() + ELLIPSIS


def _width_in_ems(character: str) -> float:
    index = ord(character) - _FIRST_ASCII
    return _ASCII_WIDTHS[index] / 1000 if 0 <= index < len(_ASCII_WIDTHS) else 1.0
