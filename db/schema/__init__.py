"""The tables of the cache as numbered migrations: `NNN_name.sql`. Each runs once, in order, in its own transaction."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

_FILE_NAME = re.compile(r"(\d{3})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration. A released one never changes, because a cache that has run it does not run it again."""

    number: int
    name: str
    sql: str


def migrations() -> tuple[Migration, ...]:
    """All migrations in order. Raises ValueError if their numbers are not 1, 2, 3 …"""
    found = sorted(_read_migrations(), key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"the migrations are not numbered one by one: {[migration.number for migration in found]}")
    return tuple(found)


def _read_migrations() -> Iterator[Migration]:
    for file in files(__name__).iterdir():
        if match := _FILE_NAME.fullmatch(file.name):
            yield Migration(int(match[1]), match[2], file.read_text(encoding="utf-8"))
