"""A million declarations are no more than a few numbers a day: nothing of them is kept."""

import gc
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from jiacha_tui.declaration.model import Declaration, Head, Item
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.demo.sample_data.declaration_factory import DeclarationFactory
from jiacha_tui.demo.sample_data.population import Population, PopulationConfig

NOW = datetime.fromisoformat("2026-06-17 12:00:00")
MAY = DateRangeQuery(DateRange.month(2026, 5))
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(PopulationConfig(1, 1_000_000, NOW.date()))


def test_they_are_a_million(population: Population) -> None:
    assert population.count(DEMO_COMPANY, DateRangeQuery(DateRange(population.first_day, NOW.date())), NOW) == 980_000


def test_a_page_composes_its_rows_and_no_others(population: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    composed = 0
    compose = DeclarationFactory.compose

    def counting(*given: object) -> Declaration:
        nonlocal composed
        composed += 1
        return compose(*given)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(DeclarationFactory, "compose", counting)
    total = population.count(DEMO_COMPANY, MAY, NOW)
    assert total > 40_000
    assert population.item_total(DEMO_COMPANY, MAY, NOW) > 3 * total
    assert composed == 0
    assert len(list(population.page(DEMO_COMPANY, MAY, NOW, total - 30, 30))) == 30
    assert composed == 30


def test_going_through_many_keeps_none(population: Population) -> None:
    """Six hundred held at once would take more than the limit several times over."""

    def walk() -> Iterator[Declaration]:
        return population.page(DEMO_COMPANY, MAY, NOW, 10_000, 600)

    next(walk())
    gc.collect()
    before = sum(isinstance(one, Declaration | Head | Item) for one in gc.get_objects())
    tracemalloc.start()
    count = sum(1 for _ in walk())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    gc.collect()
    after = sum(isinstance(one, Declaration | Head | Item) for one in gc.get_objects())
    assert count == 600
    assert peak < MEGABYTE
    assert after <= before


def test_a_population_costs_the_same_at_any_size() -> None:
    def peak(declarations: int) -> int:
        tracemalloc.start()
        population = Population(PopulationConfig(1, declarations, NOW.date()))
        population.count(DEMO_COMPANY, MAY, NOW)
        population.item_total(DEMO_COMPANY, DateRangeQuery(DateRange.day(date(2026, 5, 4))), NOW)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1000)
    assert peak(1_000_000) < peak(1000) + MEGABYTE
