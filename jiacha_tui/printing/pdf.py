"""Declarations to one PDF, checked before anybody gets it."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2  # type: ignore[import-untyped]  # it comes without types

from jiacha_tui.declaration.model import Declaration
from jiacha_tui.printing.engines import Engine, find_engines
from jiacha_tui.printing.form import LEFT, RIGHT, TITLE, FormPage, lay_out
from jiacha_tui.printing.html import render
from jiacha_tui.printing.problems import PdfFailed

_POINTS_PER_MM = 72 / 25.4
_A4_LANDSCAPE = (297.0 * _POINTS_PER_MM, 210.0 * _POINTS_PER_MM)
_TOLERANCE = 1.5 * _POINTS_PER_MM

_TITLE = re.compile("".join(f"[{character}\u2e80-\u2fdf]" for character in TITLE))
"""The title as an engine may write it into the text layer: Qt puts a radical for a character that looks like one."""

_PDFIUM = threading.Lock()
"""PDFium may be used by one thread at a time."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """A checked document; `engine` names who made it."""

    data: bytes
    pages: int
    engine: str


def make_pdf(declarations: Sequence[Declaration], engine: Engine | None = None) -> Pdf:
    """The forms of `declarations`, one after the other, by `engine` or by the first installed one that does it right.

    Takes a second or more: not for the event loop. Raises PdfFailed; ValueError for a declaration without detail.
    """
    pages = [page for declaration in declarations for page in lay_out(declaration)]
    failure = PdfFailed("没有安装 wkhtmltopdf 或 PlutoPrint")
    for candidate in [engine] if engine else find_engines():
        try:
            data = candidate.run(render(pages, candidate.zoom))
            check_pdf(data, pages)
        except PdfFailed as problem:
            failure = problem
        else:
            return Pdf(data, len(pages), f"{candidate.name} {candidate.version}")
    raise failure


def check_pdf(data: bytes, pages: Sequence[FormPage]) -> None:
    """That `data` is a PDF of exactly these pages, in Chinese and to scale. Raises PdfFailed.

    An engine that finds no Chinese font leaves the characters out, and one that draws to another scale leaves a
    form that fits no frame; neither says so.
    """
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise PdfFailed("结果不是可以打开的 PDF") from error
        try:
            if len(document) != len(pages):
                raise PdfFailed(f"应有 {len(pages)} 页，实有 {len(document)} 页")
            for number, page in enumerate(pages):
                _check_page(document[number], page)
        finally:
            document.close()


def _check_page(printed: pypdfium2.PdfPage, page: FormPage) -> None:
    size = printed.get_size()
    if any(abs(is_ - wanted) > _TOLERANCE for is_, wanted in zip(size, _A4_LANDSCAPE, strict=True)):
        raise PdfFailed("纸张不是 A4 横向")
    text_page = printed.get_textpage()
    text = "".join(text_page.get_text_bounded().split())
    if not _TITLE.search(text):
        raise PdfFailed("缺少中文字体")
    if "".join(page.entry_id.split()) not in text:
        raise PdfFailed(f"第 {page.number} 页没有报关单号 {page.entry_id}")
    boxes = [text_page.get_rect(index) for index in range(text_page.count_rects())]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    if abs(left - LEFT * _POINTS_PER_MM) > _TOLERANCE or abs(right - RIGHT * _POINTS_PER_MM) > _TOLERANCE:
        raise PdfFailed("打印比例不对")
