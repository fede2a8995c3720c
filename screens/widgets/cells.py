"""Fits and wraps text by the cells of the terminal: a Chinese character takes two of them."""

from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from jiacha_tui.text_layout import wrap

CUT = "…"
"""Stands at the end of a text that had to be cut."""


@lru_cache(maxsize=8192)
def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells: padded, on the left where it is to stand right, or cut and marked `…`.

    A wide character that would be halved goes whole; the cell it leaves is a blank after the mark.
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
