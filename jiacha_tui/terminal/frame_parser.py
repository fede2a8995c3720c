"""Reads what Textual writes for a frame: where it goes to, styled text, where it goes to next, and so on."""

import re
from collections.abc import Iterator
from functools import lru_cache

from jiacha_tui.terminal.cells import Frame, Row, cells_of, overlay
from jiacha_tui.terminal.problems import UnsupportedOutput
from jiacha_tui.terminal.style import PLAIN, styled

_PLACE = re.compile(r"\x1b\[(\d*)(?:;(\d*))?H")
_PIECE = re.compile(
    r"\x1b\[(?P<look>[0-9;]*)m"
    r"|\x1b\]8;(?P<link>[^\x00-\x1f]*;[^\x00-\x1f]*)\x1b\\"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)


def apply(frame: Frame, output: str) -> Frame:
    """`frame` after `output`. Raises NotUnderstood for all but places and styled text that begins at one of them."""
    before, *parts = _PLACE.split(output)
    if before or not parts:
        raise UnsupportedOutput
    rows = list(frame.rows)
    row = column = 0
    for line, position, text in _in_threes(parts):
        row, column = int(line or 1) - 1, int(position or 1) - 1
        cells = _cells(text.removesuffix("\n"))
        if 0 <= row < len(rows) and cells:
            rows[row] = overlay(rows[row], column, cells)
        column += len(cells)
    if parts[-1].endswith("\n"):
        raise UnsupportedOutput
    return Frame(tuple(rows), (row, column))


def _in_threes(parts: list[str]) -> Iterator[tuple[str, str, str]]:
    return zip(parts[0::3], parts[1::3], parts[2::3], strict=True)


@lru_cache(maxsize=2048)
def _cells(text: str) -> Row:
    """A piece of a line comes again and again, so it is read once. Its end has to be plain, as its beginning is."""
    style, cells, position = PLAIN, [], 0
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None:
            raise UnsupportedOutput
        position = piece.end()
        look, link, characters = piece.groups()
        if characters is not None:
            cells.append(cells_of(characters, style))
        elif link is not None:
            style = style._replace(link="" if link == ";" else link)
        else:
            style = styled(style, look)
    if style != PLAIN:
        raise UnsupportedOutput
    return tuple(cell for some in cells for cell in some)
