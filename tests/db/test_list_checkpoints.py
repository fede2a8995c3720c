"""An interrupted sync continues each list where it stopped."""

from datetime import UTC, date, datetime, timedelta

import pytest

from db.cache import Cache
from db.key import CacheKey
from db.list_checkpoints import RESUMED_WITHIN, LastReading, ListCheckpoints, SyncRecord
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery

MAY, JUNE = DateRange.month(2025, 5), DateRange.month(2025, 6)
CLEARED, DEPARTURE = Kind.CLEARED, Kind.DEPARTURE_PORT
READING = 7


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
    assert checkpoints.begin(CLEARED, JUNE, READING) == 1
    assert checkpoints.begin(CLEARED, JUNE, READING) == 1


def test_an_interrupted_list_continues_with_the_next_page(checkpoints: ListCheckpoints) -> None:
    checkpoints.begin(CLEARED, JUNE, READING)
    checkpoints.record_page(CLEARED, JUNE, 1, 90)
    checkpoints.record_page(CLEARED, JUNE, 2, 90)
    assert checkpoints.begin(CLEARED, JUNE, READING) == 3
    assert checkpoints.begin(DEPARTURE, JUNE, READING) == 1
    assert checkpoints.begin(CLEARED, MAY, READING) == 1


def test_the_greatest_number_of_declarations_that_was_announced_is_known(checkpoints: ListCheckpoints) -> None:
    assert checkpoints.announced(CLEARED, JUNE) == 0
    checkpoints.begin(CLEARED, JUNE, READING)
    checkpoints.record_page(CLEARED, JUNE, 1, 90)
    checkpoints.record_page(CLEARED, JUNE, 2, 89)
    assert checkpoints.announced(CLEARED, JUNE) == 90
    assert checkpoints.announced(CLEARED, MAY) == 0


def test_a_finished_list_is_skipped_until_the_sync_is_completed(checkpoints: ListCheckpoints, clock: Clock) -> None:
    checkpoints.begin(CLEARED, JUNE, READING)
    checkpoints.record_page(CLEARED, JUNE, 1, 7)
    checkpoints.finish(CLEARED, JUNE)
    assert checkpoints.begin(CLEARED, JUNE, READING) is None
    checkpoints.record_sync(clock.now)
    assert checkpoints.begin(CLEARED, JUNE, READING) == 1


def test_checkpoints_are_still_there_when_the_cache_is_opened_again(
    cache: Cache, checkpoints: ListCheckpoints, clock: Clock, key: CacheKey
) -> None:
    checkpoints.begin(CLEARED, MAY, READING)
    checkpoints.finish(CLEARED, MAY)
    checkpoints.begin(CLEARED, JUNE, READING)
    checkpoints.record_page(CLEARED, JUNE, 4, 500)
    cache.close()
    again = Cache.open(cache.path, key)
    resumed = ListCheckpoints(again, clock)
    assert (resumed.begin(CLEARED, MAY, READING), resumed.begin(CLEARED, JUNE, READING)) == (None, 5)
    again.close()


@pytest.mark.parametrize("finished", [False, True])
def test_a_list_that_was_interrupted_long_ago_starts_again(
    checkpoints: ListCheckpoints, clock: Clock, finished: bool
) -> None:
    checkpoints.begin(CLEARED, JUNE, READING)
    checkpoints.record_page(CLEARED, JUNE, 4, 500)
    if finished:
        checkpoints.finish(CLEARED, JUNE)
    clock.now += RESUMED_WITHIN - timedelta(seconds=1)
    assert checkpoints.begin(CLEARED, JUNE, READING) == (None if finished else 5)
    clock.now += timedelta(seconds=1)
    assert checkpoints.begin(CLEARED, JUNE, READING) == 1
    assert checkpoints.begin(CLEARED, JUNE, READING) == 1


def test_the_current_month_starts_again_on_the_next_day(checkpoints: ListCheckpoints) -> None:
    yesterday = DateRange(date(2025, 7, 1), date(2025, 7, 8))
    checkpoints.begin(CLEARED, yesterday, READING)
    checkpoints.finish(CLEARED, yesterday)
    assert checkpoints.begin(CLEARED, DateRange(date(2025, 7, 1), date(2025, 7, 9)), READING) == 1


def test_an_interrupted_list_that_became_shorter_starts_again(checkpoints: ListCheckpoints) -> None:
    checkpoints.begin(CLEARED, JUNE, READING)
    for page, total in ((1, 90), (2, 89), (3, 89)):
        checkpoints.record_page(CLEARED, JUNE, page, total)
    assert checkpoints.begin(CLEARED, JUNE, READING) == 1


def test_an_interrupted_list_that_became_longer_continues(checkpoints: ListCheckpoints) -> None:
    checkpoints.begin(CLEARED, JUNE, READING)
    for page, total in ((1, 90), (2, 91)):
        checkpoints.record_page(CLEARED, JUNE, page, total)
    assert checkpoints.begin(CLEARED, JUNE, READING) == 3


def test_an_interrupted_sync_continues_its_reading_for_some_hours(checkpoints: ListCheckpoints, clock: Clock) -> None:
    assert checkpoints.current_pass() is None
    checkpoints.begin(CLEARED, JUNE, READING)
    assert checkpoints.current_pass() == READING
    clock.now += RESUMED_WITHIN
    assert checkpoints.current_pass() is None
    checkpoints.begin(CLEARED, JUNE, READING + 1)
    checkpoints.finish(CLEARED, JUNE)
    assert checkpoints.current_pass() == READING + 1
    checkpoints.record_sync(clock.now)
    assert checkpoints.current_pass() is None


