import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.entry_number import BadEntryNumber, EntryNumber, parse_entry_id

ENTRY_IDS = st.text("0123456789", min_size=18, max_size=18)


def test_the_parts() -> None:
    number = EntryNumber.parse("223320250000012345")
    assert (number.office, number.year, number.serial) == ("2233", 2025, "000012345")
    assert number.is_export
    assert not number.is_import


def test_the_ninth_digit_tells_an_import() -> None:
    number = EntryNumber.parse("223320251000012345")
    assert number.is_import
    assert not number.is_export


@pytest.mark.parametrize(
    "text",
    [
        "223320250000012345",
        "  2233 2025 0000012345\n",
        "2233-2025-0-000012345",
        "２２３３２０２５０００００１２３４５",
        "\ufeff223320250000012345\u200b",
    ],
)
def test_a_number_as_it_is_typed_and_pasted(text: str) -> None:
    assert parse_entry_id(text) == "223320250000012345"


@given(ENTRY_IDS)
def test_eighteen_digits_are_a_number(text: str) -> None:
    assert parse_entry_id(text) == text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "报关单号为必填"),
        (" \u3000", "报关单号为必填"),
        ("22332025000001234", "报关单号为 18 位，现在是 17 位"),
        ("2233202500000123456", "报关单号为 18 位，现在是 19 位"),
        ("22332025000001234X", "报关单号只能是数字"),
        ("22332025000001234\u0663", "报关单号只能是数字"),
        ("22332025000001234\x00", "报关单号只能是数字"),
    ],
)
def test_what_is_not_a_number_is_said(text: str, what: str) -> None:
    with pytest.raises(BadEntryNumber) as refused:
        parse_entry_id(text)
    assert refused.value.message == what
    assert refused.value.code == "declaration.bad-number"


@given(st.text())
def test_whatever_is_typed_becomes_eighteen_digits_or_a_problem(text: str) -> None:
    try:
        number = parse_entry_id(text)
    except BadEntryNumber:
        return
    assert len(number) == 18
    assert number.isascii()
    assert number.isdigit()
