"""Fields with their official names as lines to read: two beside each other where both fit, long values wrapped."""

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from jiacha_tui.actions.detail import LabelledValue
from screens.widgets.cells import fit, wrap_cells

_LABEL = 18
"""Cells for a label and the blanks after it; the longest official one has eight characters."""


def section_lines(sections: Iterable[tuple[str, Sequence[LabelledValue]]], width: int) -> list[Text]:
    """Each section under its title, an empty line between two."""
    lines: list[Text] = []
    for title, fields in sections:
        if lines:
            lines.append(Text())
        if title:
            lines.append(Text(title, "bold"))
        lines.extend(field_lines(fields, width))
    return lines


def field_lines(fields: Iterable[LabelledValue], width: int) -> Iterator[Text]:
    """`fields` in lines of at most `width` cells, in their order."""
    half = width // 2
    waiting: LabelledValue | None = None
    for field in fields:
        narrow = cell_len(field.text) <= half - _LABEL - 2
        if waiting is not None and narrow:
            yield Text.assemble(*_pair(waiting, half), *_pair(field, width - half))
            waiting = None
            continue
        if waiting is not None:
            yield Text.assemble(*_pair(waiting, width))
            waiting = None
        if narrow:
            waiting = field
        else:
            yield from _long(field, width)
    if waiting is not None:
        yield Text.assemble(*_pair(waiting, width))


def _pair(field: LabelledValue, width: int) -> tuple[tuple[str, str], str]:
    return (fit(field.label, _LABEL), "dim"), fit(field.text, width - _LABEL)


def _long(field: LabelledValue, width: int) -> Iterator[Text]:
    first, *more = wrap_cells(field.text, width - _LABEL)
    yield Text.assemble((fit(field.label, _LABEL), "dim"), first)
    for line in more:
        yield Text(" " * _LABEL + line)
