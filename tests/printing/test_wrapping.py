import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jiacha_tui.printing.wrapping import wrap

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=120)


@given(TEXTS, st.integers(min_value=2, max_value=40))
def test_lines_fit_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width, cell_len)
    assert lines
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, ("",)),
        ("one two three", 8, ("one two", "three")),
        ("报关单号码", 6, ("报关单", "号码")),
        ("4|3|桌用|ABCDEF|无", 9, ("4|3|桌用|", "ABCDEF|无")),
        ("ABCDEFGHIJKL", 5, ("ABCDE", "FGHIJ", "KL")),
        ("词 ABCDEFGH", 8, ("词", "ABCDEFGH")),
        ("2025-0871", 6, ("2025-", "0871")),
    ],
)
def test_where_a_line_breaks(text: str, width: int, lines: tuple[str, ...]) -> None:
    assert wrap(text, width, cell_len) == lines


def test_a_character_wider_than_the_line_gets_one_to_itself() -> None:
    assert wrap("报关", 1, cell_len) == ("报", "关")
