"""What the port no longer lists is marked, kept, findable and in no count; and only that."""

import dataclasses
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.cache import Cache
from db.declarations import Declarations, DownloadCounts, MergeCounts
from db.key import CacheKey
from db.port_list import PortList
from db.results import Results
from jiacha_tui.declaration.model import Declaration, Kind, Origin, Summary
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from tests.db.older_cache import insert_declarations, open_as_older_program
from tests.db.samples import declaration, entry_id, summary

MAY, JUNE = DateRange.month(2025, 5), DateRange.month(2025, 6)
CLEARED = DateRangeQuery(JUNE)
NOTICED = datetime(2025, 7, 9, 3, tzinfo=UTC)


@pytest.fixture
def port_list(cache: Cache) -> PortList:
    return PortList(cache)


def read(declarations: Declarations, port_list: PortList, listed: Iterable[Summary]) -> tuple[str, ...]:
    """Reads `listed` as the complete list of `CLEARED`, and returns the numbers that are marked."""
    list_pass = port_list.begin_pass()
    declarations.merge_rows(list(listed), list_pass)
    return port_list.mark_absent(CLEARED, list_pass, NOTICED)


def marked(cache: Cache) -> set[str]:
    return set(Results(cache).run("不再列出").entry_ids())


def test_what_a_complete_list_lacks_is_marked_with_the_time(
    cache: Cache, declarations: Declarations, port_list: PortList
) -> None:
    assert read(declarations, port_list, [summary(1), summary(2), summary(3)]) == ()
    list_pass = port_list.begin_pass()
    declarations.merge_rows([summary(2)], list_pass)
    assert port_list.count_absent(CLEARED, list_pass) == 2
    assert port_list.absent(CLEARED, list_pass, 1) == (entry_id(3),)
    assert port_list.absent(CLEARED, list_pass, None) == (entry_id(3), entry_id(1))
    assert port_list.listed_in(CLEARED, list_pass) == {entry_id(2)}
    assert port_list.mark_absent(CLEARED, list_pass, NOTICED) == (entry_id(1), entry_id(3))
    assert port_list.mark_absent(CLEARED, list_pass, NOTICED) == ()
    assert marked(cache) == {entry_id(1), entry_id(3)}
    assert {row.delisted_at for row in Results(cache).run("不再列出").first_rows} == {NOTICED}
    found = declarations.get(entry_id(1))
    assert found is not None
    assert (found.summary, found.delisted_at) == (summary(1), NOTICED)
    assert declarations.delisted([entry_id(1), entry_id(2), entry_id(9)]) == {entry_id(1): NOTICED}


def test_what_is_marked_is_shown_and_in_no_count(cache: Cache, declarations: Declarations, port_list: PortList) -> None:
    declarations.put_details([declaration(1), declaration(2)])
    declarations.merge_rows([summary(3)])
    read(declarations, port_list, [summary(1)])
    result = Results(cache).run("")
    totals = result.totals
    assert (totals.declarations, totals.items, totals.usd, totals.items_known) == (1, 2, Decimal("18234.00"), True)
    assert (totals.delisted, totals.rows, result.listed) == (2, 3, 1)
    assert len(result.first_rows) == len(result.window(0, 9)) == len(result.entry_ids()) == 3
    assert declarations.count() == 1
    assert declarations.download_counts() == DownloadCounts(1, 0, 0, delisted=2)
    assert (declarations.count_details_due(), declarations.next_details_due(9)) == (0, ())
    assert declarations.details_due([entry_id(3)]) == ()
    assert declarations.still_listed([entry_id(1), entry_id(2)]) == (entry_id(1),)
    assert [volume.declarations for volume in declarations.daily_volumes(JUNE, Kind.CLEARED)] == [1]
    found = declarations.query_summary(CLEARED)
    assert found is not None
    assert (found.declarations, found.first_entry_id, found.last_entry_id) == (1, entry_id(1), entry_id(1))
    assert Results(cache).run("未下载").entry_ids() == (entry_id(1),)
    assert len(Results(cache).run("来源:口岸").entry_ids()) == 3, "they came from the port"
    declarations.mark_downloaded(CLEARED, NOTICED)
    assert Results(cache).run("已下载").entry_ids() == (entry_id(1),)


