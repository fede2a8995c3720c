"""The PDF as other programs read it: PDFium reads positions and text, poppler and zbar scan the barcodes."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]  # it comes without types
import pytest

from jiacha_tui.declaration.model import Declaration
from jiacha_tui.printing.drawing import Rect, draw
from jiacha_tui.printing.engines import Engine, find_engines
from jiacha_tui.printing.form import LEFT, RIGHT, TITLE, lay_out, page_count
from jiacha_tui.printing.html import render
from jiacha_tui.printing.pdf import check_pdf, make_pdf
from jiacha_tui.printing.problems import PdfFailed
from tests.needs import needs
from tests.printing.samples import ENTRY_ID, HEAD, declaration, overlong

_POINTS = 72 / 25.4
_LARGEST_TYPE = 14.0
"""Millimetres. Higher characters belong to the watermark, which is behind all other texts."""

ENGINES = [pytest.param("wkhtmltopdf", marks=needs("wkhtmltopdf")), "PlutoPrint"]


def find_engine(name: str) -> Engine:
    return next(engine for engine in find_engines() if engine.name == name)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Engine:
    return find_engine(request.param)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character on the paper, in millimetres from the top left."""

    character: str
    rect: Rect


def glyphs(page: pypdfium2.PdfPage) -> Iterator[Glyph]:
    height = page.get_height()
    text_page = page.get_textpage()
    for index in range(text_page.count_chars()):
        left, bottom, right, top = text_page.get_charbox(index)
        character = text_page.get_text_range(index, 1)
        rect = Rect(left / _POINTS, (height - top) / _POINTS, (right - left) / _POINTS, (top - bottom) / _POINTS)
        if character.strip() and rect.height < _LARGEST_TYPE:
            yield Glyph(character, rect)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("items", [0, 1, 6, 7, 20, 21, 50])
def test_the_pdf_has_every_page(engine: Engine, items: int) -> None:
    pdf = make_pdf([declaration(items)], engine)
    assert pdf.pages == page_count(items)
    assert pdf.engine == f"{engine.name} {engine.version}"
    document = pypdfium2.PdfDocument(pdf.data)
    numbers = [re.findall(r"(\d)/(\d)", page.get_textpage().get_text_bounded())[0] for page in document]
    assert numbers == [(str(number), str(pdf.pages)) for number in range(1, pdf.pages + 1)]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("sample", [declaration(20), overlong(20)], ids=["ordinary", "overlong"])
def test_every_character_is_within_the_rectangle_of_its_text(engine: Engine, sample: Declaration) -> None:
    """So none crosses a line or the frame."""
    pages = lay_out(sample)
    document = pypdfium2.PdfDocument(engine.run(render(pages, engine.zoom)))
    for printed, page in zip(document, pages, strict=True):
        drawing = draw(page)
        for glyph in glyphs(printed):
            assert glyph.rect.left > LEFT - 0.3
            assert glyph.rect.right < RIGHT + 0.5
            middle = (glyph.rect.top + glyph.rect.bottom) / 2
            assert any(
                text.rect.left - 0.4 <= glyph.rect.left
                and glyph.rect.right <= text.rect.right + 0.4
                and text.rect.top - 1 <= middle <= text.rect.top + len(text.lines) * text.leading * 25.4 / 125 + 1
                for text in drawing.texts
            ), glyph


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("sample", [declaration(7), overlong(7)], ids=["ordinary", "overlong"])
def test_no_two_characters_overlap(engine: Engine, sample: Declaration) -> None:
    document = pypdfium2.PdfDocument(engine.run(render(lay_out(sample), engine.zoom)))
    for printed in document:
        by_left = sorted(glyphs(printed), key=lambda glyph: glyph.rect.left)
        for index, glyph in enumerate(by_left):
            for other in by_left[index + 1 :]:
                if other.rect.left > glyph.rect.right:
                    break
                width = glyph.rect.right - other.rect.left
                height = min(glyph.rect.bottom, other.rect.bottom) - max(glyph.rect.top, other.rect.top)
                assert width < 0.25 or height < 0.25, (glyph, other)


@needs("wkhtmltopdf")
def test_both_engines_put_each_digit_at_the_same_position() -> None:
    pages = lay_out(declaration(7))
    digits = []
    for engine in find_engines():
        document = pypdfium2.PdfDocument(engine.run(render(pages, engine.zoom)))
        digits.append([glyph for page in document for glyph in glyphs(page) if glyph.character.isdigit()])
    first, second = digits
    assert len(first) == len(second) > 500
    for glyph, other in zip(first, second, strict=True):
        assert glyph.character == other.character
        assert abs(glyph.rect.left - other.rect.left) < 0.7
        assert abs(glyph.rect.bottom - other.rect.bottom) < 0.7


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_the_text_can_be_copied_out_of_the_pdf(engine: Engine) -> None:
    document = pypdfium2.PdfDocument(make_pdf([declaration(1)], engine).data)
    text = document[0].get_textpage().get_text_bounded()
    for value in (ENTRY_ID, HEAD.pre_entry_id, HEAD.consignor_code, HEAD.bill_no, HEAD.contract_no, "2086028.65"):
        assert value in text


