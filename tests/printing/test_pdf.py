"""The PDF as other programs read it: PDFium for places and text, poppler and zbar for what a scanner sees."""

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
"""Millimetres: what is higher is the watermark, over which all else is printed."""

ENGINES = [pytest.param("wkhtmltopdf", marks=needs("wkhtmltopdf")), "PlutoPrint"]


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Engine:
    return next(one for one in find_engines() if one.name == request.param)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character on the paper, in millimetres from the top left."""

    character: str
    place: Rect


def glyphs(page: pypdfium2.PdfPage) -> Iterator[Glyph]:
    height = page.get_height()
    text_page = page.get_textpage()
    for index in range(text_page.count_chars()):
        left, bottom, right, top = text_page.get_charbox(index)
        character = text_page.get_text_range(index, 1)
        place = Rect(left / _POINTS, (height - top) / _POINTS, (right - left) / _POINTS, (top - bottom) / _POINTS)
        if character.strip() and place.height < _LARGEST_TYPE:
            yield Glyph(character, place)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("items", [0, 1, 6, 7, 20, 21, 50])
def test_every_page_is_there(engine: Engine, items: int) -> None:
    pdf = make_pdf([declaration(items)], engine)
    assert pdf.pages == page_count(items)
    assert pdf.engine == f"{engine.name} {engine.version}"
    document = pypdfium2.PdfDocument(pdf.data)
    numbers = [re.findall(r"(\d)/(\d)", page.get_textpage().get_text_bounded())[0] for page in document]
    assert numbers == [(str(number), str(pdf.pages)) for number in range(1, pdf.pages + 1)]


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("sample", [declaration(21), overlong(21)], ids=["ordinary", "overlong"])
def test_nothing_leaves_its_place(engine: Engine, sample: Declaration) -> None:
    """Each character lies in the place of a text that holds it: so no line is crossed and the frame is not left."""
    pages = lay_out(sample)
    document = pypdfium2.PdfDocument(engine.run(render(pages, engine.zoom)))
    for printed, page in zip(document, pages, strict=True):
        drawing = draw(page)
        for glyph in glyphs(printed):
            assert glyph.place.left > LEFT - 0.3
            assert glyph.place.right < RIGHT + 0.5
            middle = (glyph.place.top + glyph.place.bottom) / 2
            holders = [
                text
                for text in drawing.texts
                if text.place.left - 0.4 <= glyph.place.left
                and glyph.place.right <= text.place.right + 0.4
                and text.place.top - 1 <= middle <= text.place.top + len(text.lines) * text.leading * 25.4 / 125 + 1
            ]
            assert holders, glyph


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
@pytest.mark.parametrize("sample", [declaration(7), overlong(7)], ids=["ordinary", "overlong"])
def test_no_two_characters_overlap(engine: Engine, sample: Declaration) -> None:
    document = pypdfium2.PdfDocument(engine.run(render(lay_out(sample), engine.zoom)))
    for printed in document:
        found = sorted(glyphs(printed), key=lambda glyph: glyph.place.left)
        for index, one in enumerate(found):
            for other in found[index + 1 :]:
                if other.place.left > one.place.right:
                    break
                across = one.place.right - other.place.left
                down = min(one.place.bottom, other.place.bottom) - max(one.place.top, other.place.top)
                assert across < 0.25 or down < 0.25, (one, other)


@needs("wkhtmltopdf")
def test_both_engines_put_each_text_at_the_same_place() -> None:
    pages = lay_out(declaration(7))
    drawn = []
    for engine in find_engines():
        document = pypdfium2.PdfDocument(engine.run(render(pages, engine.zoom)))
        drawn.append([glyph for page in document for glyph in glyphs(page) if glyph.character.isdigit()])
    one, other = drawn
    assert len(one) == len(other) > 500
    for mine, theirs in zip(one, other, strict=True):
        assert mine.character == theirs.character
        assert abs(mine.place.left - theirs.place.left) < 0.7
        assert abs(mine.place.bottom - theirs.place.bottom) < 0.7


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_the_text_can_be_copied(engine: Engine) -> None:
    document = pypdfium2.PdfDocument(make_pdf([declaration(1)], engine).data)
    text = document[0].get_textpage().get_text_bounded()
    for value in (ENTRY_ID, HEAD.pre_entry_id, HEAD.consignor_code, HEAD.bill_no, HEAD.contract_no, "2086028.65"):
        assert value in text


@needs("pdftoppm", "zbarimg")
@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_a_scanner_reads_the_barcode_and_the_qr_code(engine: Engine, tmp_path: Path) -> None:
    pdf = tmp_path / "form.pdf"
    pdf.write_bytes(make_pdf([declaration(1)], engine).data)
    subprocess.run(["pdftoppm", "-r", "300", "-gray", "-png", pdf, tmp_path / "page"], check=True, timeout=60)
    (image,) = tmp_path.glob("page*.png")
    command = ["zbarimg", "-q", "-Sdisable", "-Scode39.enable", "-Sqrcode.enable", str(image)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert set(done.stdout.split()) == {f"CODE-39:{ENTRY_ID}", f"QR-Code:{ENTRY_ID}"}


def test_several_declarations_follow_each_other() -> None:
    second = declaration(7, replace(HEAD, entry_id="310120250000147213"))
    pdf = make_pdf([declaration(1), second])
    assert pdf.pages == 3
    document = pypdfium2.PdfDocument(pdf.data)
    ids = [re.findall(r"\d{18}", page.get_textpage().get_text_bounded())[0] for page in document]
    assert ids == [ENTRY_ID, "310120250000147213", "310120250000147213"]


def test_the_rows_of_the_frame_are_where_customs_has_them() -> None:
    drawing = draw(lay_out(declaration(1))[0])
    across = sorted(rule.place.top for rule in drawing.rules if rule.place.width and not rule.dashed)
    official = [32.9, 40.7, 48.5, 56.4, 64.2, 72.0, 79.8, 99.4, 104.1, 181.8, 187.5, 201.0]
    assert across == pytest.approx(official)
    dashes = [rule.place.top for rule in drawing.rules if rule.dashed]
    assert [round(below - above, 2) for above, below in pairwise(dashes)] == [12.95] * 4


def test_the_first_engine_that_does_it_right_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    right = next(one for one in find_engines() if one.name == "PlutoPrint")
    wrong = Engine("wrong", "0", ("cat",))
    monkeypatch.setattr("jiacha_tui.printing.pdf.find_engines", lambda: iter([wrong, right]))
    assert make_pdf([declaration(1)]).engine == f"{right.name} {right.version}"


def test_without_an_engine_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiacha_tui.printing.pdf.find_engines", lambda: iter(()))
    with pytest.raises(PdfFailed, match="没有安装 wkhtmltopdf 或 PlutoPrint"):
        make_pdf([declaration(1)])


def test_where_no_engine_does_it_right_the_last_reason_is_told() -> None:
    with pytest.raises(PdfFailed, match="不是可以打开的 PDF"):
        make_pdf([declaration(1)], Engine("wrong", "0", ("cat",)))


class TestCheck:
    """A PDF that is not what it should be is not let through."""

    pages = lay_out(declaration(7))

    def made(self, html: str) -> bytes:
        return next(one for one in find_engines() if one.name == "PlutoPrint").run(html)

    def test_what_is_right_passes(self) -> None:
        check_pdf(self.made(render(self.pages)), self.pages)

    @pytest.mark.parametrize("cut", [0, 100, -1000])
    def test_a_broken_file(self, cut: int) -> None:
        with pytest.raises(PdfFailed):
            check_pdf(self.made(render(self.pages))[:cut], self.pages)

    def test_a_page_too_many_or_too_few(self) -> None:
        with pytest.raises(PdfFailed, match="应有 1 页，实有 2 页"):
            check_pdf(self.made(render(self.pages)), self.pages[:1])

    def test_pages_in_the_wrong_order(self) -> None:
        other = lay_out(declaration(1, replace(HEAD, entry_id="310120250000147213")))
        with pytest.raises(PdfFailed, match="310120250000147213"):
            check_pdf(self.made(render(self.pages[:1])), other)

    def test_chinese_that_was_not_drawn(self) -> None:
        with pytest.raises(PdfFailed, match="缺少中文字体"):
            check_pdf(self.made(render(self.pages).replace(TITLE, "")), self.pages)

    @needs("wkhtmltopdf")
    def test_another_scale(self) -> None:
        wkhtmltopdf = next(one for one in find_engines() if one.name == "wkhtmltopdf")
        with pytest.raises(PdfFailed, match="比例"):
            make_pdf([declaration(1)], replace(wkhtmltopdf, zoom=1.0))
