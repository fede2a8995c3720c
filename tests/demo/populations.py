"""Populations of invented declarations, each in a database of its own."""

from datetime import date, datetime
from pathlib import Path

from jiacha_tui.demo import sample_table
from jiacha_tui.demo.database import Database
from jiacha_tui.demo.population import Amendments, Population
from jiacha_tui.demo.sample_data.sample_rows import PopulationConfig
from jiacha_tui.demo.sample_table import SampleTable

ANCHOR = date(2026, 6, 17)
NIGHT = datetime.fromisoformat("2026-06-17 23:59:59")
"""The end of the anchor day."""


def never_amended(_: str) -> tuple[()]:
    return ()


def make_population(
    folder: Path, declarations: int, anchor: date = ANCHOR, seed: int = 1, amendments: Amendments = never_amended
) -> Population:
    """A population in `folder`, which holds one database for each seed, size and anchor."""
    database = Database.open(folder / f"{seed}-{declarations}-{anchor}.db", sample_table.SCHEMA)
    config = PopulationConfig(seed, declarations, anchor)
    return Population(config, SampleTable(database, config), amendments)
