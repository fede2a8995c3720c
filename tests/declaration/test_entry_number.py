import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.entry_number import BadEntryNumber, is_import, parse_entry_id

ENTRY_IDS = st.text("0123456789", min_size=18, max_size=18)


def test_the_ninth_digit_distinguishes_import_from_export() -> None:
    assert is_import("223320251000012345")
    assert not is_import("223320250000012345")


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
def test_typed_and_pasted_numbers_are_accepted(text: str) -> None:
    assert parse_entry_id(text) == "223320250000012345"


@given(ENTRY_IDS)
def test_any_eighteen_digits_are_a_number(text: str) -> None:
    assert parse_entry_id(text) == text


@pytest.mark.parametrize(
    ("text", "message"),
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
def test_a_wrong_number_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(BadEntryNumber) as error:
        parse_entry_id(text)
    assert error.value.message == message
    assert error.value.code == "declaration.bad-number"


@given(st.text())
def test_any_text_gives_eighteen_digits_or_a_problem(text: str) -> None:
    try:
        number = parse_entry_id(text)
    except BadEntryNumber:
        return
    assert len(number) == 18
    assert number.isascii()
    assert number.isdigit()
