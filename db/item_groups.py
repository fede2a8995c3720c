# ruff: noqa: S608 - statements are composed of our own names of columns; values are parameters
"""What items are grouped by: HS chapter, name and currency.

A declaration counts once in each group of which it has items. Counting different declarations takes seconds for ten
million items. So each item says whether it is the first one of its declaration in its group: counting these is a scan.
"""

from collections.abc import Iterable
from typing import Final

import duckdb

from db.search import folded, replace_surrogates
from jiacha_tui.declaration.model import Item

ITEM_GROUP_TYPES: Final = {
    "chapter": "VARCHAR",
    "first_of_chapter": "BOOLEAN",
    "first_of_name": "BOOLEAN",
    "first_of_currency": "BOOLEAN",
}

CHAPTER_DIGITS: Final = 2

_BATCH: Final = 200_000
"""Items that get their columns in one transaction, which keeps the memory of the engine within its limit."""


def chapter_of(hs_code: str) -> str:
    """The first two digits of 商品编号; the whole code if it does not begin with two digits."""
    chapter = hs_code[:CHAPTER_DIGITS]
    return chapter if len(chapter) == CHAPTER_DIGITS and chapter.isascii() and chapter.isdigit() else hs_code


def group_columns(items: Iterable[Item]) -> list[dict[str, object]]:
    """The columns of ITEM_GROUP_TYPES for the items of one declaration."""
    chapters: set[str] = set()
    names: set[str] = set()
    currencies: set[str] = set()
    rows: list[dict[str, object]] = []
    for item in items:
        chapter = replace_surrogates(chapter_of(item.hs_code))
        rows.append(
            {
                "chapter": chapter,
                "first_of_chapter": _is_new(chapter, chapters),
                "first_of_name": _is_new(folded(item.name), names),
                "first_of_currency": _is_new(replace_surrogates(item.currency), currencies),
            }
        )
    return rows


def fill_item_groups(cursor: duckdb.DuckDBPyConnection, after: int = 0) -> int | None:
    """Adds the columns to the next items that have none, because an older program wrote them.

    Looks at declarations with an id greater than `after`. Returns the last id of the batch, to continue with, or None
    if all items have the columns. The cursor is in a transaction.
    """
    ((first, last),) = cursor.execute(_FIRST_AND_LAST_WITHOUT, [after, _BATCH]).fetchall()
    if first is None:
        return None
    cursor.execute(_FILL, {"first": first, "last": last})
    return int(last)


def _is_new(value: str, seen: set[str]) -> bool:
    is_new = value not in seen
    seen.add(value)
    return is_new


def _first(key: str) -> str:
    return f"row_number() OVER (PARTITION BY declaration_id, {key} ORDER BY position) = 1"


_FIRST_AND_LAST_WITHOUT = (
    "SELECT min(declaration_id), max(declaration_id) FROM (SELECT declaration_id FROM item "
    "WHERE chapter IS NULL AND declaration_id > ? ORDER BY declaration_id LIMIT ?)"
)
_CHAPTER = "CASE WHEN regexp_matches(hs_code, '^[0-9]{2}') THEN substring(hs_code, 1, 2) ELSE hs_code END"
_FILL = f"""
    UPDATE item SET chapter = new.chapter, first_of_chapter = new.first_of_chapter,
        first_of_name = new.first_of_name, first_of_currency = new.first_of_currency
    FROM (
        SELECT declaration_id, position, chapter, {_first("chapter")} AS first_of_chapter,
            {_first("split_part(name_search, chr(10), 1)")} AS first_of_name, {_first("currency")} AS first_of_currency
        FROM (SELECT *, {_CHAPTER} AS chapter FROM (SELECT * EXCLUDE (chapter) FROM item)
            WHERE declaration_id BETWEEN $first AND $last)
    ) AS new
    WHERE item.declaration_id = new.declaration_id AND item.position = new.position
        AND item.declaration_id BETWEEN $first AND $last
"""
