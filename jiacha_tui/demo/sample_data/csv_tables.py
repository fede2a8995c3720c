"""Reads the tables of this package, and the official names of the codes in them."""

import csv
from importlib import resources

from jiacha_tui.declaration.codes import CodeTable, name_of


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of `tables/<name>.csv`."""
    file = resources.files("jiacha_tui.demo.sample_data").joinpath("tables", f"{name}.csv")
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def official_name(table: CodeTable, code: str) -> str:
    """The official name of a code. Raises LookupError for a code that does not exist."""
    name = name_of(table, code)
    if name is None:
        raise LookupError(f"there is no code {code} in {table}")
    return name
