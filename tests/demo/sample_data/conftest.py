"""The population that most tests of this folder look at, and a folder for others."""

from pathlib import Path

import pytest

from jiacha_tui.demo.population import Population
from tests.demo.populations import make_population


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("populations")


@pytest.fixture(scope="session")
def population(folder: Path) -> Population:
    """2,000 declarations of the demo company."""
    return make_population(folder, 2000)
