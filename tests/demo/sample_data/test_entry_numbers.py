"""Entry numbers: no two alike, and nine digits of serial even for the largest population."""

from datetime import date

import pytest

from jiacha_tui.declaration.model import Kind
from jiacha_tui.demo.sample_data.companies import MAX_COMPANIES
from jiacha_tui.demo.sample_data.entry_numbers import EntryNumbers


def test_no_two_declarations_of_neighbouring_days_share_a_number() -> None:
    numbers = EntryNumbers(64)
    seen = [
        numbers.number(company, kind, date(2026, 5, day), ordinal, declared_in=2026)
        for company in range(MAX_COMPANIES)
        for kind in Kind
        for day in (4, 5)
        for ordinal in range(64)
    ]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("last_day", [date(2026, 12, 31), date(2027, 1, 3)])
def test_the_last_day_of_the_largest_population_has_nine_digits_of_serial(last_day: date) -> None:
    numbers = EntryNumbers.for_busiest_day(3 * 10_000_000 // 510)
    highest = max(numbers.number(0, Kind.CLEARED, last_day, ordinal, declared_in=2026) for ordinal in range(10_000))
    assert 20_260 * 10**9 < highest < 20_261 * 10**9