def test_the_mark_is_removed_when_the_port_lists_it_again(
    cache: Cache, declarations: Declarations, port_list: PortList
) -> None:
    declarations.put_details([declaration(1)])
    declarations.merge_rows([summary(2)])
    read(declarations, port_list, [])
    assert declarations.merge_rows([summary(1), summary(2)]) == MergeCounts(0, 0, 2, (entry_id(1), entry_id(2)))
    assert declarations.merge_rows([summary(1), summary(2)]) == MergeCounts(0, 0, 2)
    assert marked(cache) == set()
    assert declarations.next_details_due(9) == (summary(2),), "only the detail that was due before"


def test_only_the_date_range_and_kind_of_the_list_are_marked(
    cache: Cache, declarations: Declarations, port_list: PortList
) -> None:
    others = [summary(2, exported_on=MAY.end), summary(3, kind=Kind.DEPARTURE_PORT), summary(4, exported_on=None)]
    declarations.merge_rows([summary(1), *others])
    assert read(declarations, port_list, []) == (entry_id(1),)


def test_a_declaration_that_moved_to_another_month_or_kind_is_not_missing(
    declarations: Declarations, port_list: PortList
) -> None:
    declarations.merge_rows([summary(1), summary(2)])
    list_pass = port_list.begin_pass()
    declarations.merge_rows([summary(1, exported_on=MAY.start), summary(2, kind=Kind.DEPARTURE_PORT)], list_pass)
    for query in (CLEARED, DateRangeQuery(MAY), DateRangeQuery(JUNE, Kind.DEPARTURE_PORT)):
        assert port_list.mark_absent(query, list_pass, NOTICED) == ()


def test_a_later_reading_counts_for_one_that_began_before(declarations: Declarations, port_list: PortList) -> None:
    declarations.merge_rows([summary(1), summary(2)])
    sync = port_list.begin_pass()
    query = port_list.begin_pass()
    declarations.merge_rows([summary(1)], query)
    declarations.merge_rows([summary(1)], sync)
    assert port_list.absent(CLEARED, sync, 9) == port_list.absent(CLEARED, query, 9) == (entry_id(2),)


def test_rows_outside_of_a_reading_do_not_count_for_it(declarations: Declarations, port_list: PortList) -> None:
    list_pass = port_list.begin_pass()
    declarations.merge_rows([summary(1)])
    assert port_list.absent(CLEARED, list_pass, 9) == (entry_id(1),)


def test_imported_declarations_are_never_marked_unless_the_port_has_listed_them(
    declarations: Declarations, port_list: PortList
) -> None:
    files = [dataclasses.replace(declaration(number), origin=Origin.FILE) for number in (1, 2)]
    declarations.put_imported(files)
    declarations.merge_rows([summary(2)])
    assert read(declarations, port_list, []) == (entry_id(2),)
    assert port_list.mark_not_found(NumberQuery(entry_id(1)), NOTICED) == ()


def test_a_number_that_is_not_found_is_marked_only_for_its_kind(
    cache: Cache, declarations: Declarations, port_list: PortList
) -> None:
    declarations.merge_rows([summary(1), summary(2, exported_on=None)])
    assert port_list.mark_not_found(NumberQuery(entry_id(1), Kind.DEPARTURE_PORT), NOTICED) == ()
    for number in (1, 2):
        query = NumberQuery(entry_id(number))
        assert port_list.mark_not_found(query, NOTICED) == (entry_id(number),)
        assert port_list.mark_not_found(query, NOTICED) == ()
    assert marked(cache) == {entry_id(1), entry_id(2)}


