"""Amounts keep every digit, whatever the context of the thread is."""

from decimal import Context, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.actions.detail import currency_totals
from jiacha_tui.declaration.exact import EXACT
from jiacha_tui.declaration.formatting import format_money, format_quantity
from jiacha_tui.declaration.wire_values import UnparsableValue, read_decimal, read_int, read_text
from tests.db.samples import item
from tests.hostile_decimals import six_digits

__all__ = ["six_digits"]

LONG = "12345678901234.5678"


_AMOUNTS = st.decimals("-1E+30", "1E+30", places=5)


@given(_AMOUNTS, _AMOUNTS)
def test_a_sum_has_all_digits(first: Decimal, second: Decimal) -> None:
    with localcontext(Context(prec=6)):
        assert Fraction(EXACT.add(first, second)) == Fraction(first) + Fraction(second)
        assert Fraction(EXACT.subtract(first, second)) == Fraction(first) - Fraction(second)
        assert Fraction(EXACT.multiply(first, second)) == Fraction(first) * Fraction(second)


@pytest.mark.usefixtures("six_digits")
class TestInAContextThatRounds:
    def test_an_amount_is_read_and_shown_with_every_digit(self) -> None:
        amount = read_decimal("12,345,678,901,234.5678")
        assert amount == Decimal(LONG)
        assert format_money(amount) == "12,345,678,901,234.5678"
        assert format_quantity(amount) == "12,345,678,901,234.5678"
        assert read_text(Decimal(LONG)) == LONG

    @pytest.mark.parametrize("text", ["99999999999999.9999", "-99999999999999.9999", "99999999999999." + "9" * 20])
    def test_the_largest_amount_is_not_taken_for_one_that_is_too_large(self, text: str) -> None:
        assert read_decimal(text) == Decimal(text)

    def test_a_number_that_is_too_large_is_still_refused(self) -> None:
        with pytest.raises(UnparsableValue):
            read_decimal("100000000000000")
        with pytest.raises(UnparsableValue):
            read_int(str(2**31))
        assert read_int(str(2**31 - 1)) == 2**31 - 1

    def test_the_totals_of_a_declaration_are_exact(self) -> None:
        (total,) = currency_totals([item(number, total=Decimal(LONG)) for number in (1, 2)])
        assert total.amount == Decimal("24691357802469.1356")


def test_an_amount_of_more_digits_than_usual_is_not_rounded_up_to_the_limit() -> None:
    text = "99999999999999." + "9" * 20
    assert read_decimal(text) == Decimal(text)
