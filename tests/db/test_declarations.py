"""Merging rows of the port's list, writing details, importing files, and reading all of that."""

import dataclasses
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from db.cache import Cache
from db.declarations import (
    BYTES_PER_HEAD,
    BYTES_PER_ITEM,
    DailyDownloads,
    Declarations,
    DownloadCounts,
    ImportOutcome,
    MergeCounts,
    QuerySummary,
)
from db.problems import EngineFailed
from db.results import Results
from jiacha_tui.declaration.declaration_row import DeclarationRow
from jiacha_tui.declaration.model import Declaration, Kind, Origin
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.declaration.split import DailyVolume
from tests.db.samples import CONSIGNOR, GOODS, declaration, entry_id, item, summary, wall_clock

JUNE = DateRange.month(2025, 6)


def table_row(cache: Cache, number: int = 1) -> DeclarationRow:
    """The row of the `number`-th declaration in the table."""
    (row,) = Results(cache).run(f"号:{entry_id(number)}").first_rows
    return row


def from_file(number: int = 1, **changes: Any) -> Declaration:
    whole = dataclasses.replace(declaration(number, **changes), origin=Origin.FILE)
    return dataclasses.replace(whole, summary=summary(number, detail_token=""))


class TestMergeRows:
    def test_new_rows_are_added_and_their_details_are_due(self, declarations: Declarations) -> None:
        rows = [summary(1), summary(2, kind=Kind.DEPARTURE_PORT)]
        assert declarations.merge_rows(rows) == MergeCounts(2, 0, 0)
        assert declarations.summaries([entry_id(2), entry_id(3), entry_id(1)]) == (rows[1], rows[0])
        assert declarations.get(entry_id(1)) == Declaration(summary(1))
        assert declarations.count() == declarations.count_details_due() == 2

    def test_the_same_rows_again_change_nothing(self, declarations: Declarations) -> None:
        declarations.put_details([declaration(1)])
        assert declarations.merge_rows([summary(1)]) == MergeCounts(0, 0, 1)

    def test_unchanged_rows_are_not_written(self, declarations: Declarations, monkeypatch: pytest.MonkeyPatch) -> None:
        declarations.merge_rows([summary(1)])
        declarations.add_print([entry_id(1)])
        written: list[object] = []

        def record(_cursor: object, rows: Iterable[object], *_: object) -> dict[str, int]:
            written.extend(rows)
            return {}

        for name in ("insert_summaries", "update_summaries", "update_counts_and_tokens"):
            monkeypatch.setattr(f"db.declarations.{name}", record)
        declarations.merge_rows([summary(1)])
        assert written == []
        declarations.merge_rows([summary(2)])
        assert written == [summary(2)]

    @pytest.mark.parametrize(
        "change",
        [
            {"reported_at": wall_clock("2025-07-03")},
            {"reported_at": None},
            {"transfer_state": "修改"},
            {"usd_amount": Decimal("18234.01")},
            {"exported_on": date(2025, 6, 29)},
            {"exit_customs": "北仑海关"},
            {"dec_flag": "2"},
            {"container_flag": "1"},
            {"kind": Kind.DEPARTURE_PORT},
        ],
    )
    def test_a_changed_row_makes_its_detail_due_again(self, declarations: Declarations, change: dict[str, Any]) -> None:
        declarations.put_details([declaration(1), declaration(2)])
        changed = summary(1, **change)
        assert declarations.merge_rows([changed, summary(2)]) == MergeCounts(0, 1, 1)
        assert declarations.next_details_due(10) == declarations.details_due([entry_id(2), entry_id(1)]) == (changed,)
        found = declarations.get(entry_id(1))
        assert found == dataclasses.replace(declaration(1), summary=changed)  # with the older detail

    @pytest.mark.parametrize("change", [{"print_count": 3}, {"detail_token": "another"}])
    def test_a_new_print_count_or_token_is_written_and_nothing_else_changes(
        self, declarations: Declarations, change: dict[str, Any]
    ) -> None:
        declarations.put_details([declaration(1)])
        assert declarations.merge_rows([summary(1, **change)]) == MergeCounts(0, 0, 1)
        assert declarations.summaries([entry_id(1)]) == (summary(1, **change),)

    def test_a_due_detail_stays_due_when_the_print_count_changes(self, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1)])
        declarations.merge_rows([summary(1, print_count=1)])
        assert declarations.next_details_due(10) == (summary(1, print_count=1),)

    def test_if_a_number_occurs_twice_the_last_counts(self, declarations: Declarations) -> None:
        assert declarations.merge_rows([summary(1), summary(1, print_count=2)]) == MergeCounts(1, 0, 0)
        assert declarations.summaries([entry_id(1)]) == (summary(1, print_count=2),)

    def test_no_rows_change_nothing(self, declarations: Declarations) -> None:
        assert declarations.merge_rows([]) == MergeCounts(0, 0, 0)

    def test_more_rows_than_are_looked_up_at_once(self, declarations: Declarations) -> None:
        rows = [summary(number) for number in range(2100)]
        assert declarations.merge_rows(rows).new == 2100
        assert declarations.merge_rows(rows).unchanged == 2100
        assert declarations.summaries([row.entry_id for row in rows]) == tuple(rows)


