"""Substitutes for the characters that some terminals draw in two cells."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from jiacha_tui.terminal.ambiguous_substitutes import narrow
from jiacha_tui.terminal.cells import Frame, split_into_cells
from jiacha_tui.terminal.style import PLAIN, Style
from tests.terminal.emulator import is_ambiguous

_UNDERLINED = Style(frozenset({"4"}))
_ANY_CHARACTER = st.characters(exclude_categories=["Cs"]) | st.sampled_from(
    [character for character in map(chr, range(0x110000)) if is_ambiguous(character)]
)


@pytest.mark.parametrize(
    ("text", "expected", "underlined"),
    [
        ("┌─┬─┐│└┴┘", "+-+-+|+++", ""),
        ("═║╔╬╱╲╳", "=|++/\\+", ""),
        ("↑↓←→ …·–—×“”‘’•█", "^v<> ~.--x\"\"''*#", ""),
        ("①⑨⑩Ⅱ²½", "19?22?", "19?22?"),
        ("±≤≥÷√", "+<>/v", "+<>/v"),
        ("60°25℃№", "60o25C#", "oC#"),
        ("éàαβμ", "eaabu", "eaabu"),
        ("ΩЖ®\ue000", "????", "????"),
        ("汉字，。「」㎡", "汉字，。「」㎡", ""),
        ("abc ✓▸▾", "abc ✓▸▾", ""),
    ],
)
def test_an_ambiguous_character_is_replaced_by_one_of_one_cell(text: str, expected: str, underlined: str) -> None:
    row = narrow(Frame((split_into_cells(text, PLAIN),))).rows[0]
    assert "".join(cell.text for cell in row) == expected
    assert "".join(cell.text for cell in row if cell.style == _UNDERLINED) == underlined


@given(st.text(_ANY_CHARACTER))
def test_the_row_keeps_its_length_and_holds_no_ambiguous_character(text: str) -> None:
    frame = Frame((split_into_cells(text, Style(frozenset({"7"}), "31", "42")),))
    narrowed = narrow(frame)
    assert narrowed.size == frame.size
    for cell, substitute, after in zip(frame.rows[0], narrowed.rows[0], (*frame.rows[0][1:], None), strict=False):
        if not is_ambiguous(cell.text) or (after is not None and after.second_half_of):
            assert substitute == cell
        else:
            assert len(substitute.text) == 1
            assert " " < substitute.text < "\x7f"
            assert substitute.style._replace(attributes=substitute.style.attributes - {"4"}) == cell.style


def test_combining_marks_are_replaced_together_with_their_character() -> None:
    row = narrow(Frame((split_into_cells("И\u0306e\u0301", PLAIN),))).rows[0]
    assert [cell.text for cell in row] == ["?", "e\u0301"]