def test_a_download_counts_exactly_what_the_reading_contained(
    cache: Cache, declarations: Declarations, port_list: PortList
) -> None:
    declarations.merge_rows([summary(1), summary(2)])
    list_pass = port_list.begin_pass()
    declarations.merge_rows([summary(2), summary(3)], list_pass)
    (volume,) = declarations.daily_volumes(JUNE, Kind.CLEARED, list_pass)
    assert volume.declarations == 2, "also where the list was not complete, so that nothing is marked"
    found = declarations.query_summary(CLEARED, list_pass)
    assert found is not None
    assert (found.first_entry_id, found.last_entry_id) == (entry_id(2), entry_id(3))
    declarations.mark_downloaded(CLEARED, NOTICED, list_pass)
    assert set(Results(cache).run("已下载").entry_ids()) == {entry_id(2), entry_id(3)}
    assert declarations.daily_downloads(JUNE, Kind.CLEARED, list_pass)[JUNE.end].declarations == 2


def test_readings_are_numbered_through_also_after_the_cache_was_opened_again(cache: Cache, key: CacheKey) -> None:
    first = PortList(cache).begin_pass()
    cache.close()
    again = Cache.open(cache.path, key)
    assert PortList(again).begin_pass() == first + 1
    again.close()


def test_an_older_cache_has_nothing_marked_until_a_list_was_read(cache_path: Path, key: CacheKey) -> None:
    older = open_as_older_program(cache_path, key, 5)
    insert_declarations(older, [{"entry_id": entry_id(number), "exported_on": "2025-06-30"} for number in (1, 2)])
    with older.write_cursor() as cursor:
        cursor.execute("INSERT INTO listing VALUES ('1', '2025-06-01', '2025-06-30', now()::TIMESTAMP, 3, 90, false)")
    older.close()
    newer = Cache.open(cache_path, key)
    try:
        assert marked(newer) == set()
        with newer.read_cursor() as cursor:
            assert cursor.execute("SELECT count(*) FROM listing").fetchall() == [(0,)], "it starts from the first page"
        assert read(Declarations(newer), PortList(newer), [summary(2)]) == (entry_id(1),)
    finally:
        newer.close()


PORT_ROWS = st.dictionaries(
    st.integers(1, 6),
    st.sampled_from([(MAY.start, Kind.CLEARED), (JUNE.start, Kind.CLEARED), (JUNE.end, Kind.DEPARTURE_PORT)]),
)
STEPS = st.lists(st.tuples(PORT_ROWS, st.sets(st.sampled_from([MAY, JUNE]), min_size=1)), min_size=1, max_size=6)


@settings(max_examples=40)
@given(STEPS, st.sets(st.integers(1, 6)))
def test_after_complete_lists_what_is_not_marked_is_what_the_port_lists(
    shared: Cache, steps: list[tuple[dict[int, tuple[date, Kind]], set[DateRange]]], imported: set[int]
) -> None:
    """Each step is a state of the port and the months that are read then, newest first."""
    with shared.write_cursor() as cursor:
        for table in ("declaration", "head", "item"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - the three names above
    declarations, port_list = Declarations(shared), PortList(shared)
    declarations.put_imported([Declaration(summary(number), origin=Origin.FILE) for number in imported])
    for rows, months in steps:
        port = [summary(number, exported_on=day, kind=kind) for number, (day, kind) in rows.items()]
        queries = [DateRangeQuery(month, kind) for month in sorted(months, key=_start, reverse=True) for kind in Kind]
        list_pass = port_list.begin_pass()
        listed = {query: [row for row in port if _contains(query, row)] for query in queries}
        for query in queries:
            declarations.merge_rows(listed[query], list_pass)
        for query in queries:
            port_list.mark_absent(query, list_pass, NOTICED)
        for query in queries:
            assert _unmarked(shared, query) == {row.entry_id for row in listed[query]}


def _start(month: DateRange) -> date:
    return month.start


def _contains(query: DateRangeQuery, row: Summary) -> bool:
    return row.kind is query.kind and row.exported_on is not None and row.exported_on in query.date_range


def _unmarked(cache: Cache, query: DateRangeQuery) -> set[str]:
    days = f"{query.date_range.start}..{query.date_range.end}"
    return set(Results(cache).run(f"来源:口岸 -不再列出 类型:{query.kind.label} {days}").entry_ids())
