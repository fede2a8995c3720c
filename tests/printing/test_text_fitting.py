"""Texts fitted into boxes on paper."""

from collections.abc import Sequence
from ctypes import byref, c_double
from html import escape

import pypdfium2  # type: ignore[import-untyped]  # it comes without types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.printing.engines import find_engines
from jiacha_tui.printing.text_fitting import ELLIPSIS, LEADING, fit_block, fit_line, text_width

SIZES = (16, 12, 9)
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=200)
WIDTHS = st.floats(min_value=30, max_value=600)


@given(TEXTS, WIDTHS)
def test_a_line_is_never_wider_than_its_box(text: str, width: float) -> None:
    fitted = fit_line(text, width, SIZES)
    (line,) = fitted.lines
    assert text_width(line, fitted.size) <= width
    assert line == text or line.endswith(ELLIPSIS)


@given(st.lists(TEXTS, min_size=1, max_size=3), WIDTHS, st.floats(min_value=12, max_value=90))
def test_a_block_fits_into_its_box_or_is_cut(paragraphs: list[str], width: float, height: float) -> None:
    fitted = fit_block(paragraphs, width, height, SIZES)
    assert all(text_width(line, fitted.size) <= width for line in fitted.lines)
    assert len(fitted.lines) * fitted.size * LEADING <= height
    assert _visible(fitted.lines) == _visible(paragraphs) or fitted.lines[-1].endswith(ELLIPSIS)


@given(st.lists(TEXTS, min_size=1, max_size=3), WIDTHS)
def test_a_block_with_enough_space_is_complete(paragraphs: list[str], width: float) -> None:
    fitted = fit_block(paragraphs, width, 1e6, SIZES)
    assert fitted.size == SIZES[0]
    assert _visible(fitted.lines) == _visible(paragraphs)


@pytest.mark.parametrize(("characters", "size", "lines"), [(6, 16, 1), (7, 12, 1), (10, 9, 1), (20, 9, 2), (30, 9, 2)])
def test_a_longer_text_is_set_smaller_then_broken_then_cut(characters: int, size: int, lines: int) -> None:
    fitted = fit_block(["报" * characters], 100.0, 21.0, SIZES)
    assert (fitted.size, len(fitted.lines)) == (size, lines)
    assert fitted.lines[-1].endswith(ELLIPSIS) == (characters == 30)


def test_each_paragraph_begins_on_a_new_line() -> None:
    assert fit_block(["品名", "规格"], 500.0, 100.0, SIZES).lines == ("品名", "规格")


def test_the_widths_are_those_of_the_font() -> None:
    """An engine that uses the font sets each ASCII character between two Chinese ones, on a line of its own."""
    characters = [chr(code) for code in range(0x21, 0x7F)]
    lines = "".join(f"<div>中{escape(character)}中</div>" for character in characters)
    style = 'font-family:"Noto Sans SC";font-size:50px;line-height:60px;white-space:pre'
    plutoprint = next(engine for engine in find_engines() if engine.name == "PlutoPrint")
    document = pypdfium2.PdfDocument(plutoprint.run(f"<div style='{style}'>{lines}</div>"))
    advances = [advance for page in document for advance in _advances(page.get_textpage())]
    assert [character for character, _ in advances] == characters
    for character, advance in advances:
        assert advance == pytest.approx(text_width(character, 50 * 0.75), abs=0.05), character


def _visible(texts: Sequence[str]) -> str:
    return "".join("".join(texts).split())


def _advances(text_page: pypdfium2.PdfTextPage) -> list[tuple[str, float]]:
    """For each line its middle character and the distance to the next one, in points."""
    x, y = c_double(), c_double()
    origins: list[tuple[str, float]] = []
    for index in range(text_page.count_chars()):
        character = text_page.get_text_range(index, 1)
        if character.strip():
            pypdfium2.raw.FPDFText_GetCharOrigin(text_page.raw, index, byref(x), byref(y))
            origins.append((character, x.value))
    middles = range(1, len(origins), 3)
    return [(origins[index][0], origins[index + 1][1] - origins[index][1]) for index in middles]
