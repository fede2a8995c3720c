"""Named filters and the history of used ones."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from db.cache import Cache
from db.saved_filters import MAX_HISTORY, SavedFilter, SavedFilters


@pytest.fixture
def filters(cache: Cache) -> SavedFilters:
    seconds = count()
    clock: Callable[[], datetime] = lambda: datetime(2026, 6, 30, tzinfo=UTC) + timedelta(seconds=next(seconds))  # noqa: E731
    return SavedFilters(cache, clock)


def test_a_name_has_one_filter(filters: SavedFilters) -> None:
    filters.save("甲", "美国")
    filters.save("乙", "德国")
    filters.save("甲", "日本")
    assert filters.all() == (SavedFilter("甲", "日本"), SavedFilter("乙", "德国"))


def test_a_filter_is_renamed_and_deleted(filters: SavedFilters) -> None:
    for name in ("甲", "乙", "丙"):
        filters.save(name, f"货:{name}")
    filters.rename("甲", "乙")
    assert set(filters.all()) == {SavedFilter("乙", "货:甲"), SavedFilter("丙", "货:丙")}
    filters.rename("没有", "丙")
    filters.rename("丙", "丙")
    filters.delete("乙")
    filters.delete("没有")
    assert filters.all() == (SavedFilter("丙", "货:丙"),)


def test_the_history_has_each_filter_once_and_forgets_the_oldest(filters: SavedFilters) -> None:
    for number in range(MAX_HISTORY + 5):
        filters.remember(f"{number}")
    filters.remember("20")
    expected = [f"{number}" for number in range(5, MAX_HISTORY + 5) if number != 20]
    assert filters.history() == (*expected, "20")


def test_a_pasted_list_is_not_kept_in_the_history(filters: SavedFilters) -> None:
    filters.remember("1" * 30_000)
    assert filters.history() == ()
