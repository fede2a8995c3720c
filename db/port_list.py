# ruff: noqa: S608 - conditions are texts of our own; values are parameters
"""What the port no longer lists: a complete list is the truth about its date range and kind.

Each reading of lists has a number. `Declarations.merge_rows` notes for every row the newest reading that contained it.
After a list was read completely, the declarations of its date range that no reading since then contained are missing
from it. They are marked with the time, and stay in the cache. The mark is removed when the port lists them again.

Declarations that are only in imported files are never missing: the port has not listed them before.
"""

from datetime import datetime

from db.cache import Cache
from db.statements import FROM_PORT
from db.timestamps import to_column
from jiacha_tui.declaration.query import DateRangeQuery, NumberQuery


class PortList:
    """Readings of the port's lists in one cache. Every method may be called from any thread."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def begin_reading(self) -> int:
        """The number of a new reading, higher than all before."""
        with self._cache.writing() as cursor:
            cursor.execute("UPDATE list_reading SET number = number + 1")
            ((number,),) = cursor.execute("SELECT number FROM list_reading").fetchall()
        return int(number)

    def has_listed(self, reading: int) -> bool:
        """Whether the lists read since `reading` began contained any declaration."""
        with self._cache.reading() as cursor:
            return bool(cursor.execute("SELECT id FROM declaration WHERE listed_in >= ? LIMIT 1", [reading]).fetchall())

    def count_missing(self, query: DateRangeQuery, reading: int) -> int:
        """How many declarations of `query` are missing from the lists read since `reading` began."""
        condition, parameters = _missing(query, reading)
        with self._cache.reading() as cursor:
            found = cursor.execute(f"SELECT count(*) FROM declaration WHERE {condition}", parameters)
            return int(found.fetchall()[0][0])

    def missing(self, query: DateRangeQuery, reading: int, limit: int) -> tuple[str, ...]:
        """报关单号 of the first `limit` of these, latest 出口日期 first."""
        condition, parameters = _missing(query, reading)
        with self._cache.reading() as cursor:
            found = cursor.execute(
                f"SELECT entry_id FROM declaration WHERE {condition} ORDER BY exported_on DESC, entry_id DESC LIMIT ?",
                [*parameters, limit],
            )
            return tuple(entry_id for (entry_id,) in found.fetchall())

    def mark_missing(self, query: DateRangeQuery, reading: int, at: datetime) -> tuple[str, ...]:
        """Marks these as no longer listed `at` this time, which has a time zone. Returns their numbers, in order."""
        return self._mark(*_missing(query, reading), at)

    def mark_not_found(self, query: NumberQuery, at: datetime) -> tuple[str, ...]:
        """Marks the declaration of `query` in the same way, if the cache has it as one of the port's and of this kind.

        Returns its number, or nothing.
        """
        return self._mark(f"entry_id = ? AND kind = ? AND {_UNMARKED}", [query.entry_id, query.kind.value], at)

    def _mark(self, condition: str, parameters: list[object], at: datetime) -> tuple[str, ...]:
        with self._cache.writing() as cursor:
            # Not with RETURNING: DuckDB would then write whole rows and their index, which is a thousand times slower.
            found = cursor.execute(
                f"SELECT entry_id FROM declaration WHERE {condition} ORDER BY entry_id", parameters
            ).fetchall()
            if found:
                cursor.execute(
                    f"UPDATE declaration SET delisted_at = ? WHERE {condition}", [to_column(at), *parameters]
                )
        return tuple(entry_id for (entry_id,) in found)


_UNMARKED = f"delisted_at IS NULL AND {FROM_PORT}"


def _missing(query: DateRangeQuery, reading: int) -> tuple[str, list[object]]:
    """The SQL condition for declarations that are missing from the lists read since `reading`, and its parameters."""
    return (
        f"exported_on BETWEEN ? AND ? AND kind = ? AND {_UNMARKED} AND (listed_in IS NULL OR listed_in < ?)",
        [query.date_range.start, query.date_range.end, query.kind.value, reading],
    )
