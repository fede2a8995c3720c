"""The barcodes on the form."""

from itertools import pairwise

import pytest

from jiacha_tui.printing.barcodes import code39, qr


def test_a_barcode_is_a_start_character_the_digits_and_a_stop_character() -> None:
    barcode = code39("0123456789")
    assert barcode is not None
    assert len(barcode.bars) == 12 * 5
    assert barcode.bars[0][0] == 0
    assert sum(barcode.bars[-1]) == barcode.width
    widths = {width for _, width in barcode.bars}
    gaps = {round(right - left - width, 6) for (left, width), (right, _) in pairwise(barcode.bars)}
    assert widths == gaps == {1.0, 2.5}


def test_each_character_has_three_wide_elements_of_nine() -> None:
    for digit in "0123456789":
        once, twice = code39(digit), code39(digit * 2)
        assert once is not None
        assert twice is not None
        assert twice.width - once.width == 6 * 1.0 + 3 * 2.5 + 1.0


@pytest.mark.parametrize("text", ["", "E2025", "报关单", "１２", "12 3"])
def test_a_text_with_other_characters_has_no_barcode(text: str) -> None:
    assert code39(text) is None


@pytest.mark.parametrize("text", ["223320250000012345", "", "报关单"])
def test_a_qr_code_has_its_three_finder_patterns(text: str) -> None:
    path, modules = qr(text)
    assert modules >= 21
    for column, row in ((0, 0), (modules - 7, 0), (0, modules - 7)):
        assert f"M{column} {row}h1v1h-1z" in path
        assert f"M{column + 1} {row + 1}h1v1h-1z" not in path
