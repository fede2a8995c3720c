"""The rows of the invented declarations: made once, by one of several programs, and read page by page."""

import gc
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from jiacha_tui.declaration.model import Declaration, Head, Item, Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo import population, sample_table
from jiacha_tui.demo.database import Database
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.demo.sample_data.declaration_factory import DeclarationFactory
from jiacha_tui.demo.sample_data.sample_rows import PopulationConfig, RowGenerator
from jiacha_tui.demo.sample_table import SampleTable
from tests.demo.populations import ANCHOR, make_population, never_amended

NOW = datetime.combine(ANCHOR, datetime.min.time()) + timedelta(hours=12)
EVERYTHING = DateRangeQuery(DateRange(date(2025, 1, 1), date(2026, 12, 31)))
MEGABYTE = 1024 * 1024


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "port.db", sample_table.SCHEMA)
    yield database
    database.close()


def population_in(database: Database, declarations: int = 200, seed: int = 1) -> Population:
    config = PopulationConfig(seed, declarations, ANCHOR)
    return Population(config, SampleTable(database, config), never_amended)


def entry_ids(population: Population, now: datetime = NOW) -> list[str]:
    return [declaration.summary.entry_id for declaration in population.declarations(DEMO_COMPANY, EVERYTHING, now)]


def test_the_rows_are_drawn_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    first = entry_ids(population_in(database))

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(RowGenerator, "days", never)
    assert entry_ids(population_in(database)) == first


def test_populations_of_other_seeds_and_sizes_share_a_database(database: Database) -> None:
    found = [entry_ids(population_in(database, *key)) for key in ((200, 1), (200, 2), (300, 1))]
    assert [len(found_one) for found_one in found] == [196, 196, 294]
    assert entry_ids(population_in(database, 200, 1)) == found[0] != found[1]


def test_an_interrupted_start_is_continued_at_the_next_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "_ROWS_AT_ONCE", 50)
    add = SampleTable.add
    added = 0

    def interrupted(*given: object) -> None:
        nonlocal added
        added += 1
        if added == 3:
            raise KeyboardInterrupt
        add(*given)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(SampleTable, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        population_in(database).make_until(ANCHOR)
    assert database.rows("SELECT count(*) >= 100 FROM declaration") == [(1,)]
    assert len(entry_ids(population_in(database))) == 196


def test_two_programs_that_make_the_same_rows_make_them_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "_ROWS_AT_ONCE", 50)
    populations = [make_population(tmp_path, 500) for _ in range(3)]
    days = [ANCHOR, ANCHOR + timedelta(days=1), ANCHOR + timedelta(days=9)]
    threads = [threading.Thread(target=one.make_until, args=(day,)) for one, day in zip(populations, days, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = tmp_path / "alone"
    alone.mkdir()
    later = NOW + timedelta(days=9)
    assert entry_ids(populations[0], later) == entry_ids(make_population(alone, 500), later)


def test_a_page_makes_its_declarations_and_no_others(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    population = population_in(database, 2000)
    made = 0
    make = DeclarationFactory.make

    def counting(*given: object) -> Declaration:
        nonlocal made
        made += 1
        return make(*given)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(DeclarationFactory, "make", counting)
    total = population.count(DEMO_COMPANY, EVERYTHING, NOW)
    assert total == 1960
    assert population.item_total(DEMO_COMPANY, EVERYTHING, NOW) > 3 * total
    assert made == 0
    assert len(list(population.page(DEMO_COMPANY, EVERYTHING, NOW, total - 30, 30))) == 30
    assert made == 30


def test_going_through_many_keeps_none(database: Database) -> None:
    """Holding three hundred at once would need more than the limit."""
    population = population_in(database, 2000)

    def walk() -> Iterator[Declaration]:
        return population.page(DEMO_COMPANY, EVERYTHING, NOW, 1000, 300)

    next(walk())
    gc.collect()
    before = sum(isinstance(value, Declaration | Head | Item) for value in gc.get_objects())
    tracemalloc.start()
    count = sum(1 for _ in walk())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    gc.collect()
    after = sum(isinstance(value, Declaration | Head | Item) for value in gc.get_objects())
    assert count == 300
    assert peak < MEGABYTE
    assert after <= before


def test_the_rows_of_a_large_population_have_unique_numbers_of_fourteen_digits() -> None:
    """A few days of a large population, at the turn of a year."""
    generator = RowGenerator(PopulationConfig(1, 200_000, ANCHOR))
    rows = [row for day in generator.days(DateRange(date(2025, 12, 30), date(2026, 1, 3))) for row in day]
    assert len({row.number for row in rows}) == len(rows) > 1000
    assert {len(str(row.number)) for row in rows} == {14}
    assert {row.kind for row in rows} == set(Kind)
