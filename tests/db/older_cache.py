"""A cache as an older program left it: without the newest migrations."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from db import schema
from db.cache import Cache
from db.json_rows import rows_to_json, select_from_json
from db.key import CacheKey

_REQUIRED = {
    "kind": "1",
    "origin": "port",
    "exit_customs": "",
    "port_prints": "0",
    "transfer_state": "",
    "dec_flag": "",
    "container_flag": "",
    "detail_token": "",
    "has_detail": "false",
    "detail_due": "false",
    "port_search": "",
    "state_search": "",
}
"""The columns of `declaration` that have no default."""


def open_as_older_program(path: Path, key: CacheKey, migrations: int) -> Cache:
    """Opens the cache as a program does that knows only the first migrations, this many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("db.cache.migrations", lambda: schema.migrations()[:migrations])
        patch.setattr("db.cache.fill_sort_keys", lambda _cursor, _after: None)
        patch.setattr("db.cache.fill_pinyin", lambda _cursor: None)
        patch.setattr("db.cache.fill_item_groups", lambda _cursor, _after: None)
        return Cache.open(path, key)


def insert_declarations(cache: Cache, rows: Sequence[Mapping[str, str]]) -> None:
    """Inserts rows with these columns, all of them the same ones, by SQL alone."""
    columns = dict.fromkeys(_REQUIRED | dict(rows[0]), "VARCHAR")
    with cache.write_cursor() as cursor:
        cursor.execute(
            f"INSERT INTO declaration BY NAME {select_from_json(columns)}",
            {"rows": rows_to_json([_REQUIRED | dict(row) for row in rows])},
        )
