"""Turns Textual's SVG of a screen into one that looks the same in every viewer.

Textual spreads whole runs of text over their width and leaves the letters to a font from the network. Here every
character stands in its own cell, so that columns align whatever fonts the viewer has, and nothing is fetched.
"""

import re

from lxml import etree
from rich.cells import cell_len

_CELL = 12.2
"""The width of a cell in Textual's SVG, where a letter is 20 high."""

_FONTS = "'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', 'Microsoft YaHei', monospace"
_TEXT = "{http://www.w3.org/2000/svg}text"
_STYLE = "{http://www.w3.org/2000/svg}style"


def self_contained(svg: str) -> str:
    """The same picture with each character placed and no font but the viewer's."""
    root = etree.fromstring(svg.encode("utf-8"))
    for style in root.iter(_STYLE):
        style.text = _own_fonts(style.text or "")
    for text in root.iter(_TEXT):
        if "textLength" in text.attrib:
            del text.attrib["textLength"]
            _place(text)
    return etree.tostring(root, encoding="unicode") + "\n"


def _own_fonts(css: str) -> str:
    css = re.sub(r"@font-face \{.*?\}\s*", "", css, flags=re.DOTALL)
    css = re.sub(r"font-variant-east-asian:[^;]*;\s*", "", css)
    return re.sub(r"font-family: Fira Code[^;]*;", f"font-family: {_FONTS}; white-space: pre;", css)


def _place(text: etree._Element) -> None:
    content = text.text or ""
    if not content.strip("\xa0\n"):
        text.text = ""
        return
    x = float(text.get("x", "0"))
    places = []
    for character in content:
        width = cell_len(character)
        # A Chinese character is as wide as high, 20 of the 24.4 of its two cells.
        places.append(x + (_CELL * width - 20) / 2 if width > 1 else x)
        x += _CELL * width
    text.set("x", " ".join(f"{place:g}" for place in places))
