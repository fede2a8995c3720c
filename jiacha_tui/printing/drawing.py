"""Draws a form page: texts and lines at exact positions on A4 landscape.

Positions are millimetres from the top left corner of the paper. Type sizes are whole dots of 1/125 inch: the pixel of
the wkhtmltopdf that Debian ships, which rounds every size to it. So both engines use the same sizes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jiacha_tui.printing.barcodes import Barcode, code39, qr
from jiacha_tui.printing.form import (
    APPROVAL,
    DECLARANT,
    ITEM_COLUMNS,
    LEFT,
    PLEDGE,
    RIGHT,
    SIGNATURE,
    TITLE,
    Box,
    FormColumn,
    FormItem,
    FormPage,
)
from jiacha_tui.printing.text_fitting import LEADING, FittedText, fit_block, fit_line

DOTS_PER_MM = 125 / 25.4


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle on the paper, in millimetres."""

    left: float
    top: float
    width: float
    height: float = 0.0

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of text from the top of `rect` down. `size` and the height of a line, `leading`, are in dots."""

    rect: Rect
    size: int
    leading: float
    lines: tuple[str, ...]
    align: str = "left"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: `rect` has either a width or a height."""

    rect: Rect
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything on one page."""

    texts: tuple[Text, ...]
    rules: tuple[Rule, ...]
    watermark: str
    barcode: Barcode | None
    barcode_rect: Rect
    qr_path: str
    qr_modules: int
    qr_rect: Rect


# The type sizes that each kind of text may have, in dots, the preferred one first.
_LABEL = (13, 11, 9)
_VALUE = (16, 14, 12, 10, 9)
_ENTRY = (15, 14, 12, 10, 9)
_TITLE = (32,)
_STAMP = (19, 16)
_SMALL = (13,)
_NOTE = (10,)

# Lengths and positions in millimetres.
_PADDING = 0.8
_LABEL_HEIGHT = 3.1
_FRAME_TOP, _FRAME_BOTTOM = 32.9, 201.0
_ITEMS_TOP, _ITEMS_BOTTOM, _STRIP_BOTTOM = 99.4, 181.8, 187.5
_ITEM_HEADING_HEIGHT = 4.7
_LINES_PER_ITEM = 3
_FOOTER_SPLIT = 192.5
_FOOTER_LEFTS = (LEFT, 42.0, 82.0, 108.0, _FOOTER_SPLIT)
_STRIP_LEFTS = (LEFT, 46.0, 82.0, 131.0, 168.0, 205.0)
_BARCODE = Rect(203.0, 9.5, 58.0, 10.5)
_QR = Rect(266.0, 8.5, 18.0, 18.0)
_MISSING_IN_FONT = re.compile("[\u2400-\u2424]")


def draw(page: FormPage) -> Drawing:
    """Returns the drawing of `page`. A text too long for its rectangle is set smaller, then broken, then cut."""
    path, modules = qr(page.entry_id)
    return Drawing(
        texts=tuple(text for text in (*_banner(page), *_boxes(page), *_items(page), *_footer(page)) if any(text.lines)),
        rules=(*_frame(page), *_item_rules(page)),
        watermark=page.marks.watermark,
        barcode=code39(page.entry_id),
        barcode_rect=_BARCODE,
        qr_path=path,
        qr_modules=modules,
        qr_rect=_QR,
    )


def _banner(page: FormPage) -> Iterator[Text]:
    yield _line(page.marks.stamp, Rect(LEFT, 12.0, 60.0), _STAMP, bold=True)
    yield _line(TITLE, Rect(LEFT, 15.0, RIGHT - LEFT), _TITLE, align="center", bold=True)
    yield _line(page.entry_id, Rect(_BARCODE.left, _BARCODE.bottom + 0.2, _BARCODE.width), _SMALL, align="center")
    yield _line(f"预录入编号：{page.pre_entry_id}", Rect(LEFT, 27.8, 85.0), _VALUE)
    yield _line(f"海关编号：{page.entry_id}", Rect(97.0, 27.8, 52.0), _VALUE)
    yield _line(f"（{page.office}）" if page.office else "", Rect(149.5, 27.8, 80.0), _VALUE)
    yield _line(f"页码/页数：{page.number}/{page.page_count}", Rect(234.8, 27.8, RIGHT - 234.8), _VALUE, align="right")
    yield _line(page.marks.note, Rect(LEFT, 202.0, RIGHT - LEFT), _NOTE)


def _boxes(page: FormPage) -> Iterator[Text]:
    for row in page.rows:
        for box in row.boxes:
            yield from _box(box, row.top, row.bottom)


def _box(box: Box, top: float, bottom: float) -> Iterator[Text]:
    left, width = box.left + _PADDING, box.right - box.left - 2 * _PADDING
    value_top = top + 0.4 + _LABEL_HEIGHT
    yield _line(box.heading, Rect(left, top + 0.4, width), _LABEL, bold=True)
    yield _block((box.value,), Rect(left, value_top, width, bottom - value_top), _VALUE)


def _items(page: FormPage) -> Iterator[Text]:
    tops = _slot_tops(page)
    for column in ITEM_COLUMNS:
        rect = _in_column(column, tops[0] - _ITEM_HEADING_HEIGHT + 0.8)
        yield _line(column.label, rect, _LABEL, align=_align(column), bold=True)
    height = tops[1] - tops[0] - 0.6
    for top, item in zip(tops, page.items, strict=False):
        yield from _item(item, top + 0.4, height)


def _item(item: FormItem, top: float, height: float) -> Iterator[Text]:
    pitch = height / _LINES_PER_ITEM
    for column, entries in zip(ITEM_COLUMNS, item.cells, strict=True):
        if column.wraps:
            yield _block(entries, _in_column(column, top, height), _ENTRY, pitch)
            continue
        for row, entry in enumerate(entries):
            rect = _in_column(column, top + row * pitch)
            yield _line(entry, rect, _ENTRY, align=_align(column), pitch=pitch)


def _in_column(column: FormColumn, top: float, height: float = 0.0) -> Rect:
    return Rect(column.left + _PADDING, top, column.right - column.left - 1.5 * _PADDING, height)


def _align(column: FormColumn) -> str:
    return "right" if column.numeric else "left"


def _slot_tops(page: FormPage) -> tuple[float, ...]:
    """Returns the top of each slot for an item, and the bottom of the last one."""
    top, bottom = (_ITEMS_TOP, _ITEMS_BOTTOM) if page.is_first else (_FRAME_TOP, _FRAME_BOTTOM)
    first = top + _ITEM_HEADING_HEIGHT
    return tuple(first + (bottom - first) * slot / page.item_slots for slot in range(page.item_slots + 1))


def _footer(page: FormPage) -> Iterator[Text]:
    for left, confirmation in zip(_STRIP_LEFTS, page.confirmations, strict=False):
        yield _line(confirmation, Rect(left + _PADDING, _ITEMS_BOTTOM + 1.2, 45.0), _LABEL, bold=True)
    if page.agent is None:
        return
    labels = dict(zip((*DECLARANT, PLEDGE, APPROVAL), _FOOTER_LEFTS, strict=True))
    for label, left in labels.items():
        yield _line(label, Rect(left + _PADDING, _STRIP_BOTTOM + 0.8, 80.0), _LABEL, bold=True)
    bottom = _FRAME_BOTTOM - 4.6
    yield _line(SIGNATURE, Rect(150.0, bottom, 40.0), _LABEL, bold=True)
    yield _line(page.agent.heading, Rect(LEFT + _PADDING, bottom, 45.0), _LABEL, bold=True)
    yield _line(page.agent.value, Rect(56.0, bottom - 0.4, 93.0), _VALUE)


def _frame(page: FormPage) -> Iterator[Rule]:
    for edge in (_FRAME_TOP, _FRAME_BOTTOM):
        yield _horizontal(edge)
    for edge in (LEFT, RIGHT):
        yield _vertical(edge, _FRAME_TOP, _FRAME_BOTTOM)
    for row in page.rows:
        yield _horizontal(row.bottom)
        for box in row.boxes[1:]:
            yield _vertical(box.left, row.top, row.bottom)
    if page.is_first:
        yield _horizontal(_ITEMS_BOTTOM)
        yield _horizontal(_STRIP_BOTTOM)
        yield _vertical(_FOOTER_SPLIT, _STRIP_BOTTOM, _FRAME_BOTTOM)


def _item_rules(page: FormPage) -> Iterator[Rule]:
    first, *between, _ = _slot_tops(page)
    yield _horizontal(first)
    for top in between:
        yield _horizontal(top, dashed=True)


def _horizontal(top: float, *, dashed: bool = False) -> Rule:
    return Rule(Rect(LEFT, top, RIGHT - LEFT), dashed)


def _vertical(left: float, top: float, bottom: float) -> Rule:
    return Rule(Rect(left, top, 0.0, bottom - top))


def _line(
    text: str, rect: Rect, sizes: Sequence[int], *, align: str = "left", bold: bool = False, pitch: float = 0.0
) -> Text:
    fitted = fit_line(_printable(text), rect.width * DOTS_PER_MM, sizes)
    return Text(rect, fitted.size, _leading(fitted, pitch), fitted.lines, align, bold)


def _block(paragraphs: Sequence[str], rect: Rect, sizes: Sequence[int], pitch: float = 0.0) -> Text:
    """Returns `paragraphs` in as many lines as they need, `pitch` millimetres apart if there is space for that."""
    printable = [_printable(paragraph) for paragraph in paragraphs if paragraph]
    fitted = fit_block(printable, rect.width * DOTS_PER_MM, rect.height * DOTS_PER_MM, sizes)
    has_space = len(fitted.lines) <= _LINES_PER_ITEM
    return Text(rect, fitted.size, _leading(fitted, pitch if has_space else 0.0), fitted.lines)


def _leading(fitted: FittedText, pitch: float) -> float:
    return max(pitch * DOTS_PER_MM, fitted.size * LEADING)


def _printable(text: str) -> str:
    """Writes the marks of `escape_controls` that the font lacks with characters that it has: ␛ as <U+001B>."""
    return _MISSING_IN_FONT.sub(_spell_out, text).replace("⟨", "<").replace("⟩", ">")


def _spell_out(mark: re.Match[str]) -> str:
    code = {"␤": 0x0A, "␡": 0x7F}.get(mark[0], ord(mark[0]) - 0x2400)
    return f"<U+{code:04X}>"
