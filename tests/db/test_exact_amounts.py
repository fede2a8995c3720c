"""Amounts are stored, filtered and summed exactly, whatever the context of the thread is."""

from decimal import Decimal

import pytest

from db.cache import Cache
from db.declarations import Declarations
from db.filter.intervals import numbers_intersection, numbers_union
from db.filter.values import Numbers
from db.results import Results
from jiacha_tui.declaration.model import Declaration, Kind
from tests.db.samples import head, item, summary
from tests.hostile_decimals import six_digits

__all__ = ["six_digits"]

LARGEST = Decimal("99999999999999.9999")
"""The largest amount that the port may send."""


@pytest.mark.usefixtures("six_digits")
class TestInAContextThatRounds:
    def test_amounts_are_stored_found_and_summed_with_every_digit(
        self, cache: Cache, declarations: Declarations
    ) -> None:
        for number, kind in enumerate(Kind, 1):
            row = summary(number, usd_amount=LARGEST, kind=kind)
            declarations.merge_rows([row])
            declarations.put_details([Declaration(row, head(number), (item(total=LARGEST, quantity=LARGEST),))])
        results = Results(cache)
        result = results.run("金额:99999999999999.9999")
        assert result.totals.usd == Decimal("199999999999999.9998")
        for found in result.first_rows:
            assert found.usd_amount == LARGEST
            loaded = declarations.get(found.entry_id)
            assert loaded is not None
            assert (loaded.items[0].total, loaded.items[0].quantity) == (LARGEST, LARGEST)
        assert len(results.run("金额:>99999999999999.9998").first_rows) == len(Kind)
        assert results.run("金额:<99999999999999.9999").first_rows == ()

    def test_ranges_without_a_gap_are_one_and_others_are_not(self) -> None:
        low, middle, high = Decimal("1234567.0001"), Decimal("1234567.0002"), Decimal("1234567.0004")
        assert numbers_union([Numbers(low, low), Numbers(middle, middle), Numbers(high, high)]) == [
            Numbers(low, middle),
            Numbers(high, high),
        ]
        assert numbers_intersection([Numbers(low=low, low_open=True), Numbers(high=high, high_open=True)]) == Numbers(
            middle, Decimal("1234567.0003")
        )
