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

# Values around the caps, where the split is decided. The days are both neighbours and far apart.
ITEMS = st.sampled_from([1, 200, 333, 500, 501, 999, MAX_DOWNLOAD_ITEMS, MAX_DOWNLOAD_ITEMS + 1, 5000])
SIZES = st.sampled_from(
    [0, 1, MAX_DOWNLOAD_BYTES // 3, MAX_DOWNLOAD_BYTES // 2, MAX_DOWNLOAD_BYTES, MAX_DOWNLOAD_BYTES + 1]
)
OFFSETS = st.one_of(st.integers(0, 12), st.integers(0, 100))
VOLUMES = st.builds(
    lambda offset, declarations, items, size: DailyVolume(START + timedelta(days=offset), declarations, items, size),
    OFFSETS,
    st.integers(0, 3),
    ITEMS,
    SIZES,
)
DAYS = st.lists(VOLUMES, max_size=9, unique_by=lambda volume: volume.day)


def volume(offset: int, items: int = 1, size: int = 1) -> DailyVolume:
    return DailyVolume(START + timedelta(days=offset), 1, items, size)


def with_declarations(days: Sequence[DailyVolume]) -> list[DailyVolume]:
    return sorted((volume for volume in days if volume.declarations), key=lambda volume: volume.day)


def every_split(days: Sequence[DailyVolume]) -> Iterator[list[Sequence[DailyVolume]]]:
    """Every way to divide the sorted days into runs of consecutive days."""
    for cuts in itertools.product([False, True], repeat=len(days) - 1):
        edges = [0, *(index for index, cut in enumerate(cuts, start=1) if cut), len(days)]
        yield [days[first:last] for first, last in itertools.pairwise(edges)]


def is_within_caps(run: Sequence[DailyVolume]) -> bool:
    date_range = DateRange(run[0].day, run[-1].day)
    try:
        check_download(date_range, sum(volume.items for volume in run))
        check_download_size(date_range, sum(volume.bytes_estimate for volume in run))
    except Refusal:
        return False
    return True


@given(DAYS)
def test_no_split_has_fewer_parts(days: list[DailyVolume]) -> None:
    exported = with_declarations(days)
    if not exported:
        assert split(days) == ()
        return
    fewest = min(len(runs) for runs in every_split(exported) if all(is_within_caps(run) for run in runs))
    assert len(split(days)) == fewest


@given(DAYS)
def test_each_part_is_within_the_caps(days: list[DailyVolume]) -> None:
    for part in split(days):
        check_download(part.date_range, part.items)
        check_download_size(part.date_range, part.bytes_estimate)
        assert part.is_within_caps


@given(DAYS)
def test_the_parts_contain_every_declaration_once(days: list[DailyVolume]) -> None:
    parts = split(days)
    for earlier, later in itertools.pairwise(parts):
        assert earlier.date_range.end < later.date_range.start
    for part in parts:
        within = [volume for volume in with_declarations(days) if volume.day in part.date_range]
        assert (part.date_range.start, part.date_range.end) == (within[0].day, within[-1].day)
        assert part.declarations == sum(volume.declarations for volume in within)
        assert part.items == sum(volume.items for volume in within)
        assert part.bytes_estimate == sum(volume.bytes_estimate for volume in within)
    assert sum(part.declarations for part in parts) == sum(volume.declarations for volume in days)


@given(st.data(), DAYS)
def test_the_order_of_the_days_does_not_matter(data: st.DataObject, days: list[DailyVolume]) -> None:
    assert split(data.draw(st.permutations(days))) == split(days)


def test_no_days_give_no_parts() -> None:
    assert split([]) == ()


def test_days_without_declarations_are_left_out() -> None:
    empty = DailyVolume(START + timedelta(days=1), 0, 0, 0)
    assert [part.date_range for part in split([volume(0, 600), empty, volume(2, 600)])] == [
        DateRange.day(START),
        DateRange.day(START + timedelta(days=2)),
    ]


def test_a_part_spans_at_most_thirty_days() -> None:
    assert len(split([volume(0), volume(29)])) == 1
    assert len(split([volume(0), volume(30)])) == 2


def test_a_part_has_at_most_a_thousand_items() -> None:
    assert len(split([volume(0, 400), volume(1, 600)])) == 1
    assert len(split([volume(0, 400), volume(1, 601)])) == 2


def test_a_part_has_at_most_eight_mebibytes() -> None:
    half = MAX_DOWNLOAD_BYTES // 2
    assert len(split([volume(0, size=half), volume(1, size=half)])) == 1
    assert len(split([volume(0, size=half), volume(1, size=half + 1)])) == 2


def test_a_single_day_over_every_cap_is_one_part() -> None:
    huge = volume(3, 40_000, 10 * MAX_DOWNLOAD_BYTES)
    assert split([volume(2), huge, volume(4)]) == (
        SplitPart(DateRange.day(START + timedelta(days=2)), 1, 1, 1),
        SplitPart(DateRange.day(huge.day), 1, 40_000, 10 * MAX_DOWNLOAD_BYTES),
        SplitPart(DateRange.day(START + timedelta(days=4)), 1, 1, 1),
    )


def test_a_part_with_incomplete_details_does_not_know_its_items() -> None:
    incomplete = dataclasses.replace(volume(1), items_known=False)
    assert [part.items_known for part in split([volume(0), incomplete, volume(40)])] == [False, True]


def test_a_repeated_day_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        split([volume(0), volume(0)])


@pytest.mark.parametrize("figures", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_a_negative_volume_is_refused(figures: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="negative volume"):
        DailyVolume(START, *figures)
