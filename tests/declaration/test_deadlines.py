"""The deadlines of filing, reckoned from 出口日期."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.deadlines import DeadlineRules

OFFICIAL = DeadlineRules()
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
RULES = st.builds(DeadlineRules, st.integers(1, 12), st.integers(1, 31), st.integers(24, 120))


@pytest.mark.parametrize(
    ("exported_on", "today", "deadline"),
    [
        (date(2025, 1, 1), date(2025, 6, 1), date(2026, 4, 30)),
        (date(2025, 12, 31), date(2026, 4, 30), date(2026, 4, 30)),
        (date(2025, 12, 31), date(2026, 5, 1), date(2028, 12, 31)),
        (date(2024, 2, 29), date(2026, 5, 1), date(2027, 2, 28)),
        (date(2024, 2, 29), date(2027, 3, 1), None),
    ],
)
def test_the_next_deadline_is_30_april_then_36_months(exported_on: date, today: date, deadline: date | None) -> None:
    assert OFFICIAL.next_deadline(exported_on, today) == deadline


@given(RULES, DAYS, DAYS, st.integers(0, 2000))
def test_ranges_have_exactly_the_days_whose_next_deadline_is_near(
    rules: DeadlineRules, exported_on: date, today: date, days: int
) -> None:
    deadline = rules.next_deadline(exported_on, today)
    is_due = deadline is not None and deadline <= today + timedelta(days=days)
    assert is_due == any(exported_on in one for one in rules.due_within(today, days))
    assert (deadline is None) == (exported_on <= rules.passed_until(today))
