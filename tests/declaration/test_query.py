from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.query import DateRange

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
DATE_RANGES = st.builds(
    lambda start, length: DateRange(start, start + timedelta(days=length)), DAYS, st.integers(0, 400)
)


def test_a_single_day_has_one_day() -> None:
    assert DateRange.day(date(2025, 6, 1)).days == 1


def test_both_ends_are_counted() -> None:
    assert DateRange(date(2025, 6, 1), date(2025, 6, 30)).days == 30


@pytest.mark.parametrize(
    ("year", "month", "last"),
    [(2024, 2, 29), (2025, 2, 28), (2025, 6, 30), (2025, 12, 31)],
)
def test_a_month_ends_on_its_last_day(year: int, month: int, last: int) -> None:
    assert DateRange.month(year, month) == DateRange(date(year, month, 1), date(year, month, last))


def test_a_date_range_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="2025-06-01"):
        DateRange(date(2025, 6, 2), date(2025, 6, 1))


@given(DATE_RANGES)
def test_iterating_gives_exactly_the_days_that_it_contains(date_range: DateRange) -> None:
    days = list(date_range)
    assert len(days) == date_range.days
    assert days == sorted(set(days))
    assert all(day in date_range for day in days)
    assert date_range.start - timedelta(days=1) not in date_range
    assert date_range.end + timedelta(days=1) not in date_range
