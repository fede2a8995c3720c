"""The cache's tables, as numbered migrations: `NNN_name.sql`, run in order, each once and each in a transaction."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

_NAME = re.compile(r"(\d{3})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. Once released its file is never changed: a cache that has taken it does not take it again."""

    number: int
    name: str
    sql: str


def migrations() -> tuple[Migration, ...]:
    """All of them, in order. Raises ValueError where the numbers are not 1, 2, 3 …"""
    found = sorted(_found(), key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"the migrations are not numbered one by one: {[one.number for one in found]}")
    return tuple(found)


def _found() -> Iterator[Migration]:
    for file in files(__name__).iterdir():
        if name := _NAME.fullmatch(file.name):
            yield Migration(int(name[1]), name[2], file.read_text(encoding="utf-8"))
