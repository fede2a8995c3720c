"""The pages of the form as one HTML document: blocks of a fixed height, everything in them at its place.

Both engines draw this document. It loads nothing, and every text in it is escaped.
"""

from collections.abc import Iterable
from functools import cache
from importlib import resources

import jinja2
from markupsafe import Markup

from jiacha_tui.printing.drawing import DOTS_PER_MM, Rect, draw
from jiacha_tui.printing.form import TITLE, FormPage

_POINTS_PER_DOT = 72 / 25.4 / DOTS_PER_MM


def render(pages: Iterable[FormPage], zoom: float = 1.0) -> str:
    """HTML of `pages` in that order, drawn `zoom` times their size for an engine that draws everything too small."""
    drawings = [draw(page) for page in pages]
    return _template().render(title=TITLE, style=Markup(_read("form.css")), pages=drawings, zoom=zoom)  # noqa: S704 - our own file


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters |= {"at": _at, "dots": _dots}
    return environment.from_string(_read("form.html"))


def _read(name: str) -> str:
    return resources.files("jiacha_tui.printing").joinpath(name).read_text("utf-8")


def _at(place: Rect) -> str:
    height = f";height:{place.height:.2f}mm" if place.height else ""
    width = f";width:{place.width:.2f}mm" if place.width else ""
    return f"left:{place.left:.2f}mm;top:{place.top:.2f}mm{width}{height}"


def _dots(value: float) -> str:
    return f"{value * _POINTS_PER_DOT:.4f}pt"
