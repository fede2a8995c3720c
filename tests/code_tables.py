"""Reads the official code tables without the code under test."""

import csv
import functools
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

from jiacha_tui.declaration.codes import CodeTable


@functools.cache
def read_code_table(table: CodeTable) -> Mapping[str, str]:
    """The present name of every code, in the order of the file."""
    file = resources.files("jiacha_tui.declaration").joinpath("tables", f"{table.value}.csv")
    rows = csv.DictReader(file.read_text("utf-8").splitlines())
    return MappingProxyType({row["code"]: row["name"] for row in rows})
