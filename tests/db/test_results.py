"""Results: their windows and positions, also while the cache changes and while other results are made."""

import gc
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest

from db import result_table, results
from db.cache import Cache
from db.declarations import Declarations
from db.filter import FilterError
from db.problems import CacheClosed
from db.results import FIRST_ROWS, Result, ResultReader, Results, Superseded
from jiacha_tui.declaration.declaration_row import Column, DeclarationRow, Order, Totals
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, NumberQuery
from tests.db.samples import declaration, entry_id, item, summary

BY_NUMBER = Order(Column.ENTRY_ID, descending=False)


@pytest.fixture(params=["table made at once", "table made when needed"])
def any_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a test with results that are treated as small and with results that are treated as large."""
    if request.param == "table made when needed":
        monkeypatch.setattr(results, "SMALL_RESULT", -1)


@pytest.fixture
def many(declarations: Declarations) -> int:
    """Fills the cache with this number of rows."""
    count = 3 * FIRST_ROWS
    declarations.merge_rows([summary(number, usd_amount=Decimal(count - number)) for number in range(count)])
    return count


def numbers(rows: tuple[DeclarationRow, ...]) -> list[int]:
    return [int(row.entry_id[8:]) for row in rows]


@pytest.mark.usefixtures("any_size")
class TestWindow:
    def test_windows_cover_the_whole_result(self, cache: Cache, many: int) -> None:
        result = Results(cache).run("", BY_NUMBER)
        assert numbers(result.first_rows) == list(range(FIRST_ROWS))
        assert [n for start in range(0, many, 50) for n in numbers(result.window(start, 50))] == list(range(many))

    @pytest.mark.parametrize(
        ("first", "count", "expected"),
        [
            (0, 0, []),
            (5, -1, []),
            (-3, 5, [0, 1]),
            (-3, 2, []),
            (58, 4, [58, 59, 60, 61]),
            (178, 9, [178, 179]),
            (180, 9, []),
            (1000, 1, []),
        ],
    )
    @pytest.mark.usefixtures("many")
    def test_a_window_ends_with_the_result(self, cache: Cache, first: int, count: int, expected: list[int]) -> None:
        assert numbers(Results(cache).run("", BY_NUMBER).window(first, count)) == expected

    def test_a_window_of_more_rows_than_are_looked_up_at_once(
        self, cache: Cache, many: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(result_table, "LOOKED_UP_AT_ONCE", 7)
        assert numbers(Results(cache).run("", BY_NUMBER).window(0, many)) == list(range(many))

    def test_an_empty_result(self, cache: Cache) -> None:
        result = Results(cache).run("")
        assert (result.totals, result.first_rows, result.window(0, 9)) == (Totals(0, 0, Decimal(0), True), (), ())
        assert (result.entry_ids(), result.date_ranges(), result.position_of(entry_id(1))) == ((), {}, None)


@pytest.mark.usefixtures("any_size")
class TestPosition:
    def test_of_each_declaration(self, cache: Cache, many: int) -> None:
        result = Results(cache).run("", Order(Column.USD_AMOUNT, descending=False))
        expected = list(range(many - 1, -1, -1))
        assert [result.position_of(entry_id(number)) for number in range(many)] == expected

    @pytest.mark.usefixtures("many")
    def test_is_none_for_a_declaration_outside_the_result(self, cache: Cache) -> None:
        result = Results(cache).run(f"号:{entry_id(3)}")
        assert [result.position_of(entry_id(number)) for number in (3, 4, 9999)] == [0, None, None]

    def test_neighbours(self, cache: Cache, many: int) -> None:
        result = Results(cache).run("", BY_NUMBER)
        last = many - 1
        assert result.neighbour(entry_id(0), 1) == (entry_id(1), 1)
        assert result.neighbour(entry_id(last), -100) == (entry_id(last - 100), last - 100)
        for number, step in ((0, -1), (0, many), (last, 1), (9999, 0)):
            assert result.neighbour(entry_id(number), step) is None

    @pytest.mark.usefixtures("many")
    def test_numbers_in_order(self, cache: Cache) -> None:
        result = Results(cache).run("<=100", BY_NUMBER)
        assert result.entry_ids() == tuple(entry_id(number) for number in range(80, 180))
        assert result.entry_ids(2) == (entry_id(80), entry_id(81))
        assert result.entry_ids(0) == ()


@pytest.mark.usefixtures("any_size")
class TestLaterWrites:
    def test_change_the_content_of_rows_and_not_which_rows_there_are(
        self, cache: Cache, declarations: Declarations, many: int
    ) -> None:
        result = Results(cache).run("状态:新增", BY_NUMBER)
        declarations.merge_rows([summary(number, transfer_state="修改", usd_amount=None) for number in range(many)])
        declarations.merge_rows([summary(1000), summary(1001)])
        assert {row.transfer_state for row in result.first_rows} == {"新增"}
        assert [row.transfer_state for row in result.window(0, many + 5)] == ["修改"] * many
        assert numbers(result.window(0, many + 5)) == list(range(many))
        assert result.position_of(entry_id(many - 1)) == many - 1
        assert result.position_of(entry_id(1000)) is None
        assert (len(result.entry_ids()), result.totals.declarations) == (many, many)

    def test_add_details_to_rows(self, cache: Cache, declarations: Declarations) -> None:
        declarations.merge_rows([summary(1)])
        result = Results(cache).run("")
        declarations.put_details([declaration(1)])
        declarations.mark_downloaded(NumberQuery(entry_id(1)), datetime(2025, 8, 1, tzinfo=UTC))
        (row,) = result.window(0, 1)
        assert (row.has_detail, row.item_count, row.downloaded_at) == (True, 2, datetime(2025, 8, 1, tzinfo=UTC))
        assert result.first_rows[0].has_detail is False

    def test_an_older_result_can_still_be_read(self, cache: Cache, many: int) -> None:
        runner = Results(cache)
        older = runner.run("", BY_NUMBER)
        newer = runner.run(">=100", BY_NUMBER)
        assert newer.generation > older.generation
        assert len(older.window(0, many)) == many
        assert len(newer.window(0, many)) == many - 99


class TestTotals:
    def test_are_those_of_all_matches(self, cache: Cache, declarations: Declarations) -> None:
        declarations.put_details([declaration(1), declaration(2, [item(1)])])
        declarations.merge_rows([summary(3, usd_amount=None), summary(4, usd_amount=Decimal("0.0001"))])
        assert Results(cache).run("").totals == Totals(4, 3, Decimal("36468.0001"), items_known=False)
        assert Results(cache).run("有详情").totals == Totals(2, 3, Decimal(36468), items_known=True)
        declarations.merge_rows([summary(1, transfer_state="修改")])
        assert Results(cache).run("有详情").totals.items_known is False

    def test_date_ranges_of_each_kind(self, cache: Cache, declarations: Declarations) -> None:
        first, last = date(2025, 5, 31), date(2025, 6, 30)
        rows = [summary(1), summary(2, exported_on=first), summary(3, exported_on=None)]
        declarations.merge_rows([*rows, summary(4, exported_on=None, kind=Kind.DEPARTURE_PORT)])
        assert Results(cache).run("").date_ranges() == {Kind.CLEARED: DateRange(first, last)}
        declarations.merge_rows([summary(5, exported_on=date(2025, 7, 1), kind=Kind.DEPARTURE_PORT)])
        assert Results(cache).run("").date_ranges() == {
            Kind.CLEARED: DateRange(first, last),
            Kind.DEPARTURE_PORT: DateRange.day(date(2025, 7, 1)),
        }
        assert Results(cache).run(f"号:{entry_id(3)}").date_ranges() == {}


TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory'"


class TestUnusedResults:
    def tables(self, cache: Cache) -> int:
        with cache.read_cursor() as cursor:
            return len(cursor.execute(TABLES).fetchall())

    @pytest.mark.usefixtures("many")
    def test_their_tables_are_dropped(self, cache: Cache) -> None:
        runner = Results(cache)
        held = runner.run("")
        for _ in range(5):
            runner.run("")
        gc.collect()
        newest = runner.run("")
        assert self.tables(cache) == 2
        assert held.window(100, 1)
        assert newest.window(100, 1)

    @pytest.mark.usefixtures("many")
    def test_their_snapshots_are_closed(self, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(results, "SMALL_RESULT", -1)
        runner = Results(cache)
        for _ in range(5):
            runner.run("")
        gc.collect()
        held = runner.run("")
        with cache.read_cursor() as cursor:
            cursor.execute("SELECT 1")
        assert len(cache._snapshots) == 1
        assert self.tables(cache) == 0
        held.window(FIRST_ROWS, 1)
        assert self.tables(cache) == 1

    def test_a_failed_run_leaves_no_table(self, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(results, "read_declaration_rows", fail)
        with pytest.raises(ZeroDivisionError):
            Results(cache).run("")
        assert self.tables(cache) == 0


ENDLESS = "SELECT count(*) FROM range(100000000000) AS numbers(i) WHERE hash(i) % 3 = 1"


class BusyRuns:
    """Starts runs in threads, which then stay busy in the engine until they are interrupted."""

    def __init__(self, results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
        self.results = results
        self.reader = ResultReader()
        self.busy = threading.Event()
        self.ended: list[object] = []
        original = result_table.ResultQuery.summary

        def summary(query: result_table.ResultQuery, cursor: duckdb.DuckDBPyConnection) -> result_table.ResultSummary:
            if threading.current_thread() is not threading.main_thread():
                self.busy.set()
                cursor.execute(ENDLESS)
            return original(query, cursor)

        monkeypatch.setattr(result_table.ResultQuery, "summary", summary)

    def run(self) -> threading.Thread:
        def run() -> None:
            try:
                self.ended.append(self.results.run("", reader=self.reader))
            except (Superseded, CacheClosed) as problem:
                self.ended.append(type(problem))

        thread = threading.Thread(target=run)
        thread.start()
        assert self.busy.wait(10)
        return thread


@pytest.mark.usefixtures("many")
class TestNewerRun:
    def test_interrupts_the_one_before(self, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
        runs = BusyRuns(Results(cache), monkeypatch)
        thread = runs.run()
        # An interrupt that comes between two statements has no effect, and the earlier run continues.
        while thread.is_alive():
            assert runs.results.run("", reader=runs.reader).totals.declarations == 180
            thread.join(0.05)
        assert runs.ended == [Superseded]

    def test_of_another_reader_interrupts_nothing(self, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
        runs = BusyRuns(Results(cache), monkeypatch)
        thread = runs.run()
        for reader in (None, ResultReader()):
            assert runs.results.run("", reader=reader).totals.declarations == 180
        thread.join(0.1)
        assert thread.is_alive()
        cache.close()
        thread.join(10)
        assert runs.ended == [CacheClosed]

    def test_interrupts_nothing_if_its_filter_cannot_be_read(
        self, cache: Cache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs = BusyRuns(Results(cache), monkeypatch)
        thread = runs.run()
        with pytest.raises(FilterError):
            runs.results.run("国:", reader=runs.reader)
        thread.join(0.1)
        assert thread.is_alive()
        cache.close()
        thread.join(10)
        assert runs.ended == [CacheClosed]

    def test_the_newest_of_many_always_gets_its_result(self, cache: Cache) -> None:
        runner, reader = Results(cache), ResultReader()
        finished: list[Result] = []
        superseded: list[Superseded] = []

        def run_often() -> None:
            for _ in range(15):
                try:
                    finished.append(runner.run("2025", reader=reader))
                except Superseded as problem:
                    superseded.append(problem)

        in_threads(run_often, 6)
        assert len(finished) + len(superseded) == 6 * 15
        assert max(result.generation for result in finished) == 6 * 15
        assert all(result.totals.declarations == 180 for result in finished)


def in_threads(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.usefixtures("any_size")
def test_windows_are_read_while_pages_are_written(cache: Cache, declarations: Declarations, many: int) -> None:
    result = Results(cache).run("", BY_NUMBER)
    wrong: list[object] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            rows = result.window(many - 70, 40)
            if numbers(rows) != list(range(many - 70, many - 30)):
                wrong.append(rows)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for page in range(12):
        declarations.merge_rows([summary(number, print_count=page) for number in range(many + page)])
        declarations.put_details([declaration(number) for number in range(page * 10, page * 10 + 10)])
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_results_raise_cache_closed_after_the_cache_was_closed(cache: Cache, declarations: Declarations) -> None:
    declarations.merge_rows([summary(1)])
    runner = Results(cache)
    result = runner.run("")
    cache.close()
    uses: list[Callable[[], object]] = [
        lambda: runner.run(""),
        lambda: result.window(0, 1),
        lambda: result.position_of(entry_id(1)),
        result.entry_ids,
    ]
    for use in uses:
        with pytest.raises(CacheClosed):
            use()
    assert result.totals.declarations == 1
