"""Makes one PDF of declarations, and checks it before it is used."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2  # type: ignore[import-untyped]  # it comes without types

from jiacha_tui.declaration.model import Declaration
from jiacha_tui.printing.engines import Engine, find_engines
from jiacha_tui.printing.form import DRAWN_HERE, LEFT, RIGHT, TITLE, FormMarks, FormPage, lay_out
from jiacha_tui.printing.html import render
from jiacha_tui.printing.problems import PdfFailed

_POINTS_PER_MM = 72 / 25.4
_A4_LANDSCAPE = (297.0 * _POINTS_PER_MM, 210.0 * _POINTS_PER_MM)
_TOLERANCE = 1.5 * _POINTS_PER_MM

_TITLE = re.compile("".join(f"[{character}\u2e80-\u2fdf]" for character in TITLE))
"""The title in the text layer. In place of a character, Qt may write a Kangxi radical that looks the same."""

_PDFIUM = threading.Lock()
"""PDFium is not thread-safe."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """A checked document. `engine` is the name and version of the program that made it."""

    data: bytes
    pages: int
    engine: str


def make_pdf(declarations: Sequence[Declaration], engine: Engine | None = None, marks: FormMarks = DRAWN_HERE) -> Pdf:
    """Returns the forms of `declarations`, one after the other.

    Uses `engine`, or else the first installed engine whose result passes `check_pdf`. This takes a second or more, so
    call it from a thread. Raises PdfFailed if there is no such result, ValueError for a declaration without detail.
    """
    pages = [page for declaration in declarations for page in lay_out(declaration, marks)]
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
    """Raises PdfFailed unless `data` is a PDF of exactly these pages, with Chinese characters and to scale.

    An engine without a Chinese font leaves the characters out, and one may draw to another scale; neither reports it.
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
    if any(abs(actual - expected) > _TOLERANCE for actual, expected in zip(size, _A4_LANDSCAPE, strict=True)):
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
