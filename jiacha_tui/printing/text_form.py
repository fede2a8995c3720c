"""Draws the form with box-drawing characters for the terminal: the same pages, in lines of equal width.

No text is cut: a value too long for its box makes the box higher.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len, set_cell_size

from jiacha_tui.declaration.model import Declaration
from jiacha_tui.printing.form import (
    APPROVAL,
    DECLARANT,
    LEFT,
    PLEDGE,
    RIGHT,
    SIGNATURE,
    TITLE,
    FormItem,
    FormPage,
    FormRow,
    lay_out,
)
from jiacha_tui.text_layout import SPECIFICATION, wrap

MIN_WIDTH = 70
"""Cells. In fewer there is no space for the goods."""

_WIDE_FROM = 110
_MAX_BOXES_IN_NARROW_ROW = 5
_LINE, _DASHES = "─", "╌"
_FOOTER_SPLIT = 192.5

_JUNCTIONS = {(True, False): "┴", (False, True): "┬", (True, True): "┼"}
"""The character of a rule where a vertical line meets it: (from above, from below)."""


@dataclass(frozen=True, slots=True)
class TextPage:
    """One page. Every line has exactly the requested width."""

    entry_id: str
    number: int
    page_count: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Band:
    """A row of boxes: the columns of its inner vertical lines, the lines of text in each box, the character of the rule
    above it."""

    edges: tuple[int, ...]
    boxes: tuple[tuple[str, ...], ...]
    line: str = _LINE


@dataclass(frozen=True, slots=True)
class _TextColumn:
    """A column of the items. `cells` is its width, 0 for the one that gets all the width left."""

    label: str
    cells: int
    numeric: bool = False


_WIDE_COLUMNS = (
    _TextColumn("项号", 4),
    _TextColumn("商品编号", 10),
    _TextColumn("商品名称及规格型号", 0),
    _TextColumn("数量及单位", 13, numeric=True),
    _TextColumn("单价/总价/币制", 14, numeric=True),
    _TextColumn("原产国", 6),
    _TextColumn("最终目的国", 10),
    _TextColumn("境内货源地", 12),
    _TextColumn("征免", 8),
)
_NARROW_COLUMNS = (
    _TextColumn("项", 2),
    _TextColumn("商品编号", 10),
    _TextColumn("商品名称及规格型号", 0),
    _TextColumn("数量及单位", 12, numeric=True),
    _TextColumn("单价/总价", 12, numeric=True),
    _TextColumn("目的国/征免", 12),
)


def text_pages(declaration: Declaration, width: int) -> tuple[TextPage, ...]:
    """Returns the pages of the form of `declaration`, `width` cells wide.

    From 110 cells on, the boxes are arranged as on paper; below that, rows with many boxes are split. Raises ValueError
    if the declaration has no detail, or `width` is less than MIN_WIDTH.
    """
    if width < MIN_WIDTH:
        raise ValueError(f"the form needs {MIN_WIDTH} cells")
    return tuple(
        TextPage(page.entry_id, page.number, page.page_count, tuple(_lines(page, width)))
        for page in lay_out(declaration)
    )


def _lines(page: FormPage, width: int) -> Iterator[str]:
    yield from _banner(page, width)
    bands = [band for row in page.rows for band in _row_bands(row, width)]
    yield from _with_rules([*bands, *_item_bands(page.items, width), *_footer_bands(page, width)], width)
    yield from (set_cell_size(line, width) for line in _wrapped(page.marks.note, width))


def _banner(page: FormPage, width: int) -> Iterator[str]:
    side = max(cell_len(page.marks.stamp) + 1, (width - cell_len(TITLE)) // 2)
    yield set_cell_size(set_cell_size(page.marks.stamp, side) + TITLE, width)
    office = f"（{page.office}）" if page.office else ""
    numbers = (f"预录入编号：{page.pre_entry_id}", f"海关编号：{page.entry_id}{office}")
    yield from _spread((*numbers, f"页码/页数：{page.number}/{page.page_count}"), width)


def _row_bands(row: FormRow, width: int) -> Iterator[_Band]:
    """Yields the row as on paper, or in two halves with boxes of equal width if it has too many boxes."""
    texts = [(box.heading, box.value) for box in row.boxes]
    edges = [_cell(box.left, width) for box in row.boxes[1:]]
    if width >= _WIDE_FROM:
        yield _band(texts, edges, width)
        return
    texts = [(heading.replace("（地区）", ""), value) for heading, value in texts]
    if len(texts) <= _MAX_BOXES_IN_NARROW_ROW:
        yield _band(texts, edges, width)
        return
    half = len(texts) // 2
    for part in (texts[:half], texts[half:]):
        yield _band(part, [index * (width - 1) // len(part) for index in range(1, len(part))], width)


def _cell(millimetres: float, width: int) -> int:
    return round((millimetres - LEFT) / (RIGHT - LEFT) * (width - 1))


def _band(texts: Sequence[tuple[str, str]], edges: Sequence[int], width: int) -> _Band:
    box_widths = _box_widths(edges, width)
    return _Band(
        tuple(edges),
        tuple(
            (*_wrapped(heading, box_width), *_wrapped(value, box_width))
            for (heading, value), box_width in zip(texts, box_widths, strict=True)
        ),
    )


def _item_bands(items: Sequence[FormItem], width: int) -> Iterator[_Band]:
    wide = width >= _WIDE_FROM
    columns = _WIDE_COLUMNS if wide else _NARROW_COLUMNS
    widths = [column.cells or width - 1 - sum(other.cells + 1 for other in columns) for column in columns]
    yield _Band((), (tuple(_side_by_side(columns, widths, [(column.label,) for column in columns])),))
    for index, item in enumerate(items):
        cells = item.cells if wide else _narrow_cells(item)
        lines = tuple(_side_by_side(columns, widths, cells))
        yield _Band((), (lines,), line=_DASHES if index else _LINE)


def _narrow_cells(item: FormItem) -> Sequence[Sequence[str]]:
    last_column = (item.destination, item.district, item.duty_mode)
    return (*item.cells[: len(_NARROW_COLUMNS) - 1], tuple(" ".join(entries) for entries in last_column))


def _side_by_side(
    columns: Sequence[_TextColumn], widths: Sequence[int], cells: Sequence[Sequence[str]]
) -> Iterator[str]:
    """Yields lines with the entries of each column below each other, each entry in as many lines as it needs."""
    wrapped = [
        [line for entry in entries for line in _wrapped(entry, width)]
        for width, entries in zip(widths, cells, strict=True)
    ]
    for row in range(max(map(len, wrapped))):
        texts = [lines[row] if row < len(lines) else "" for lines in wrapped]
        yield " ".join(
            " " * (width - cell_len(text)) + text if column.numeric else set_cell_size(text, width)
            for text, width, column in zip(texts, widths, columns, strict=True)
        )


def _footer_bands(page: FormPage, width: int) -> Iterator[_Band]:
    if page.agent is None:
        return
    yield _Band((), (tuple(_spread(page.confirmations, width - 2)),))
    edge = _cell(_FOOTER_SPLIT, width)
    signature = (
        *_spread((*DECLARANT, ""), edge - 1),
        *_wrapped(PLEDGE, edge - 1),
        *_spread((f"{page.agent.heading} {page.agent.value}".strip(), SIGNATURE), edge - 1),
    )
    yield _Band((edge,), (signature, (APPROVAL,)))


def _spread(parts: Sequence[str], width: int) -> Iterator[str]:
    """Yields lines with the parts at equal gaps, as many parts on a line as fit."""
    group: list[str] = []
    for part in parts:
        if group and sum(cell_len(other) + 1 for other in group) + cell_len(part) > width:
            yield from _justified(group, width)
            group = []
        group.append(part)
    yield from _justified(group, width)


def _justified(parts: Sequence[str], width: int) -> Iterator[str]:
    if len(parts) == 1:
        yield from (set_cell_size(line, width) for line in _wrapped(parts[0], width))
        return
    gap, wider = divmod(width - sum(map(cell_len, parts)), len(parts) - 1)
    gaps = [" " * (gap + (index < wider)) for index in range(len(parts) - 1)]
    yield "".join(part + space for part, space in zip(parts, (*gaps, ""), strict=True))


def _with_rules(bands: Sequence[_Band], width: int) -> Iterator[str]:
    above: tuple[int, ...] = ()
    for index, band in enumerate(bands):
        yield _rule(above, band.edges, width, "├┤" if index else "┌┐", band.line)
        yield from _boxed(band, width)
        above = band.edges
    yield _rule(above, (), width, "└┘", _LINE)


def _rule(above: Sequence[int], below: Sequence[int], width: int, ends: str, line: str) -> str:
    inner = (_JUNCTIONS.get((cell in above, cell in below), line) for cell in range(1, width - 1))
    return f"{ends[0]}{''.join(inner)}{ends[1]}"


def _boxed(band: _Band, width: int) -> Iterator[str]:
    box_widths = _box_widths(band.edges, width)
    for row in range(max(map(len, band.boxes))):
        texts = [lines[row] if row < len(lines) else "" for lines in band.boxes]
        yield (
            "│"
            + "│".join(set_cell_size(text, box_width) for text, box_width in zip(texts, box_widths, strict=True))
            + "│"
        )


def _box_widths(edges: Sequence[int], width: int) -> Sequence[int]:
    """Returns the inner width of each box."""
    return [right - left - 1 for left, right in pairwise((0, *edges, width - 1))]


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(text, width, cell_len, SPECIFICATION)
