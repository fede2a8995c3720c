"""The official customs code tables: the name of a code, and the code of a name (sources: tables/SOURCES.md)."""

import csv
import enum
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType


class CodeTable(enum.Enum):
    """One code table. The value is the name of its CSV file under `tables/`."""

    CUSTOMS = "customs"
    COUNTRY = "country"
    CURRENCY = "currency"
    UNIT = "unit"
    TRADE_MODE = "trade_mode"
    CUT_MODE = "cut_mode"
    DUTY_MODE = "duty_mode"
    TRAF_MODE = "traf_mode"
    TRANS_MODE = "trans_mode"
    WRAP_TYPE = "wrap_type"
    FEE_MARK = "fee_mark"
    PORT = "port"
    DISTRICT = "district"


def name_of(table: CodeTable, code: str) -> str | None:
    """The present name of `code`, or None for a code that the table does not have."""
    return _load(table).name_by_code.get(code)


def code_of(table: CodeTable, name: str) -> str | None:
    """The code whose present or former name is `name`. None if no code has this name, or more than one.

    A few names belong to several codes: 圣约翰（加拿大） is two ports. The form would print a guess as a fact.
    """
    return _load(table).code_by_name.get(name)


@dataclass(frozen=True, slots=True)
class _LoadedTable:
    name_by_code: Mapping[str, str]
    code_by_name: Mapping[str, str]


@functools.cache
def _load(table: CodeTable) -> _LoadedTable:
    file = resources.files("jiacha_tui.declaration").joinpath("tables", f"{table.value}.csv")
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    codes_by_name: dict[str, set[str]] = {}
    for row in rows:
        for name in {row["name"], row.get("former_name") or row["name"]}:
            codes_by_name.setdefault(name, set()).add(row["code"])
    name_by_code = {row["code"]: row["name"] for row in rows}
    code_by_name = {name: next(iter(codes)) for name, codes in codes_by_name.items() if len(codes) == 1}
    return _LoadedTable(MappingProxyType(name_by_code), MappingProxyType(code_by_name))
