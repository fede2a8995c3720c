"""The invented declarations as rows of the embedded port's database, found by number or by company, kind and day."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRangeQuery
from jiacha_tui.demo.database import Database
from jiacha_tui.demo.sample_data.sample_rows import PopulationConfig, SampleRow
from jiacha_tui.demo.sample_data.workdays import ONE_DAY

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS population (
    id INTEGER PRIMARY KEY,
    seed INTEGER NOT NULL,
    declarations INTEGER NOT NULL,
    made_until TEXT NOT NULL,
    UNIQUE (seed, declarations)
) STRICT;
CREATE TABLE IF NOT EXISTS declaration (
    population INTEGER NOT NULL,
    company INTEGER NOT NULL,
    kind TEXT NOT NULL,
    exported_on TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    number INTEGER NOT NULL,
    reported_at TEXT NOT NULL,
    amended_at TEXT NOT NULL,
    items INTEGER NOT NULL,
    seed BLOB NOT NULL,
    PRIMARY KEY (population, company, kind, exported_on, ordinal)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS declaration_number ON declaration (population, number);
CREATE TABLE IF NOT EXISTS withdrawn (
    population INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (population, number)
) STRICT, WITHOUT ROWID;
"""
_COLUMNS: Final = "company, kind, exported_on, ordinal, number, reported_at, amended_at, items, seed"
_NOT_WITHDRAWN: Final = "(population, number) NOT IN (SELECT population, number FROM withdrawn)"
_REPORTED: Final = f"""
FROM declaration
WHERE population = ? AND company = ? AND kind = ? AND exported_on BETWEEN ? AND ? AND reported_at <= ?
AND {_NOT_WITHDRAWN}
"""
_NUMBERED: Final = f"FROM declaration WHERE population = ? AND number = ? AND {_NOT_WITHDRAWN}"


class SampleTable:
    """The rows of one population: a database may hold several, told apart by their seed and size.

    `company` is an index of `COMPANIES` in every call, `now` the time at which a declaration must have been reported.
    """

    def __init__(self, database: Database, config: PopulationConfig) -> None:
        self._database = database
        key = config.seed, config.declarations
        with database.transaction() as cursor:
            cursor.execute(
                "INSERT OR IGNORE INTO population (seed, declarations, made_until) VALUES (?, ?, ?)",
                (*key, (config.first_day - ONE_DAY).isoformat()),
            )
            cursor.execute("SELECT id FROM population WHERE seed = ? AND declarations = ?", key)
            self._population: int = cursor.fetchone()[0]

    def made_until(self) -> date:
        """The last day whose rows are there; the day before the first one if none are."""
        ((day,),) = self._database.rows("SELECT made_until FROM population WHERE id = ?", (self._population,))
        return date.fromisoformat(day)

    def add(self, since: date, until: date, rows: Iterable[SampleRow]) -> None:
        """Adds the rows of the days after `since` up to `until`, unless another program has added them already."""
        with self._database.transaction() as cursor:
            cursor.execute(
                "UPDATE population SET made_until = ? WHERE id = ? AND made_until = ?",
                (until.isoformat(), self._population, since.isoformat()),
            )
            if cursor.rowcount:
                cursor.executemany(
                    "INSERT INTO declaration VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    ((self._population, *_values(row)) for row in rows),
                )

    def count(self, company: int, query: DateRangeQuery, now: datetime) -> int:
        """How many of the query's rows were reported by `now`."""
        ((count,),) = self._database.rows(f"SELECT count(*) {_REPORTED}", self._range(company, query, now))
        return int(count)

    def item_total(self, company: int, query: DateRangeQuery, now: datetime) -> int:
        """The number of items of all declarations of a query."""
        ((total,),) = self._database.rows(f"SELECT total(items) {_REPORTED}", self._range(company, query, now))
        return int(total)

    def page(self, company: int, query: DateRangeQuery, now: datetime, first: int, count: int) -> Sequence[SampleRow]:
        """`count` rows from the `first`-th on (0 is the earliest 出口日期), fewer at the end."""
        found = self._database.rows(
            f"SELECT {_COLUMNS} {_REPORTED} ORDER BY exported_on, ordinal LIMIT ? OFFSET ?",
            (*self._range(company, query, now), count, first),
        )
        return [_row(values) for values in found]

    def find(self, number: int) -> SampleRow | None:
        """The row of any company with this number (see `SampleRow`), reported or not."""
        found = self._database.rows(f"SELECT {_COLUMNS} {_NUMBERED}", (self._population, number))
        return _row(found[0]) if found else None

    def withdraw(self, numbers: Iterable[int]) -> None:
        """Hides these rows from every other call."""
        with self._database.transaction() as cursor:
            cursor.executemany(
                "INSERT OR IGNORE INTO withdrawn VALUES (?, ?)", [(self._population, number) for number in numbers]
            )

    def restore(self, numbers: Iterable[int]) -> None:
        """Shows these rows again."""
        with self._database.transaction() as cursor:
            cursor.executemany(
                "DELETE FROM withdrawn WHERE population = ? AND number = ?",
                [(self._population, number) for number in numbers],
            )

    def move(self, number: int, day: date) -> None:
        """Changes the 出口日期 of a row. It becomes the last one of that day."""
        with self._database.transaction() as cursor:
            cursor.execute(
                "UPDATE declaration SET exported_on = ?1, ordinal = (SELECT 1 + coalesce(max(other.ordinal), 0) "
                "FROM declaration AS other WHERE other.population = ?2 AND other.exported_on = ?1) "
                "WHERE population = ?2 AND number = ?3",
                (day.isoformat(), self._population, number),
            )

    def renumber(self, number: int) -> int:
        """Gives a row another number, which no row has yet, and returns it."""
        with self._database.transaction() as cursor:
            cursor.execute("SELECT 1 + max(number) FROM declaration WHERE population = ?", (self._population,))
            new = int(cursor.fetchone()[0])
            cursor.execute(
                "UPDATE declaration SET number = ? WHERE population = ? AND number = ?", (new, self._population, number)
            )
        return new

    def _range(self, company: int, query: DateRangeQuery, now: datetime) -> tuple[object, ...]:
        days = query.date_range
        return (
            self._population,
            company,
            query.kind.value,
            days.start.isoformat(),
            days.end.isoformat(),
            now.isoformat(timespec="seconds"),
        )


def _values(row: SampleRow) -> tuple[object, ...]:
    return (
        row.company,
        row.kind.value,
        row.exported_on.isoformat(),
        row.ordinal,
        row.number,
        row.reported_at.isoformat(),
        " ".join(at.isoformat() for at in row.amended_at),
        row.items,
        row.seed,
    )


def _row(values: tuple[Any, ...]) -> SampleRow:
    company, kind, exported_on, ordinal, number, reported_at, amended_at, items, seed = values
    return SampleRow(
        company,
        Kind(kind),
        date.fromisoformat(exported_on),
        ordinal,
        number,
        datetime.fromisoformat(reported_at),
        tuple(datetime.fromisoformat(at) for at in amended_at.split()),
        items,
        seed,
    )