class TestPutDetails:
    def test_the_table_shows_values_of_the_detail(self, cache: Cache, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1)])
        bare = DeclarationRow(
            entry_id=entry_id(1),
            exported_on=date(2025, 6, 30),
            exit_customs="浦东机场",
            usd_amount=Decimal(18234),
            reported_at=wall_clock("2025-07-02 09:30"),
            transfer_state="新增",
        )
        assert table_row(cache) == bare
        declarations.put_details([declaration(1)])
        assert table_row(cache) == dataclasses.replace(
            bare,
            destination_country="美国",
            consignor_name=CONSIGNOR,
            contract_no="SPX-2025-0871",
            trade_mode="一般贸易",
            item_count=2,
            goods=GOODS[0],
            has_detail=True,
        )
        assert declarations.count_details_due() == 0

    def test_a_later_detail_replaces_the_earlier_one(self, cache: Cache, declarations: Declarations) -> None:
        declarations.put_details([declaration(1)])
        later = declaration(1, [item(1, name="木制家具")], contract_no="B-2")
        declarations.put_details([later])
        assert declarations.get(entry_id(1)) == later
        row = table_row(cache)
        assert (row.item_count, row.goods, row.contract_no) == (1, "木制家具", "B-2")

    def test_a_detail_may_have_no_items(self, cache: Cache, declarations: Declarations) -> None:
        declarations.put_details([declaration(1, [])])
        row = table_row(cache)
        assert (row.item_count, row.goods, row.has_detail) == (0, "", True)

    def test_a_detail_stays_due_if_its_row_changed_while_it_was_fetched(self, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1)])
        declarations.merge_rows([summary(1, transfer_state="修改")])
        declarations.put_details([declaration(1)])
        assert declarations.details_due([entry_id(1)]) == (summary(1, transfer_state="修改"),)
        declarations.put_details([dataclasses.replace(declaration(1), summary=summary(1, transfer_state="修改"))])
        assert declarations.details_due([entry_id(1)]) == ()

    def test_a_print_while_a_detail_was_fetched_does_not_matter(self, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1)])
        declarations.add_print([entry_id(1)])
        declarations.put_details([declaration(1)])
        assert declarations.details_due([entry_id(1)]) == ()

    def test_a_declaration_without_a_head_is_refused(self, declarations: Declarations) -> None:
        with pytest.raises(ValueError, match=entry_id(1)):
            declarations.put_details([declaration(2), Declaration(summary(1))])
        assert declarations.count() == 0

    def test_more_details_than_are_written_at_once(self, declarations: Declarations) -> None:
        many = [declaration(number, [item(1)]) for number in range(2100)]
        declarations.put_details(many)
        assert declarations.get_many([declaration.summary.entry_id for declaration in many]) == tuple(many)


