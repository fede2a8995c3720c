"""An interrupted sync continues each list where it stopped."""

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
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2025, 7, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def checkpoints(cache: Cache, clock: Clock) -> ListCheckpoints:
    return ListCheckpoints(cache, clock)


def test_a_list_starts_with_its_first_page(checkpoints: ListCheckpoints) -> None:
    assert checkpoints.begin(CLEARED, JUNE) == 1
    assert checkpoints.begin(CLEARED, JUNE) == 1


def test_an_interrupted_list_continues_with_the_next_page(checkpoints: ListCheckpoints) -> None:
    checkpoints.begin(CLEARED, JUNE)
    checkpoints.record_page(CLEARED, JUNE, 1, 90)
    checkpoints.record_page(CLEARED, JUNE, 2, 90)
    assert checkpoints.begin(CLEARED, JUNE) == 3
    assert checkpoints.begin(DEPARTURE, JUNE) == 1
    assert checkpoints.begin(CLEARED, MAY) == 1


def test_a_finished_list_is_skipped_until_the_sync_is_completed(checkpoints: ListCheckpoints, clock: Clock) -> None:
    checkpoints.begin(CLEARED, JUNE)
    checkpoints.record_page(CLEARED, JUNE, 1, 7)
    checkpoints.finish(CLEARED, JUNE)
    assert checkpoints.begin(CLEARED, JUNE) is None
    checkpoints.record_sync(clock.now)
    assert checkpoints.begin(CLEARED, JUNE) == 1


def test_checkpoints_are_still_there_when_the_cache_is_opened_again(
    cache: Cache, checkpoints: ListCheckpoints, clock: Clock, key: CacheKey
) -> None:
    checkpoints.begin(CLEARED, MAY)
    checkpoints.finish(CLEARED, MAY)
    checkpoints.begin(CLEARED, JUNE)
    checkpoints.record_page(CLEARED, JUNE, 4, 500)
    cache.close()
    again = Cache.open(cache.path, key)
    resumed = ListCheckpoints(again, clock)
    assert (resumed.begin(CLEARED, MAY), resumed.begin(CLEARED, JUNE)) == (None, 5)
    again.close()


@pytest.mark.parametrize("finished", [False, True])
def test_a_list_that_was_interrupted_long_ago_starts_again(
    checkpoints: ListCheckpoints, clock: Clock, finished: bool
) -> None:
    checkpoints.begin(CLEARED, JUNE)
    checkpoints.record_page(CLEARED, JUNE, 4, 500)
    if finished:
        checkpoints.finish(CLEARED, JUNE)
    clock.now += RESUMED_WITHIN - timedelta(seconds=1)
    assert checkpoints.begin(CLEARED, JUNE) == (None if finished else 5)
    clock.now += timedelta(seconds=1)
    assert checkpoints.begin(CLEARED, JUNE) == 1
    assert checkpoints.begin(CLEARED, JUNE) == 1


def test_the_current_month_starts_again_on_the_next_day(checkpoints: ListCheckpoints) -> None:
    yesterday = DateRange(date(2025, 7, 1), date(2025, 7, 8))
    checkpoints.begin(CLEARED, yesterday)
    checkpoints.finish(CLEARED, yesterday)
    assert checkpoints.begin(CLEARED, DateRange(date(2025, 7, 1), date(2025, 7, 9))) == 1


def test_an_interrupted_list_that_became_shorter_starts_again(checkpoints: ListCheckpoints) -> None:
    checkpoints.begin(CLEARED, JUNE)
    for page, total in ((1, 90), (2, 89), (3, 89)):
        checkpoints.record_page(CLEARED, JUNE, page, total)
    assert checkpoints.begin(CLEARED, JUNE) == 1


def test_an_interrupted_list_that_became_longer_continues(checkpoints: ListCheckpoints) -> None:
    checkpoints.begin(CLEARED, JUNE)
    for page, total in ((1, 90), (2, 91)):
        checkpoints.record_page(CLEARED, JUNE, page, total)
    assert checkpoints.begin(CLEARED, JUNE) == 3


def test_the_last_sync_is_the_latest_one(checkpoints: ListCheckpoints, clock: Clock) -> None:
    assert checkpoints.last_sync() is None
    later = clock.now + timedelta(hours=1)
    for time in (later, clock.now):
        checkpoints.record_sync(time)
    assert checkpoints.last_sync() == later
