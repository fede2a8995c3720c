"""Lines that show fields with their official names: two fields on a line if both fit, long values wrapped."""

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from jiacha_tui.actions.detail import LabelledValue
from screens.widgets.cells import fit, wrap_cells

_LABEL = 18
"""Cells for a label and the blanks after it; the longest official label has eight characters."""


def section_lines(sections: Iterable[tuple[str, Sequence[LabelledValue]]], width: int) -> list[Text]:
    """Each section below its title, with an empty line between two sections. No line is wider than `width` cells."""
    lines: list[Text] = []
    for title, fields in sections:
        if lines:
            lines.append(Text())
        if title:
            lines.append(Text(title, "bold"))
        lines.extend(field_lines(fields, width))
    return lines


def field_lines(fields: Iterable[LabelledValue], width: int) -> Iterator[Text]:
    """Lines of at most `width` cells with `fields` in their order."""
    half = width // 2
    left: LabelledValue | None = None  # a short field that waits for a second one on its line
    for field in fields:
        narrow = cell_len(field.text) <= half - _LABEL - 2
        if left is not None and narrow:
            yield Text.assemble(*_cell(left, half), *_cell(field, width - half))
            left = None
            continue
        if left is not None:
            yield Text.assemble(*_cell(left, width))
            left = None
        if narrow:
            left = field
        else:
            yield from _wrapped(field, width)
    if left is not None:
        yield Text.assemble(*_cell(left, width))


def _cell(field: LabelledValue, width: int) -> tuple[tuple[str, str], str]:
    return (fit(field.label, _LABEL), "dim"), fit(field.text, width - _LABEL)


def _wrapped(field: LabelledValue, width: int) -> Iterator[Text]:
    first, *more = wrap_cells(field.text, width - _LABEL)
    yield Text.assemble((fit(field.label, _LABEL), "dim"), first)
    for line in more:
        yield Text(" " * _LABEL + line)
