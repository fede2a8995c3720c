# ruff: noqa: S608 - statements are composed of our own names of tables and columns; values are parameters
"""The full pinyin of the texts that filters search: `meiguo` finds 美国.

Many declarations have the same few texts. So each different text has its pinyin once, in a table of its own, and a
filter first looks there.
"""

import functools
from collections.abc import Iterable
from typing import Final

import duckdb

from db.json_rows import rows_to_json, select_from_json
from db.search import has_chinese
from db.sort_keys import syllables

_MIN_LETTERS: Final = 3
"""Fewer letters are initials rather than pinyin."""

_VOWELS: Final = frozenset("aeiouv")

_BATCH: Final = 50_000
"""Texts that get their pinyin at once, which keeps the memory of the program within its limits."""

_SEARCHED: Final = {
    "declaration": (
        *("port_search", "state_search", "country_search", "consignor_search", "contract_search", "trade_search"),
    ),
    "item": ("name_search",),
}


def may_be_pinyin(word: str) -> bool:
    """Whether a folded word of a filter may be full pinyin, or a part of it."""
    return len(word) >= _MIN_LETTERS and word.isascii() and word.isalpha() and not _VOWELS.isdisjoint(word)


@functools.lru_cache(maxsize=4096)  # the declarations of a company name the same few goods, ports and countries
def full_pinyin(text: str) -> str:
    """The pinyin of the Chinese lines of a text that filters search: `meiguo`. Latin letters and digits stay."""
    lines = filter(has_chinese, text.split("\n"))
    return "\n".join("".join(letter for letter in syllables(line) if letter.isalnum()) for line in lines)


def add_pinyin(cursor: duckdb.DuckDBPyConnection, texts: Iterable[str]) -> None:
    """Adds the pinyin of those texts of `…_search` columns that have none yet. The cursor is in a transaction."""
    if not (chinese := list(dict.fromkeys(filter(has_chinese, texts)))):
        return
    known = cursor.execute("SELECT text FROM pinyin WHERE text IN (SELECT unnest(?::VARCHAR[]))", [chinese]).fetchall()
    missing = set(chinese) - {text for (text,) in known}
    rows = [{"text": text, "letters": full_pinyin(text)} for text in chinese if text in missing]
    if rows:
        cursor.execute(f"INSERT INTO pinyin BY NAME {_ROWS}", {"rows": rows_to_json(rows)})


def fill_pinyin(cursor: duckdb.DuckDBPyConnection) -> None:
    """Adds the pinyin of all texts, if the table is empty: an older program wrote them.

    The cursor is in a transaction.
    """
    if cursor.execute("SELECT 1 FROM pinyin LIMIT 1").fetchall():
        return
    union = " UNION ".join(
        f"SELECT {column} FROM {table}" for table, columns in _SEARCHED.items() for column in columns
    )
    cursor.execute(
        "CREATE TEMPORARY TABLE unread_pinyin AS "
        f"SELECT row_number() OVER () AS row, * FROM ({union}) AS all_texts(text)"
    )
    start = 0
    while texts := cursor.execute(
        "SELECT text FROM unread_pinyin WHERE row > ? AND row <= ?", [start, start + _BATCH]
    ).fetchall():
        add_pinyin(cursor, (text for (text,) in texts))
        start += _BATCH
    cursor.execute("DROP TABLE unread_pinyin")


_ROWS = select_from_json({"text": "VARCHAR", "letters": "VARCHAR"})
