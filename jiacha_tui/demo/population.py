"""Every declaration of the embedded port: rows in its database, made whole when they are asked for."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Final

from jiacha_tui.declaration.model import Declaration
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.sample_data.companies import COMPANIES, Company
from jiacha_tui.demo.sample_data.declaration_factory import DeclarationFactory
from jiacha_tui.demo.sample_data.edge_cases import EdgeCase, EdgeCases
from jiacha_tui.demo.sample_data.sample_rows import PopulationConfig, RowGenerator, SampleRow
from jiacha_tui.demo.sample_data.workdays import ONE_DAY
from jiacha_tui.demo.sample_table import SampleTable

_ENTRY_ID_LENGTH: Final = 18
_OFFICE_LENGTH: Final = 4
_ROWS_AT_ONCE: Final = 20_000
_DECLARATIONS_AT_ONCE: Final = 500

Amendments = Callable[[str], tuple[datetime, ...]]
"""When the declaration of an entry number was amended, apart from its ordinary amendments."""


class Population:
    """Times are China's, without a zone. May be used by several threads, and by a second process at the same time."""

    def __init__(self, config: PopulationConfig, table: SampleTable, amendments: Amendments) -> None:
        self.first_day = config.first_day
        self._table = table
        self._amendments = amendments
        self._generator = RowGenerator(config)
        self._factory = DeclarationFactory(config.seed)
        self._edge_cases = EdgeCases.of(config.anchor, config.declarations)
        self._made_until = table.made_until()
        self._making = threading.Lock()

    def make_until(self, day: date) -> None:
        """Makes the rows of all days up to `day` that are not there yet. Takes some 20 µs for each row."""
        with self._making:
            while self._made_until < day:
                self._make_rows(DateRange(self._made_until + ONE_DAY, day))
                self._made_until = self._table.made_until()

    def _make_rows(self, days: DateRange) -> None:
        """Adds rows in transactions of about a second, so that another program on this database does not wait long."""
        since, batch = days.start - ONE_DAY, []
        for day, rows in zip(days, self._generator.days(days), strict=True):
            batch += rows
            if len(batch) >= _ROWS_AT_ONCE or day == days.end:
                self._table.add(since, day, batch)
                since, batch = day, []

    def count(self, company: Company, query: DateRangeQuery, now: datetime) -> int:
        """How many declarations of a date range were reported by `now`."""
        self.make_until(now.date())
        return self._table.count(_index(company), query, now)

    def item_total(self, company: Company, query: DateRangeQuery, now: datetime) -> int:
        """The number of items of all declarations of a date range that were reported by `now`."""
        self.make_until(now.date())
        return self._table.item_total(_index(company), query, now)

    def page(
        self, company: Company, query: DateRangeQuery, now: datetime, first: int, count: int
    ) -> Iterator[Declaration]:
        """`count` declarations from the `first`-th on (0 is the earliest 出口日期), fewer at the end."""
        self.make_until(now.date())
        for row in self._table.page(_index(company), query, now, first, count):
            yield self._make(row, now)

    def declarations(self, company: Company, query: DateRangeQuery, now: datetime) -> Iterator[Declaration]:
        """All of a date range, one at a time, in the order of `page`."""
        for first in range(0, self.count(company, query, now), _DECLARATIONS_AT_ONCE):
            yield from self.page(company, query, now, first, _DECLARATIONS_AT_ONCE)

    def find(self, entry_id: str, now: datetime) -> tuple[Company, Declaration] | None:
        """The declaration of any company with this number, if it was reported by `now`."""
        self.make_until(now.date())
        row = self._row(entry_id)
        if row is None or row.reported_at > now:
            return None
        declaration = self._make(row, now)
        # The row was found without the office, the first part of the number: it may be wrong.
        return (COMPANIES[row.company], declaration) if declaration.summary.entry_id == entry_id else None

    def withdraw(self, entry_ids: Iterable[str]) -> None:
        """Hides declarations, as if they had been deleted."""
        self._table.withdraw(map(_number, entry_ids))

    def restore(self, entry_ids: Iterable[str]) -> None:
        """Shows hidden declarations again."""
        self._table.restore(map(_number, entry_ids))

    def move(self, entry_id: str, day: date) -> None:
        """Changes the 出口日期 of a declaration."""
        self._table.move(_number(entry_id), day)

    def renumber(self, entry_id: str) -> str:
        """Gives a declaration another number, and returns it."""
        return f"{entry_id[:_OFFICE_LENGTH]}{self._table.renumber(_number(entry_id)):014}"

    def attachment_bytes(self, declaration: Declaration) -> int:
        """The size of the attachment of a declaration in its download; 0 for nearly all."""
        row = self._row(declaration.summary.entry_id)
        return self._edge_case(row).attachment_bytes if row else 0

    def _row(self, entry_id: str) -> SampleRow | None:
        if len(entry_id) != _ENTRY_ID_LENGTH or not (entry_id.isascii() and entry_id.isdigit()):
            return None
        return self._table.find(_number(entry_id))

    def _edge_case(self, row: SampleRow) -> EdgeCase:
        return self._edge_cases.find(row.company, row.kind, row.exported_on, row.ordinal)

    def _make(self, row: SampleRow, now: datetime) -> Declaration:
        variant = self._edge_case(row).text_variant
        ordinary = tuple(at for at in row.amended_at if at <= now)
        declaration = self._factory.make(row, variant, ordinary)
        further = tuple(at for at in self._amendments(declaration.summary.entry_id) if at <= now)
        return self._factory.make(row, variant, ordinary + further) if further else declaration


def _number(entry_id: str) -> int:
    """The number of a row: the declaration's without the office, its first four digits."""
    return int(entry_id[_OFFICE_LENGTH:])


def _index(company: Company) -> int:
    return COMPANIES.index(company)
