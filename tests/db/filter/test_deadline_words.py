"""The words 期限:<30天 and 期限:已过, compared with the rules applied to each declaration."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.cache import Cache
from db.declarations import Declarations
from db.filter import FilterError, describe_filter, parse
from db.results import Results
from jiacha_tui.declaration.deadlines import DeadlineRules
from jiacha_tui.declaration.model import Summary
from jiacha_tui.declaration.query import DateRange
from tests.filters import parse_official

EXPORTED = (None, date(2023, 4, 30), date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1), date(2025, 6, 30))
ROWS = {f"22332025{n:010d}": day for n, day in enumerate(EXPORTED)}
OTHER = DeadlineRules(6, 15, 24)
TODAYS = st.dates(date(2025, 1, 1), date(2029, 1, 1))


@pytest.fixture(scope="module")
def results(shared: Cache) -> Results:
    Declarations(shared).merge_rows([Summary(entry_id=entry_id, exported_on=day) for entry_id, day in ROWS.items()])
    return Results(shared)


def days_left(day: date | None, today: date, rules: DeadlineRules) -> int | None:
    """None if all deadlines have passed, or the day is unknown."""
    deadline = rules.next_deadline(day, today) if day is not None else None
    return (deadline - today).days if deadline is not None else None


@settings(max_examples=50)
@given(TODAYS, st.integers(1, 1500), st.integers(1, 1500), st.sampled_from((DeadlineRules(), OTHER)))
def test_deadlines_are_found_as_they_are_reckoned(
    results: Results, today: date, few: int, more: int, rules: DeadlineRules
) -> None:
    def found(text: str) -> set[str]:
        return set(results.run(parse(text, today, rules)).entry_ids())

    left = {entry_id: days_left(day, today, rules) for entry_id, day in ROWS.items()}
    below = {bound: {one for one, days in left.items() if days is not None and days < bound} for bound in (few, more)}
    passed = {one for one, days in left.items() if days is None and ROWS[one] is not None}
    assert found(f"期限:<{few}天") == found(f"due:<={few - 1}") == below[few]
    assert found(f"期限:<{few}天 期限:<{more}天") == below[few] & below[more]
    assert found(f"期限:<{few}天|<{more}天") == below[few] | below[more]
    assert found(f"-期限:<{few}天") == set(ROWS) - below[few]
    assert found("期限:已过") == passed
    assert found(f"期限:<{few}天|已过") == below[few] | passed
    assert found(f"期限:<{few}天 期限:已过") == set()


@pytest.mark.parametrize("text", ["期限:", "期限:>30天", "期限:<0天", "期限:美国", "期限:99999天"])
def test_what_is_no_number_of_days_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        parse_official(text)


def test_the_description_says_that_the_deadline_is_reckoned() -> None:
    assert describe_filter(parse_official("期限:<30天 -期限:已过")) == "29 天内到期（推算）；不是：期限已过（推算）"


def test_declarations_are_counted_by_day(shared: Cache, results: Results) -> None:
    assert results.run("").totals.declarations == len(EXPORTED)
    assert Declarations(shared).not_filed_by_day([DateRange(date(2024, 2, 29), date(2024, 12, 31))]) == {
        date(2024, 2, 29): 1,
        date(2024, 12, 31): 1,
    }
