"""The population that most tests of this folder use, and a folder for others."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from jiacha_tui.declaration.model import Declaration, Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.population import Population
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from tests.demo.populations import ANCHOR, NIGHT, make_population


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("populations")


@pytest.fixture(scope="session")
def population(folder: Path) -> Population:
    """2,000 declarations of the demo company."""
    return make_population(folder, 2000)


@pytest.fixture(scope="session")
def declarations(population: Population) -> Sequence[Declaration]:
    """All declarations of the demo company that are reported on the anchor day."""
    days = DateRange(population.first_day, ANCHOR)
    return [
        declaration
        for kind in Kind
        for declaration in population.declarations(DEMO_COMPANY, DateRangeQuery(days, kind), NIGHT)
    ]
