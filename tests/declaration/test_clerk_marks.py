"""Reading the clerk's marks as they are typed."""

from datetime import date

import pytest

from jiacha_tui.declaration.clerk_marks import ClerkMarks, InvalidMark, read_marks


@pytest.mark.parametrize("month", ["202611", "2026-11", "2026年11月", " 2026.11 "])
def test_forms_of_a_month_mean_the_same(month: str) -> None:
    assert read_marks(month, " 003 ", "2026-11-28", "  已寄\n A ") == ClerkMarks(
        "202611", "003", date(2026, 11, 28), "已寄 A"
    )


def test_nothing_typed_is_no_mark() -> None:
    assert read_marks("", " ", "", "") == ClerkMarks()
    assert ClerkMarks().texts == ()


@pytest.mark.parametrize(
    "typed", [("202613", "", ""), ("11", "", ""), ("", "003", ""), ("", "", "20261131"), ("", "", "昨天")]
)
def test_what_cannot_be_read_is_refused(typed: tuple[str, str, str]) -> None:
    with pytest.raises(InvalidMark):
        read_marks(*typed, "")


def test_control_characters_of_a_note_are_visible() -> None:
    assert ClerkMarks("202611", "3", None, "a\x1b[1m").texts == ("已申报 202611 批次 3", "批注：a␛[1m")
