"""Turns Textual's SVG of a screen into one that looks the same in every viewer.

Textual spreads whole lines over their width and leaves the letters to a font from the network. Here every word
starts in its own cell, Chinese and Latin apart, so that columns align whatever fonts the viewer has, and nothing is
fetched.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from lxml import etree
from rich.cells import cell_len

_CELL = 12.2
"""The width of a cell in Textual's SVG, where Latin letters are 20 high."""

_CHINESE = 23.0
"""The height of a Chinese character, which is as wide as high and has two cells."""

_CHINESE_GAP = 2 * _CELL - _CHINESE

_FONTS = "'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', 'Microsoft YaHei', monospace"
_SVG = "{http://www.w3.org/2000/svg}"


def self_contained(svg: str) -> str:
    """The same picture with each word placed and no font but the viewer's."""
    # Textual numbers its styles by what is on the screen, a temporary path too.
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
    """The content in pieces of one kind, blank, Latin or Chinese, with the cells of each character."""
    for (width, _blank), piece in groupby(content, lambda one: (cell_len(one), one.isspace())):
        yield "".join(piece), width


def _word(word: str, width: int, x: float) -> etree._Element:
    place = etree.Element(f"{_SVG}tspan")
    place.text = word
    if width == 1:
        place.set("x", f"{x:g}")
        place.set("textLength", f"{_CELL * len(word):g}")
    else:
        place.set("x", f"{x + _CHINESE_GAP / 2:g}")
        place.set("font-size", f"{_CHINESE:g}")
        place.set("letter-spacing", f"{_CHINESE_GAP:g}")
    return place