class TestPutImported:
    def test_outcomes_are_new_same_and_different(self, declarations: Declarations) -> None:
        declarations.put_details([declaration(1), declaration(2)])
        given = [from_file(1), from_file(2, contract_no="another"), from_file(3)]
        assert declarations.put_imported(given) == {
            entry_id(1): ImportOutcome.SAME,
            entry_id(2): ImportOutcome.DIFFERENT,
            entry_id(3): ImportOutcome.NEW,
        }
        assert declarations.get_many([entry_id(1), entry_id(2)]) == (declaration(1), declaration(2))
        assert declarations.get(entry_id(3)) == from_file(3)
        assert declarations.details_due([entry_id(3)]) == ()

    def test_the_same_file_again_is_the_same(self, declarations: Declarations) -> None:
        declarations.put_imported([from_file(1)])
        assert declarations.put_imported([from_file(1)]) == {entry_id(1): ImportOutcome.SAME}
        assert declarations.put_imported([from_file(1, contract_no="b")]) == {entry_id(1): ImportOutcome.DIFFERENT}
        assert declarations.get(entry_id(1)) == from_file(1)

    def test_a_file_that_contradicts_itself(self, declarations: Declarations) -> None:
        twice = [from_file(1), from_file(1, contract_no="b"), from_file(1), from_file(2), from_file(2)]
        assert declarations.put_imported(twice) == {
            entry_id(1): ImportOutcome.DIFFERENT,
            entry_id(2): ImportOutcome.NEW,
        }
        assert declarations.get(entry_id(1)) == from_file(1)

    def test_a_row_of_the_port_without_a_detail_is_not_changed(self, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1)])
        assert declarations.put_imported([from_file(1)]) == {entry_id(1): ImportOutcome.SAME}
        assert declarations.get(entry_id(1)) == Declaration(summary(1))

    def test_a_declaration_without_items_or_head(self, declarations: Declarations) -> None:
        bare = Declaration(summary(1), origin=Origin.FILE)
        assert declarations.put_imported([bare]) == {entry_id(1): ImportOutcome.NEW}
        assert declarations.get(entry_id(1)) == bare

    def test_the_port_replaces_first_the_row_and_then_the_detail(self, declarations: Declarations) -> None:
        declarations.put_imported([from_file(1)])
        listed = summary(1, print_count=7)
        assert declarations.merge_rows([listed]) == MergeCounts(0, 1, 0)
        assert declarations.get(entry_id(1)) == dataclasses.replace(from_file(1), summary=listed)
        assert declarations.merge_rows([listed]) == MergeCounts(0, 0, 1)
        assert declarations.next_details_due(10) == (listed,)
        from_port = dataclasses.replace(declaration(1, contract_no="from the port"), summary=listed)
        declarations.put_details([from_port])
        assert declarations.get(entry_id(1)) == from_port
        assert declarations.merge_rows([listed]) == MergeCounts(0, 0, 1)
        assert declarations.next_details_due(10) == ()

    def test_a_detail_of_the_port_replaces_both_at_once(self, declarations: Declarations) -> None:
        declarations.put_imported([from_file(1)])
        declarations.put_details([declaration(1)])
        assert declarations.get(entry_id(1)) == declaration(1)
        assert declarations.details_due([entry_id(1)]) == ()


class TestReading:
    def test_get_many_returns_each_once_in_the_given_order(self, declarations: Declarations) -> None:
        declarations.put_details([declaration(number) for number in (1, 2, 3)])
        entry_ids = [entry_id(number) for number in (3, 1, 9, 3)]
        assert [cached.summary.entry_id for cached in declarations.get_many(entry_ids)] == [entry_id(3), entry_id(1)]
        assert declarations.get_many([]) == ()
        assert declarations.get("' OR true --") is None

    def test_the_next_details_due_are_those_of_the_latest_exports(self, declarations: Declarations) -> None:
        days = [date(2025, 6, 1), None, date(2025, 6, 3), date(2025, 6, 3)]
        declarations.merge_rows([summary(number, exported_on=day) for number, day in enumerate(days)])
        assert [summary.entry_id for summary in declarations.next_details_due(9)] == [entry_id(n) for n in (3, 2, 0, 1)]
        assert [summary.entry_id for summary in declarations.next_details_due(1)] == [entry_id(3)]


