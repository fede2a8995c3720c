"""A sync that was cut goes on where it stood, and only then."""

from datetime import UTC, date, datetime, timedelta

import pytest

from db.cache import Cache
from db.key import CacheKey
from db.list_checkpoints import RESUMED_WITHIN, ListCheckpoints
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange

MAY, JUNE = DateRange.month(2025, 5), DateRange.month(2025, 6)
CLEARED, DEPARTURE = Kind.CLEARED, Kind.DEPARTURE_PORT


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2025, 7, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def months(cache: Cache, clock: Clock) -> ListCheckpoints:
    return ListCheckpoints(cache, clock)


def test_a_list_begins_with_its_first_page(months: ListCheckpoints) -> None:
    assert months.begin(CLEARED, JUNE) == 1
    assert months.begin(CLEARED, JUNE) == 1


def test_a_cut_list_goes_on_with_the_page_that_was_not_kept(months: ListCheckpoints) -> None:
    months.begin(CLEARED, JUNE)
    months.record_page(CLEARED, JUNE, 1, 90)
    months.record_page(CLEARED, JUNE, 2, 90)
    assert months.begin(CLEARED, JUNE) == 3
    assert months.begin(DEPARTURE, JUNE) == 1
    assert months.begin(CLEARED, MAY) == 1


def test_a_finished_list_is_passed_over_until_the_sync_is_through(months: ListCheckpoints, clock: Clock) -> None:
    months.begin(CLEARED, JUNE)
    months.record_page(CLEARED, JUNE, 1, 7)
    months.finish(CLEARED, JUNE)
    assert months.begin(CLEARED, JUNE) is None
    months.record_sync(clock.now)
    assert months.begin(CLEARED, JUNE) == 1


def test_all_of_it_survives_a_new_program(cache: Cache, months: ListCheckpoints, clock: Clock, key: CacheKey) -> None:
    months.begin(CLEARED, MAY)
    months.finish(CLEARED, MAY)
    months.begin(CLEARED, JUNE)
    months.record_page(CLEARED, JUNE, 4, 500)
    cache.close()
    again = Cache.open(cache.path, key)
    resumed = ListCheckpoints(again, clock)
    assert (resumed.begin(CLEARED, MAY), resumed.begin(CLEARED, JUNE)) == (None, 5)
    again.close()


@pytest.mark.parametrize("finished", [False, True])
def test_what_was_cut_long_ago_is_read_anew(months: ListCheckpoints, clock: Clock, finished: bool) -> None:
    months.begin(CLEARED, JUNE)
    months.record_page(CLEARED, JUNE, 4, 500)
    if finished:
        months.finish(CLEARED, JUNE)
    clock.now += RESUMED_WITHIN - timedelta(seconds=1)
    assert months.begin(CLEARED, JUNE) == (None if finished else 5)
    clock.now += timedelta(seconds=1)
    assert months.begin(CLEARED, JUNE) == 1
    assert months.begin(CLEARED, JUNE) == 1


def test_a_month_that_goes_on_is_read_anew(months: ListCheckpoints) -> None:
    yesterday = DateRange(date(2025, 7, 1), date(2025, 7, 8))
    months.begin(CLEARED, yesterday)
    months.finish(CLEARED, yesterday)
    assert months.begin(CLEARED, DateRange(date(2025, 7, 1), date(2025, 7, 9))) == 1


def test_a_list_that_shrank_is_read_from_its_first_page_after_a_cut(months: ListCheckpoints) -> None:
    months.begin(CLEARED, JUNE)
    for page, total in ((1, 90), (2, 89), (3, 89)):
        months.record_page(CLEARED, JUNE, page, total)
    assert months.begin(CLEARED, JUNE) == 1


def test_a_list_that_grows_goes_on(months: ListCheckpoints) -> None:
    months.begin(CLEARED, JUNE)
    for page, total in ((1, 90), (2, 91)):
        months.record_page(CLEARED, JUNE, page, total)
    assert months.begin(CLEARED, JUNE) == 3


def test_the_last_sync_is_the_latest(months: ListCheckpoints, clock: Clock) -> None:
    assert months.last_sync() is None
    later = clock.now + timedelta(hours=1)
    for moment in (later, clock.now):
        months.record_sync(moment)
    assert months.last_sync() == later
