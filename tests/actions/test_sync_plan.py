"""Which lists a sync reads: all of them, what can have changed since, or the months before those of a sync."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from db.list_checkpoints import LastReading
from jiacha_tui.actions.sync_plan import (
    NEWEST_MONTHS,
    READ_AGAIN_AFTER,
    SyncPlan,
    plan_all,
    plan_changes,
    plan_older,
)
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRangeQuery

NOW = datetime(2026, 6, 30, 2, tzinfo=UTC)
TODAY = date(2026, 6, 30)
MONTHS = 12

ages = st.one_of(st.none(), st.timedeltas(timedelta(0), READ_AGAIN_AFTER * 2))


def changes(ages_of_lists: dict[DateRangeQuery, timedelta | None]) -> SyncPlan:
    readings = {
        (query.date_range.start, query.kind): LastReading(query.date_range.end, NOW - age)
        for query, age in ages_of_lists.items()
        if age is not None
    }
    return plan_changes(TODAY, MONTHS, readings, NOW)


@given(st.lists(ages, min_size=MONTHS * len(Kind), max_size=MONTHS * len(Kind)))
def test_the_newest_months_and_each_with_a_list_that_is_missing_or_a_week_old_are_read(
    drawn: list[timedelta | None],
) -> None:
    lists = plan_all(TODAY, MONTHS).queries
    plan = changes(dict(zip(lists, drawn, strict=True)))
    newest = NEWEST_MONTHS * len(Kind)
    due = {query.date_range for query, age in zip(lists, drawn, strict=True) if age is None or age >= READ_AGAIN_AFTER}
    assert plan.queries[:newest] == lists[:newest]
    assert list(plan.queries[newest:]) == [query for query in lists[newest:] if query.date_range in due]
    assert sorted((*plan.queries, *plan.left_out), key=lists.index) == list(lists)


def test_a_month_that_was_read_before_it_had_ended_is_read_again() -> None:
    lists = plan_all(TODAY, MONTHS).queries
    readings = {
        (query.date_range.start, query.kind): LastReading(query.date_range.end - timedelta(days=1), NOW)
        for query in lists
    }
    assert plan_changes(TODAY, MONTHS, readings, NOW) == SyncPlan(lists)


def test_the_older_months_end_where_those_of_a_sync_begin() -> None:
    plan = plan_older(TODAY, 18, 36)
    assert plan.left_out == plan_all(TODAY, 18).queries
    assert plan.left_out + plan.queries == plan_all(TODAY, 36).queries
    assert plan_older(TODAY, 36, 36).queries == ()