class TestDailyVolumes:
    def test_have_the_totals_of_each_day(self, declarations: Declarations) -> None:
        first, second = date(2025, 6, 1), date(2025, 6, 2)
        on_the_first = dataclasses.replace(declaration(1), summary=summary(1, exported_on=first))
        declarations.put_details([on_the_first])
        others = [summary(2, exported_on=first, kind=Kind.DEPARTURE_PORT), summary(3, exported_on=date(2025, 7, 1))]
        declarations.merge_rows([*others, summary(4, exported_on=second), summary(5, exported_on=None)])
        assert declarations.daily_volumes(JUNE, Kind.CLEARED) == [
            DailyVolume(first, 1, 2, BYTES_PER_HEAD + 2 * BYTES_PER_ITEM, items_known=True),
            DailyVolume(second, 1, 0, BYTES_PER_HEAD, items_known=False),
        ]

    def test_items_are_not_known_if_a_detail_is_outdated(self, declarations: Declarations) -> None:
        declarations.put_details([declaration(1)])
        declarations.merge_rows([summary(1, transfer_state="修改")])
        (volume,) = declarations.daily_volumes(JUNE, Kind.CLEARED)
        assert (volume.items, volume.items_known) == (2, False)

    def test_the_estimate_is_not_too_low_for_an_encrypted_file(self) -> None:
        """Tags and values of the observed RtxMessage with a long name, in base64."""
        dec_list = (
            "<DecList><spxh>10</spxh><cmcode>8471300000</cmcode><cm_name>便携式自动数据处理设备</cm_name><Yb_bz>USD</Yb_bz>"
            "<yb_amt>1284330.00</yb_amt><Fd_unit>007</Fd_unit><Fd_qnt>3908</Fd_qnt><No2_Fd_unit>035</No2_Fd_unit>"
            "<No2_Fd_qnt>16980.25</No2_Fd_qnt><Cj_unit>007</Cj_unit><Cj_qnt>3908</Cj_qnt></DecList>"
        )
        assert BYTES_PER_ITEM * 0.7 < len(dec_list.encode()) * 4 / 3 < BYTES_PER_ITEM


class TestQuerySummary:
    def test_of_a_date_range(self, declarations: Declarations) -> None:
        declarations.merge_rows(
            [
                summary(5, exported_on=date(2025, 6, 3), reported_at=wall_clock("2025-07-09 23:59")),
                summary(4, exported_on=date(2025, 6, 9), reported_at=wall_clock("2025-07-01")),
                summary(9, exported_on=date(2025, 6, 9), kind=Kind.DEPARTURE_PORT),
            ]
        )
        assert declarations.query_summary(DateRangeQuery(JUNE)) == QuerySummary(
            2,
            DateRange(date(2025, 6, 3), date(2025, 6, 9)),
            DateRange(date(2025, 7, 1), date(2025, 7, 9)),
            entry_id(4),
            entry_id(5),
        )

    def test_of_a_number_without_dates(self, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1, exported_on=None, reported_at=None)])
        assert declarations.query_summary(NumberQuery(entry_id(1))) == QuerySummary(
            1, None, None, entry_id(1), entry_id(1)
        )

    def test_is_none_if_the_cache_holds_nothing(self, declarations: Declarations) -> None:
        assert declarations.query_summary(DateRangeQuery(JUNE)) is None
        assert declarations.query_summary(NumberQuery(entry_id(1))) is None


