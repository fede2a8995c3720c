"""Chinese text in lines: broken between any two characters, but neither inside a number or a Latin word nor before a
closing mark."""

import re

from rich.cells import cell_len, chop_cells

_UNBREAKABLE = re.compile(r"(?:[!-~]+|.)[，。；：、！？》」』）】”’…]*", re.DOTALL)


def cjk_wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells; one at least. What is longer than a line is broken all the same."""
    lines = [""]
    for piece in _UNBREAKABLE.findall(text):
        if cell_len(lines[-1]) + cell_len(piece.rstrip()) <= width:
            lines[-1] += piece
        elif cell_len(piece) <= width:
            lines.append(piece.lstrip())
        else:
            lines.extend(chop_cells(piece, width))
    if len(lines) > 1 and not lines[0]:
        del lines[0]
    return [line.rstrip() for line in lines]
