"""Parses what Textual writes for a frame: cursor positions, each followed by styled text."""

import re
from collections.abc import Iterator
from functools import lru_cache

from jiacha_tui.terminal.cells import Frame, Row, overlay, split_into_cells
from jiacha_tui.terminal.style import PLAIN, UnsupportedOutput, apply_sgr

_CURSOR_POSITION = re.compile(r"\x1b\[(\d*)(?:;(\d*))?H")
_TOKEN = re.compile(
    r"\x1b\[(?P<sgr>[0-9;]*)m"
    r"|\x1b\]8;(?P<link>[^\x00-\x1f]*;[^\x00-\x1f]*)\x1b\\"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)


def apply_output(frame: Frame, output: str) -> Frame:
    """Returns `frame` as it looks after `output`.

    Raises UnsupportedOutput unless `output` begins with a cursor position and holds only positions and styled text
    that ends in the plain style.
    """
    before, *parts = _CURSOR_POSITION.split(output)
    if before or not parts:
        raise UnsupportedOutput
    rows = list(frame.rows)
    row = column = 0
    for line_number, column_number, text in _triples(parts):
        row, column = int(line_number or 1) - 1, int(column_number or 1) - 1
        cells = _parse_text(text.removesuffix("\n"))
        if 0 <= row < len(rows) and cells:
            rows[row] = overlay(rows[row], column, cells)
        column += len(cells)
    if parts[-1].endswith("\n"):
        raise UnsupportedOutput
    return Frame(tuple(rows), (row, column))


def _triples(parts: list[str]) -> Iterator[tuple[str, str, str]]:
    return zip(parts[0::3], parts[1::3], parts[2::3], strict=True)


@lru_cache(maxsize=2048)
def _parse_text(text: str) -> Row:
    """Returns the cells of styled text that begins and must end in the plain style. Textual repeats many lines."""
    style, parts, position = PLAIN, [], 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise UnsupportedOutput
        position = token.end()
        sgr, link, characters = token.groups()
        if characters is not None:
            parts.append(split_into_cells(characters, style))
        elif link is not None:
            style = style._replace(link="" if link == ";" else link)
        else:
            style = apply_sgr(style, sgr)
    if style != PLAIN:
        raise UnsupportedOutput
    return tuple(cell for part in parts for cell in part)