class TestDeclarationsOnlyInFiles:
    def test_are_in_no_download_by_date(self, cache: Cache, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1)])
        declarations.put_imported([from_file(2)])
        (volume,) = declarations.daily_volumes(JUNE, Kind.CLEARED)
        assert volume.declarations == 1
        found = declarations.query_summary(DateRangeQuery(JUNE))
        assert found is not None
        assert (found.declarations, found.first_entry_id, found.last_entry_id) == (1, entry_id(1), entry_id(1))
        declarations.mark_downloaded(DateRangeQuery(JUNE), datetime.now(UTC))
        assert table_row(cache, 2).downloaded_at is None
        result = Results(cache).run("")
        assert (result.totals.declarations, result.listed) == (2, 1)
        assert declarations.download_counts() == DownloadCounts(0, 1, 1)
        assert declarations.still_listed([entry_id(2), entry_id(1), entry_id(9)]) == (entry_id(1),)
        assert Results(cache).run("未下载 来源:口岸").totals.declarations == 0

    def test_are_in_downloads_after_the_port_has_listed_them(self, cache: Cache, declarations: Declarations) -> None:
        declarations.put_imported([from_file(2)])
        assert declarations.daily_volumes(JUNE, Kind.CLEARED) == []
        assert Results(cache).run("").date_ranges() == {}
        declarations.merge_rows([summary(2)])
        assert [volume.declarations for volume in declarations.daily_volumes(JUNE, Kind.CLEARED)] == [1]
        assert Results(cache).run("").listed == 1
        assert declarations.download_counts() == DownloadCounts(1, 0, 0)
        assert declarations.still_listed([entry_id(2)]) == (entry_id(2),)
        assert Results(cache).run("未下载 来源:口岸").totals.declarations == 1


class TestMarks:
    def test_downloads_by_number_and_by_date_range(self, cache: Cache, declarations: Declarations) -> None:
        declarations.merge_rows(
            [summary(1), summary(2, exported_on=date(2025, 5, 31)), summary(3, kind=Kind.DEPARTURE_PORT)]
        )
        beijing = datetime(2025, 7, 5, 8, 0, tzinfo=timezone(timedelta(hours=8)))
        declarations.mark_downloaded(DateRangeQuery(JUNE), beijing)
        assert table_row(cache, 1).downloaded_at == datetime(2025, 7, 5, 0, 0, tzinfo=UTC)
        assert table_row(cache, 2).downloaded_at is None
        assert declarations.download_counts() == DownloadCounts(2, 1, 0)
        declarations.mark_downloaded(NumberQuery(entry_id(2)), beijing)
        assert declarations.download_counts() == DownloadCounts(1, 2, 0)
        assert declarations.daily_downloads(JUNE, Kind.CLEARED) == {JUNE.end: DailyDownloads(1, beijing)}
        assert declarations.daily_downloads(JUNE, Kind.DEPARTURE_PORT) == {}
        assert declarations.downloaded_at([entry_id(2), entry_id(3), entry_id(99)]) == {entry_id(2): beijing}

    def test_a_time_without_a_time_zone_is_refused(self, declarations: Declarations) -> None:
        with pytest.raises(ValueError, match="time zone"):
            declarations.mark_downloaded(DateRangeQuery(JUNE), wall_clock("2025-07-05"))

    def test_marks_stay_when_row_and_detail_change(self, cache: Cache, declarations: Declarations) -> None:
        declarations.put_details([declaration(1)])
        declarations.mark_downloaded(DateRangeQuery(JUNE), datetime.now(UTC))
        declarations.merge_rows([summary(1, transfer_state="修改")])
        declarations.put_details([declaration(1)])
        assert table_row(cache).downloaded_at is not None

    def test_prints_are_counted(self, cache: Cache, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1, print_count=2), summary(2)])
        declarations.add_print([entry_id(1), entry_id(9)])
        assert [table_row(cache, 1).print_count, table_row(cache, 2).print_count] == [3, 0]

    def test_prints_from_here_are_added_to_the_port_count(self, cache: Cache, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1, print_count=2)])
        declarations.add_print([entry_id(1)])
        for listed in (2, 5):
            assert declarations.merge_rows([summary(1, print_count=listed)]) == MergeCounts(0, 0, 1)
            assert table_row(cache, 1).print_count == listed + 1


def test_a_number_cannot_be_in_the_cache_twice(cache: Cache, declarations: Declarations) -> None:
    declarations.merge_rows([summary(1)])
    with pytest.raises(EngineFailed, match="ConstraintException"), cache.write_cursor() as cursor:
        cursor.execute("INSERT INTO declaration BY NAME SELECT * EXCLUDE (id, print_count) FROM declaration")
