import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.declaration.query import DateRange
from jiacha_tui.declaration.rules import (
    MAX_DOWNLOAD_BYTES,
    MAX_DOWNLOAD_ITEMS,
    Refusal,
    check_download,
    check_download_size,
)
from jiacha_tui.declaration.split import DailyVolume, SplitPart, split

START = date(2025, 5, 20)

# Around the caps, where a split is decided; days far apart as well as neighbours.
ITEMS = st.sampled_from([1, 200, 333, 500, 501, 999, MAX_DOWNLOAD_ITEMS, MAX_DOWNLOAD_ITEMS + 1, 5000])
SIZES = st.sampled_from(
    [0, 1, MAX_DOWNLOAD_BYTES // 3, MAX_DOWNLOAD_BYTES // 2, MAX_DOWNLOAD_BYTES, MAX_DOWNLOAD_BYTES + 1]
)
OFFSETS = st.one_of(st.integers(0, 12), st.integers(0, 100))
LOADS = st.builds(
    lambda offset, declarations, items, size: DailyVolume(START + timedelta(days=offset), declarations, items, size),
    OFFSETS,
    st.integers(0, 3),
    ITEMS,
    SIZES,
)
DAYS = st.lists(LOADS, max_size=9, unique_by=lambda load: load.day)


def load(offset: int, items: int = 1, size: int = 1) -> DailyVolume:
    return DailyVolume(START + timedelta(days=offset), 1, items, size)


def loaded(days: Sequence[DailyVolume]) -> list[DailyVolume]:
    return sorted((load for load in days if load.declarations), key=lambda load: load.day)


def every_split(days: Sequence[DailyVolume]) -> Iterator[list[Sequence[DailyVolume]]]:
    """Every way to cut the days, in order, into runs."""
    for cuts in itertools.product([False, True], repeat=len(days) - 1):
        edges = [0, *(index for index, cut in enumerate(cuts, start=1) if cut), len(days)]
        yield [days[first:last] for first, last in itertools.pairwise(edges)]


def passes(run: Sequence[DailyVolume]) -> bool:
    span = DateRange(run[0].day, run[-1].day)
    try:
        check_download(span, sum(load.items for load in run))
        check_download_size(span, sum(load.bytes_estimate for load in run))
    except Refusal:
        return False
    return True


@given(DAYS)
def test_no_split_has_fewer_parts(days: list[DailyVolume]) -> None:
    with_something = loaded(days)
    if not with_something:
        assert split(days) == ()
        return
    fewest = min(len(runs) for runs in every_split(with_something) if all(passes(run) for run in runs))
    assert len(split(days)) == fewest


@given(DAYS)
def test_each_part_passes_the_rules_of_a_download(days: list[DailyVolume]) -> None:
    for part in split(days):
        check_download(part.date_range, part.items)
        check_download_size(part.date_range, part.bytes_estimate)
        assert part.passes


@given(DAYS)
def test_the_parts_hold_every_declaration_once(days: list[DailyVolume]) -> None:
    parts = split(days)
    for earlier, later in itertools.pairwise(parts):
        assert earlier.date_range.end < later.date_range.start
    for part in parts:
        within = [load for load in loaded(days) if load.day in part.date_range]
        assert (part.date_range.start, part.date_range.end) == (within[0].day, within[-1].day)
        assert part.declarations == sum(load.declarations for load in within)
        assert part.items == sum(load.items for load in within)
        assert part.bytes_estimate == sum(load.bytes_estimate for load in within)
    assert sum(part.declarations for part in parts) == sum(load.declarations for load in days)


@given(st.data(), DAYS)
def test_the_order_of_the_days_does_not_matter(data: st.DataObject, days: list[DailyVolume]) -> None:
    assert split(data.draw(st.permutations(days))) == split(days)


def test_nothing_is_split_into_nothing() -> None:
    assert split([]) == ()


def test_empty_days_are_left_out_even_between_two_parts() -> None:
    empty = DailyVolume(START + timedelta(days=1), 0, 0, 0)
    assert [part.date_range for part in split([load(0, 600), empty, load(2, 600)])] == [
        DateRange.day(START),
        DateRange.day(START + timedelta(days=2)),
    ]


def test_thirty_days_are_one_part_and_the_thirty_first_is_another() -> None:
    assert len(split([load(0), load(29)])) == 1
    assert len(split([load(0), load(30)])) == 2


def test_a_thousand_items_are_one_part_and_one_more_are_two() -> None:
    assert len(split([load(0, 400), load(1, 600)])) == 1
    assert len(split([load(0, 400), load(1, 601)])) == 2


def test_eight_mebibytes_are_one_part_and_one_more_byte_are_two() -> None:
    half = MAX_DOWNLOAD_BYTES // 2
    assert len(split([load(0, size=half), load(1, size=half)])) == 1
    assert len(split([load(0, size=half), load(1, size=half + 1)])) == 2


def test_a_single_day_over_every_cap_stays_one_part() -> None:
    huge = load(3, 40_000, 10 * MAX_DOWNLOAD_BYTES)
    assert split([load(2), huge, load(4)]) == (
        SplitPart(DateRange.day(START + timedelta(days=2)), 1, 1, 1),
        SplitPart(DateRange.day(huge.day), 1, 40_000, 10 * MAX_DOWNLOAD_BYTES),
        SplitPart(DateRange.day(START + timedelta(days=4)), 1, 1, 1),
    )


def test_a_part_knows_that_a_day_of_it_may_hold_more() -> None:
    unsure = dataclasses.replace(load(1), items_known=False)
    assert [part.items_known for part in split([load(0), unsure, load(40)])] == [False, True]


def test_a_day_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        split([load(0), load(0)])


@pytest.mark.parametrize("figures", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_a_day_cannot_hold_less_than_nothing(figures: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="less than nothing"):
        DailyVolume(START, *figures)