@needs("pdftoppm", "zbarimg")
@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_a_scanner_reads_the_barcode_and_the_qr_code(engine: Engine, tmp_path: Path) -> None:
    pdf = tmp_path / "form.pdf"
    pdf.write_bytes(make_pdf([declaration(1)], engine).data)
    top_right = ("-x", "2300", "-y", "0", "-W", "1208", "-H", "400")
    command = ["pdftoppm", "-r", "300", *top_right, "-gray", "-png", str(pdf), str(tmp_path / "page")]
    subprocess.run(command, check=True, timeout=60)
    (image,) = tmp_path.glob("page*.png")
    command = ["zbarimg", "-q", "-Sdisable", "-Scode39.enable", "-Sqrcode.enable", str(image)]
    scan = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert set(scan.stdout.split()) == {f"CODE-39:{ENTRY_ID}", f"QR-Code:{ENTRY_ID}"}


def test_several_declarations_become_one_pdf() -> None:
    second = declaration(7, replace(HEAD, entry_id="310120250000147213"))
    pdf = make_pdf([declaration(1), second])
    assert pdf.pages == 3
    document = pypdfium2.PdfDocument(pdf.data)
    ids = [re.findall(r"\d{18}", page.get_textpage().get_text_bounded())[0] for page in document]
    assert ids == [ENTRY_ID, "310120250000147213", "310120250000147213"]


def test_the_rows_of_the_frame_are_where_customs_has_them() -> None:
    drawing = draw(lay_out(declaration(1))[0])
    tops = sorted(rule.rect.top for rule in drawing.rules if rule.rect.width and not rule.dashed)
    official = [32.9, 40.7, 48.5, 56.4, 64.2, 72.0, 79.8, 99.4, 104.1, 181.8, 187.5, 201.0]
    assert tops == pytest.approx(official)
    dashed = [rule.rect.top for rule in drawing.rules if rule.dashed]
    assert [round(below - above, 2) for above, below in pairwise(dashed)] == [12.95] * 4


def test_the_first_engine_with_a_valid_result_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    plutoprint = find_engine("PlutoPrint")
    wrong = Engine("wrong", "0", ("cat",))
    monkeypatch.setattr("jiacha_tui.printing.pdf.find_engines", lambda: iter([wrong, plutoprint]))
    assert make_pdf([declaration(1)]).engine == f"{plutoprint.name} {plutoprint.version}"


def test_without_an_engine_the_problem_names_the_programs_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiacha_tui.printing.pdf.find_engines", lambda: iter(()))
    with pytest.raises(PdfFailed, match="没有安装 wkhtmltopdf 或 PlutoPrint"):
        make_pdf([declaration(1)])


def test_without_a_valid_result_the_last_reason_is_reported() -> None:
    with pytest.raises(PdfFailed, match="不是可以打开的 PDF"):
        make_pdf([declaration(1)], Engine("wrong", "0", ("cat",)))


class TestCheckPdf:
    """A PDF that is not as expected is refused."""

    pages = lay_out(declaration(7))

    def render_pdf(self, html: str) -> bytes:
        return find_engine("PlutoPrint").run(html)

    def test_a_valid_pdf_passes(self) -> None:
        check_pdf(self.render_pdf(render(self.pages)), self.pages)

    @pytest.mark.parametrize("cut", [0, 100, -1000])
    def test_a_broken_file_is_refused(self, cut: int) -> None:
        with pytest.raises(PdfFailed):
            check_pdf(self.render_pdf(render(self.pages))[:cut], self.pages)

    def test_a_wrong_number_of_pages_is_refused(self) -> None:
        with pytest.raises(PdfFailed, match="应有 1 页，实有 2 页"):
            check_pdf(self.render_pdf(render(self.pages)), self.pages[:1])

    def test_a_page_of_another_declaration_is_refused(self) -> None:
        other = lay_out(declaration(1, replace(HEAD, entry_id="310120250000147213")))
        with pytest.raises(PdfFailed, match="310120250000147213"):
            check_pdf(self.render_pdf(render(self.pages[:1])), other)

    def test_missing_chinese_characters_are_refused(self) -> None:
        with pytest.raises(PdfFailed, match="缺少中文字体"):
            check_pdf(self.render_pdf(render(self.pages).replace(TITLE, "")), self.pages)

    @needs("wkhtmltopdf")
    def test_another_scale_is_refused(self) -> None:
        with pytest.raises(PdfFailed, match="比例"):
            make_pdf([declaration(1)], replace(find_engine("wkhtmltopdf"), zoom=1.0))
