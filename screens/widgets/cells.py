"""Fits and wraps text by the cells of the terminal: a Chinese character takes two of them."""

from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from jiacha_tui.text_layout import wrap

CUT = "…"
"""The last character of a text that was cut."""


@lru_cache(maxsize=8192)
def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells: padded, on its left if `right`, or cut and marked with `…`.

    A wide character is never halved. If only half of it fits, it is left out and a blank follows the mark.
    """
    missing = width - cell_len(text)
    if missing >= 0:
        return " " * missing + text if right else text + " " * missing
    if width <= 0:
        return ""
    cut = set_cell_size(text, width - 1)
    if cell_len(text[: len(cut)]) > width - 1:  # the last character was wide and is now a blank
        cut = cut[:-1]
    cut += CUT
    return cut + " " * (width - cell_len(cut))


def wrap_cells(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, at least one line; see `text_layout.wrap`."""
    return wrap(text, width, cell_len)
