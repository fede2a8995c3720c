"""Changes Textual's SVG of a screen so that it looks the same in every viewer.

Textual stretches whole lines to their width and uses a font from the network. Here each word starts at its own cell,
Chinese and Latin words apart, so that columns are aligned with any font and nothing is loaded.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from lxml import etree
from rich.cells import cell_len

_CELL = 12.2
"""The width of a cell in Textual's SVG, where Latin letters are 20 high."""

_CHINESE = 23.0
"""The font size of Chinese characters. They are as wide as high and take two cells."""

_CHINESE_GAP = 2 * _CELL - _CHINESE

_FONTS = "'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', 'Microsoft YaHei', monospace"
_SVG = "{http://www.w3.org/2000/svg}"


def self_contained(svg: str) -> str:
    """The same picture, with a position for each word and only the fonts of the viewer."""
    # Textual names its styles after the content of the screen, which may contain a temporary path.
    root = etree.fromstring(re.sub(r"terminal-\d+", "terminal", svg).encode("utf-8"))
    for style in root.iter(f"{_SVG}style"):
        style.text = _own_fonts(style.text or "")
    for text in list(root.iter(f"{_SVG}text")):
        if "textLength" in text.attrib:
            _place_words(text)
    return etree.tostring(root, encoding="unicode") + "\n"


def _own_fonts(css: str) -> str:
    css = re.sub(r"@font-face \{.*?\}\s*", "", css, flags=re.DOTALL)
    css = re.sub(r"font-variant-east-asian:[^;]*;\s*", "", css)
    return re.sub(r"font-family: Fira Code[^;]*;", f"font-family: {_FONTS};", css)


def _place_words(text: etree._Element) -> None:
    x = float(text.attrib.pop("x"))
    del text.attrib["textLength"]
    content, text.text = text.text or "", ""
    for word, width in _words(content):
        if word.strip():
            text.append(_word(word, width, x))
        x += _CELL * width * len(word)


def _words(content: str) -> Iterator[tuple[str, int]]:
    """The content in pieces of blanks, of Latin or of Chinese characters, each with the cells of one character."""
    for (width, _blank), piece in groupby(content, lambda one: (cell_len(one), one.isspace())):
        yield "".join(piece), width


def _word(word: str, width: int, x: float) -> etree._Element:
    span = etree.Element(f"{_SVG}tspan")
    span.text = word
    if width == 1:
        span.set("x", f"{x:g}")
        span.set("textLength", f"{_CELL * len(word):g}")
    else:
        span.set("x", f"{x + _CHINESE_GAP / 2:g}")
        span.set("font-size", f"{_CHINESE:g}")
        span.set("letter-spacing", f"{_CHINESE_GAP:g}")
    return span
