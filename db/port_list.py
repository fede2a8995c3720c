# ruff: noqa: S608 - conditions are texts of our own; values are parameters
"""Which declarations of the cache the port's lists no longer contain, and their marks.

A list pass is one run through some of the port's lists. It has a number, which the table `list_reading` counts (a name
that caches already have). `Declarations.merge_rows` notes for every row the newest pass that contained it. After a
list was read to its end, a declaration of its date range and kind that no pass since then contained is absent from it.
Such a declaration can be marked with the time. It stays in the cache, and the mark is removed when the port lists it
again. `jiacha_tui.actions.delisting` decides what is marked.

Declarations that are only in imported files are never absent: the port has not listed them before.
"""

from datetime import datetime

from db.cache import Cache
from db.statements import EVER_LISTED
from db.timestamps import to_column
from jiacha_tui.declaration.query import DateRangeQuery, NumberQuery


class PortList:
    """List passes and marks of one cache. Every method may be called from any thread."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def begin_pass(self) -> int:
        """The number of a new list pass, higher than all before."""
        with self._cache.write_cursor() as cursor:
            cursor.execute("UPDATE list_reading SET number = number + 1")
            ((number,),) = cursor.execute("SELECT number FROM list_reading").fetchall()
        return int(number)

    def has_listed(self, list_pass: int) -> bool:
        """Whether the lists read since `list_pass` began contained any declaration."""
        with self._cache.read_cursor() as cursor:
            return bool(
                cursor.execute("SELECT id FROM declaration WHERE listed_in >= ? LIMIT 1", [list_pass]).fetchall()
            )

    def listed_in(self, query: DateRangeQuery, list_pass: int) -> frozenset[str]:
        """报关单号 of the declarations of `query` that this pass contained, and no later one."""
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                "SELECT entry_id FROM declaration WHERE exported_on BETWEEN ? AND ? AND kind = ? AND listed_in = ?",
                [query.date_range.start, query.date_range.end, query.kind.value, list_pass],
            )
            return frozenset(entry_id for (entry_id,) in found.fetchall())

    def count_absent(self, query: DateRangeQuery, list_pass: int) -> int:
        """How many declarations of `query` are absent from the lists read since `list_pass` began."""
        condition, parameters = _absent(query, list_pass)
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(f"SELECT count(*) FROM declaration WHERE {condition}", parameters)
            return int(found.fetchall()[0][0])

    def absent(self, query: DateRangeQuery, list_pass: int, limit: int | None) -> tuple[str, ...]:
        """报关单号 of the first `limit` of these, all if None, latest 出口日期 first."""
        condition, parameters = _absent(query, list_pass)
        with self._cache.read_cursor() as cursor:
            found = cursor.execute(
                f"SELECT entry_id FROM declaration WHERE {condition} ORDER BY exported_on DESC, entry_id DESC LIMIT ?",
                [*parameters, limit],
            )
            return tuple(entry_id for (entry_id,) in found.fetchall())

    def mark_absent(self, query: DateRangeQuery, list_pass: int, at: datetime) -> tuple[str, ...]:
        """Marks these as no longer listed `at` this time, which has a time zone. Returns their numbers, in order."""
        return self._mark(*_absent(query, list_pass), at)

    def mark_not_found(self, query: NumberQuery, at: datetime) -> tuple[str, ...]:
        """Marks the declaration of `query` in the same way, if the cache has it as one of the port's and of this kind.

        Returns its number, or nothing.
        """
        return self._mark(f"entry_id = ? AND kind = ? AND {_UNMARKED}", [query.entry_id, query.kind.value], at)

    def _mark(self, condition: str, parameters: list[object], at: datetime) -> tuple[str, ...]:
        with self._cache.write_cursor() as cursor:
            # Not with RETURNING: DuckDB would then write whole rows and their index, which is a thousand times slower.
            found = cursor.execute(
                f"SELECT entry_id FROM declaration WHERE {condition} ORDER BY entry_id", parameters
            ).fetchall()
            if found:
                cursor.execute(
                    f"UPDATE declaration SET delisted_at = ? WHERE {condition}", [to_column(at), *parameters]
                )
        return tuple(entry_id for (entry_id,) in found)


_UNMARKED = f"delisted_at IS NULL AND {EVER_LISTED}"


def _absent(query: DateRangeQuery, list_pass: int) -> tuple[str, list[object]]:
    """The SQL condition for declarations that are absent from the lists read since `list_pass`, and its parameters."""
    return (
        f"exported_on BETWEEN ? AND ? AND kind = ? AND {_UNMARKED} AND (listed_in IS NULL OR listed_in < ?)",
        [query.date_range.start, query.date_range.end, query.kind.value, list_pass],
    )
