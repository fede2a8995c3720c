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
def test_a_line_is_never_wider_than_its_place(text: str, width: float) -> None:
    fitted = fit_line(text, width, SIZES)
    (line,) = fitted.lines
    assert text_width(line, fitted.size) <= width
    assert fitted.clipped == (line != text)
    assert not fitted.clipped or line.endswith(ELLIPSIS)


@given(st.lists(TEXTS, min_size=1, max_size=3), WIDTHS, st.floats(min_value=12, max_value=90))
def test_a_block_never_leaves_its_place(paragraphs: list[str], width: float, height: float) -> None:
    fitted = fit_block(paragraphs, width, height, SIZES)
    assert all(text_width(line, fitted.size) <= width for line in fitted.lines)
    assert len(fitted.lines) * fitted.size * LEADING <= height
    assert not fitted.clipped or fitted.lines[-1].endswith(ELLIPSIS)


@given(st.lists(TEXTS, min_size=1, max_size=3), WIDTHS)
def test_nothing_is_lost_where_there_is_room(paragraphs: list[str], width: float) -> None:
    fitted = fit_block(paragraphs, width, 1e6, SIZES)
    assert fitted.size == SIZES[0]
    assert not fitted.clipped
    assert "".join("".join(fitted.lines).split()) == "".join("".join(paragraphs).split())


@pytest.mark.parametrize(("characters", "size", "lines"), [(6, 16, 1), (7, 12, 1), (10, 9, 1), (20, 9, 2), (30, 9, 2)])
def test_a_longer_text_is_set_smaller_then_broken_then_clipped(characters: int, size: int, lines: int) -> None:
    fitted = fit_block(["报" * characters], 100.0, 21.0, SIZES)
    assert (fitted.size, len(fitted.lines)) == (size, lines)
    assert fitted.clipped == (characters == 30)


def test_each_paragraph_begins_a_line() -> None:
    assert fit_block(["品名", "规格"], 500.0, 100.0, SIZES).lines == ("品名", "规格")


def test_the_widths_are_those_of_the_font() -> None:
    """Each character of ASCII between two Chinese ones, set in a line of its own by an engine that uses the font."""
    characters = [chr(code) for code in range(0x21, 0x7F)]
    lines = "".join(f"<div>中{escape(character)}中</div>" for character in characters)
    style = 'font-family:"Noto Sans SC";font-size:50px;line-height:60px;white-space:pre'
    plutoprint = next(one for one in find_engines() if one.name == "PlutoPrint")
    document = pypdfium2.PdfDocument(plutoprint.run(f"<div style='{style}'>{lines}</div>"))
    origins = [_origins(page.get_textpage()) for page in document]
    found = [line for page in origins for line in page]
    assert [character for character, _ in found] == characters
    for character, advance in found:
        assert advance == pytest.approx(text_width(character, 50 * 0.75), abs=0.05), character


def _origins(text_page: pypdfium2.PdfTextPage) -> list[tuple[str, float]]:
    """For each line, its middle character and how far it moves what follows, in points."""
    x, y = c_double(), c_double()
    placed: list[tuple[str, float]] = []
    for index in range(text_page.count_chars()):
        character = text_page.get_text_range(index, 1)
        if character.strip():
            pypdfium2.raw.FPDFText_GetCharOrigin(text_page.raw, index, byref(x), byref(y))
            placed.append((character, x.value))
    return [(placed[at][0], placed[at + 1][1] - placed[at][1]) for at in range(1, len(placed), 3)]
