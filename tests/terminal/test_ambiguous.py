"""Characters that some terminals give two cells, and what is shown in their place."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from jiacha_tui.terminal.ambiguous import narrow
from jiacha_tui.terminal.cells import Frame, cells_of
from jiacha_tui.terminal.style import PLAIN, Style
from tests.terminal.emulator import is_ambiguous

_UNDERLINED = Style(frozenset({"4"}))
_EVERY_CHARACTER = st.characters(exclude_categories=["Cs"]) | st.sampled_from(
    [character for character in map(chr, range(0x110000)) if is_ambiguous(character)]
)


@pytest.mark.parametrize(
    ("text", "shown", "underlined"),
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
def test_a_character_of_one_cell_is_shown_instead(text: str, shown: str, underlined: str) -> None:
    row = narrow(Frame((cells_of(text, PLAIN),))).rows[0]
    assert "".join(cell.text for cell in row) == shown
    assert "".join(cell.text for cell in row if cell.style == _UNDERLINED) == underlined


@given(st.text(_EVERY_CHARACTER))
def test_the_row_is_as_long_and_nothing_ambiguous_is_left_in_it(text: str) -> None:
    frame = Frame((cells_of(text, Style(frozenset({"7"}), "31", "42")),))
    shown = narrow(frame)
    assert shown.size == frame.size
    for cell, instead, after in zip(frame.rows[0], shown.rows[0], (*frame.rows[0][1:], None), strict=False):
        if not is_ambiguous(cell.text) or (after is not None and after.second_half_of):
            assert instead == cell
        else:
            assert len(instead.text) == 1
            assert " " < instead.text < "\x7f"
            assert instead.style._replace(attributes=instead.style.attributes - {"4"}) == cell.style


def test_what_combines_goes_with_what_it_combines_with() -> None:
    row = narrow(Frame((cells_of("И\u0306e\u0301", PLAIN),))).rows[0]
    assert [cell.text for cell in row] == ["?", "e\u0301"]
