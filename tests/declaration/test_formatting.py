from datetime import date, datetime
from decimal import Decimal

import pytest

from jiacha_tui.declaration.formatting import NOTHING, format_money, format_quantity, format_size, format_value


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, NOTHING),
        (Decimal(0), "0.00"),
        (Decimal("18234"), "18,234.00"),
        (Decimal("18234.5"), "18,234.50"),
        (Decimal("0.1375"), "0.1375"),
        (Decimal("0.13750000"), "0.1375"),
        (Decimal("1E+3"), "1,000.00"),
    ],
)
def test_money_has_at_least_two_decimals(amount: Decimal | None, text: str) -> None:
    assert format_money(amount) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, NOTHING),
        (0, "0"),
        (3908, "3,908"),
        (Decimal("3908.00000"), "3,908"),
        (Decimal("16980.25000"), "16,980.25"),
        (Decimal("1E+3"), "1,000"),
        (Decimal("100"), "100"),
    ],
)
def test_a_quantity_has_no_trailing_zeros(value: Decimal | int | None, text: str) -> None:
    assert format_quantity(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KB"),
        (10 * 1024 - 1, "10 KB"),
        (10 * 1024, "10 KB"),
        (1024**2 - 1, "1.0 MB"),
        (74 << 30, "74 GB"),
    ],
)
def test_a_size_is_in_the_largest_unit_that_fits(size: int, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, NOTHING),
        ("", NOTHING),
        ("  ", NOTHING),
        ("美\x1b国", "美␛国"),
        (2, "2"),
        (Decimal("16980.25000"), "16,980.25"),
        (date(2025, 6, 30), "2025-06-30"),
        (datetime(2025, 6, 30, 9, 5, 7), "2025-06-30 09:05"),  # noqa: DTZ001 - the port's clock has no zone
    ],
)
def test_a_value_is_formatted_by_its_type(value: object, text: str) -> None:
    assert format_value(value) == text