def test_a_list_of_another_reading_starts_again(checkpoints: ListCheckpoints) -> None:
    checkpoints.begin(CLEARED, JUNE, READING)
    checkpoints.record_page(CLEARED, JUNE, 1, 90)
    checkpoints.finish(CLEARED, JUNE)
    assert checkpoints.begin(CLEARED, JUNE, READING + 1) == 1


def test_only_lists_that_were_read_to_their_end_and_whose_rows_could_all_be_used_are_complete(
    checkpoints: ListCheckpoints,
) -> None:
    for kind, month in ((CLEARED, MAY), (CLEARED, JUNE), (DEPARTURE, JUNE)):
        checkpoints.begin(kind, month, READING)
    checkpoints.record_page(CLEARED, MAY, 1, 90)
    checkpoints.record_page(CLEARED, JUNE, 1, 40, rejected=True)
    checkpoints.record_page(CLEARED, JUNE, 2, 40)
    checkpoints.finish(CLEARED, JUNE)
    checkpoints.finish(DEPARTURE, JUNE)
    assert checkpoints.complete_lists(READING) == (DateRangeQuery(JUNE, DEPARTURE),)
    assert checkpoints.complete_lists(READING + 1) == ()
    assert checkpoints.begin(DEPARTURE, JUNE, READING) is None
    assert checkpoints.begin(CLEARED, JUNE, READING) == 1, "the port may have corrected the row"
    checkpoints.record_page(CLEARED, JUNE, 1, 40)
    checkpoints.finish(CLEARED, JUNE)
    checkpoints.finish(CLEARED, MAY)
    assert checkpoints.complete_lists(READING) == (
        DateRangeQuery(JUNE, CLEARED),
        DateRangeQuery(JUNE, DEPARTURE),
        DateRangeQuery(MAY, CLEARED),
    )


def test_the_last_sync_is_the_latest_one(checkpoints: ListCheckpoints, clock: Clock) -> None:
    assert checkpoints.last_sync() is None
    later = clock.now + timedelta(hours=1)
    for time in (later, clock.now):
        checkpoints.record_sync(time)
    assert checkpoints.last_sync() == SyncRecord(later, is_complete=True)


def test_a_sync_that_was_not_complete_is_known_as_such_when_the_cache_is_opened_again(
    cache: Cache, checkpoints: ListCheckpoints, clock: Clock, key: CacheKey
) -> None:
    assert checkpoints.last_complete_sync() is None
    checkpoints.record_sync(clock.now)
    checkpoints.begin(CLEARED, JUNE, READING)
    later = clock.now + timedelta(hours=1)
    checkpoints.record_sync(later, is_complete=False, lists_done=False)
    assert checkpoints.current_pass() == READING, "the next sync goes on with this list"
    cache.close()
    again = Cache.open(cache.path, key)
    reopened = ListCheckpoints(again, clock)
    assert reopened.last_sync() == SyncRecord(later, is_complete=False)
    assert reopened.last_complete_sync() == clock.now
    reopened.record_sync(later)
    assert reopened.last_sync() == SyncRecord(later, is_complete=True), "of two at one moment the newer counts"
    again.close()


def test_the_last_complete_reading_of_a_list_is_kept_until_it_is_begun_again(
    checkpoints: ListCheckpoints, clock: Clock
) -> None:
    for month in (MAY, JUNE):
        checkpoints.begin(CLEARED, month, READING)
    checkpoints.finish(CLEARED, JUNE)
    assert checkpoints.last_readings() == {}
    checkpoints.record_readings(checkpoints.complete_lists(READING))
    read = {(JUNE.start, CLEARED): LastReading(JUNE.end, clock.now)}
    assert checkpoints.last_readings() == read, "the list of May was not read to its end"
    checkpoints.record_sync(clock.now)
    assert checkpoints.last_readings() == read
    checkpoints.begin(CLEARED, JUNE, READING + 1)
    assert checkpoints.last_readings() == {}


def test_only_lists_that_were_compared_count_as_read(checkpoints: ListCheckpoints, clock: Clock) -> None:
    for kind in Kind:
        checkpoints.begin(kind, JUNE, READING)
        checkpoints.finish(kind, JUNE)
    checkpoints.record_readings([DateRangeQuery(JUNE, DEPARTURE)])
    assert checkpoints.last_readings() == {(JUNE.start, DEPARTURE): LastReading(JUNE.end, clock.now)}


def test_the_end_of_a_pass_is_no_sync(checkpoints: ListCheckpoints) -> None:
    checkpoints.begin(CLEARED, JUNE, READING)
    checkpoints.finish(CLEARED, JUNE)
    checkpoints.end_pass()
    assert checkpoints.current_pass() is None
    assert checkpoints.last_sync() is None


def test_a_list_with_a_row_that_could_not_be_used_counts_as_not_read(checkpoints: ListCheckpoints) -> None:
    checkpoints.begin(CLEARED, JUNE, READING)
    checkpoints.record_page(CLEARED, JUNE, 1, 40, rejected=True)
    checkpoints.finish(CLEARED, JUNE)
    checkpoints.record_readings(checkpoints.complete_lists(READING))
    assert checkpoints.last_readings() == {}
