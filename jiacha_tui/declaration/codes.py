"""The official customs parameter tables: from a code to its name and back (tables/SOURCES.md)."""

import csv
import enum
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType


class CodeTable(enum.Enum):
    """The value is the name of the file under `tables/`."""

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
    """The name under which `code` is known today; None for a code that the table does not have."""
    return _load(table).names.get(code)


def code_of(table: CodeTable, name: str) -> str | None:
    """The code of `name`, or of what used to be called `name`. None where no code or more than one has it.

    A few names belong to several codes (圣约翰（加拿大） is two ports): a guess would be printed as a fact.
    """
    return _load(table).codes.get(name)


def names(table: CodeTable) -> Mapping[str, str]:
    """Every name by its code, in the order of the table."""
    return _load(table).names


@dataclass(frozen=True, slots=True)
class _Loaded:
    names: Mapping[str, str]
    codes: Mapping[str, str]


@functools.cache
def _load(table: CodeTable) -> _Loaded:
    file = resources.files("jiacha_tui.declaration").joinpath("tables", f"{table.value}.csv")
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    owners: dict[str, set[str]] = {}
    for row in rows:
        for name in {row["name"], row.get("former_name") or row["name"]}:
            owners.setdefault(name, set()).add(row["code"])
    codes = {name: next(iter(owning)) for name, owning in owners.items() if len(owning) == 1}
    return _Loaded(MappingProxyType({row["code"]: row["name"] for row in rows}), MappingProxyType(codes))
