"""Renders the form as one HTML document: a block of fixed height for each page, with all parts at fixed positions.

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
    """Returns the HTML of `pages`, in that order, with the CSS zoom that the engine needs."""
    drawings = [draw(page) for page in pages]
    return _template().render(title=TITLE, style=Markup(_read("form.css")), pages=drawings, zoom=zoom)  # noqa: S704 - our own file


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters |= {"position": _position, "points": _points}
    return environment.from_string(_read("form.html"))


def _read(name: str) -> str:
    return resources.files("jiacha_tui.printing").joinpath(name).read_text("utf-8")


def _position(rect: Rect) -> str:
    height = f";height:{rect.height:.2f}mm" if rect.height else ""
    width = f";width:{rect.width:.2f}mm" if rect.width else ""
    return f"left:{rect.left:.2f}mm;top:{rect.top:.2f}mm{width}{height}"


def _points(dots: float) -> str:
    return f"{dots * _POINTS_PER_DOT:.4f}pt"
