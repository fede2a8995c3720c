"""Marks of declarations whose data has changed at the port after they were downloaded or printed here."""

import contextlib
import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from db.cache import Cache
from db.declarations import Declarations
from db.journal import Journal
from db.key import CacheKey
from db.results import Results
from jiacha_tui.declaration.hints import outdated_texts
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.model import Declaration, Kind, Origin
from jiacha_tui.declaration.query import DateRange, NumberQuery
from tests.db.older_cache import insert_declarations, open_as_older_program
from tests.db.samples import declaration, entry_id, head, item, summary, wall_clock

START = datetime(2025, 7, 10, 8, tzinfo=UTC)
FIRST = entry_id(1)


class SteppedClock:
    """Each reading is a minute later."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def synced(cache: Cache, clock: SteppedClock) -> Declarations:
    """Two declarations with their details."""
    declarations = Declarations(cache, clock)
    declarations.put_details([declaration(1), declaration(2)])
    return declarations


def download(declarations: Declarations, clock: SteppedClock, number: int = 1) -> None:
    declarations.mark_downloaded(NumberQuery(entry_id(number)), clock())


def marks(declarations: Declarations) -> tuple[bool, bool]:
    """Whether the file and whether the print of the first declaration are outdated."""
    found = declarations.get(FIRST)
    assert found is not None
    return found.file_outdated_at is not None, found.print_outdated_at is not None


def amended(**changes: Any) -> Declaration:
    """The first declaration after customs have amended it."""
    row = summary(1, transfer_state="修改", reported_at=wall_clock("2025-07-09 10:00"))
    return dataclasses.replace(declaration(1, **changes), summary=row)


@pytest.mark.parametrize(
    "change",
    [
        {"transfer_state": "修改"},
        {"usd_amount": Decimal(1)},
        {"exported_on": date(2025, 6, 29)},
        {"exit_customs": "北仑"},
    ],
)
def test_a_changed_row_outdates_the_file(synced: Declarations, clock: SteppedClock, change: dict[str, Any]) -> None:
    download(synced, clock)
    synced.merge_rows([summary(1, **change)])
    assert marks(synced) == (True, False)


@pytest.mark.parametrize(
    "change",
    [{"print_count": 3}, {"detail_token": "new"}, {"reported_at": wall_clock("2025-07-09")}, {"unparsed": {"a": "b"}}],
)
def test_prints_tokens_and_the_time_of_a_resend_outdate_nothing(
    synced: Declarations, clock: SteppedClock, change: dict[str, Any]
) -> None:
    download(synced, clock)
    synced.merge_rows([summary(1, **change)])
    synced.put_details([dataclasses.replace(declaration(1), summary=summary(1, **change))])
    assert marks(synced) == (False, False)


@pytest.mark.parametrize(
    "after",
    [
        Declaration(summary(1), head(1, gross_weight=Decimal(1)), declaration(1).items),
        Declaration(summary(1), head(1, amendment_count=1), declaration(1).items),
        Declaration(summary(1), head(1), declaration(1).items[:1]),
        Declaration(summary(1), head(1), (item(1, quantity=Decimal(13)), *declaration(1).items[1:])),
    ],
)
def test_a_changed_detail_outdates_file_and_print(
    synced: Declarations, clock: SteppedClock, after: Declaration
) -> None:
    download(synced, clock)
    synced.add_print([FIRST])
    synced.put_details([after])
    assert marks(synced) == (True, True)


def test_the_same_detail_in_other_digits_is_no_change(synced: Declarations, clock: SteppedClock) -> None:
    download(synced, clock)
    synced.put_details([declaration(1, gross_weight=Decimal("18750.500"))])
    assert marks(synced) == (False, False)


def test_what_was_neither_downloaded_nor_printed_is_never_marked(synced: Declarations, clock: SteppedClock) -> None:
    download(synced, clock, 2)
    synced.merge_rows([amended().summary])
    synced.put_details([amended(gross_weight=Decimal(1))])
    assert marks(synced) == (False, False)


def test_a_download_removes_the_mark_of_the_file_only(synced: Declarations, clock: SteppedClock) -> None:
    download(synced, clock)
    synced.add_port_print([FIRST])
    synced.merge_rows([amended().summary])
    download(synced, clock)
    assert marks(synced) == (False, True)
    synced.put_details([amended()])
    synced.add_print([FIRST])
    assert marks(synced) == (False, False)


def test_a_file_that_was_downloaded_after_the_list_changed_is_not_outdated_by_the_late_detail(
    synced: Declarations, clock: SteppedClock
) -> None:
    synced.merge_rows([amended().summary])
    download(synced, clock)
    synced.put_details([amended(gross_weight=Decimal(1))])
    assert marks(synced) == (False, False), "the file has what the list had told before"
    synced.merge_rows([dataclasses.replace(amended().summary, usd_amount=Decimal(2))])
    assert marks(synced) == (True, False)


def test_a_change_that_came_during_the_download_stays_marked(synced: Declarations, clock: SteppedClock) -> None:
    download(synced, clock)
    requested_at = clock()
    synced.merge_rows([amended().summary])
    synced.mark_downloaded(NumberQuery(FIRST), clock(), requested_at=requested_at)
    assert marks(synced) == (True, False)


def test_a_change_that_came_during_the_first_download_is_marked(synced: Declarations, clock: SteppedClock) -> None:
    requested_at = clock()
    synced.merge_rows([amended().summary])
    synced.mark_downloaded(NumberQuery(FIRST), clock(), requested_at=requested_at)
    assert marks(synced) == (True, False)
    download(synced, clock)
    assert marks(synced) == (False, False)


@pytest.mark.parametrize("prints_before", [0, 1])
def test_a_print_of_the_old_detail_is_outdated(synced: Declarations, prints_before: int) -> None:
    for _ in range(prints_before):
        synced.add_print([FIRST])
    synced.merge_rows([amended().summary])
    synced.add_print([FIRST])
    assert marks(synced) == (False, True)
    synced.put_details([amended(gross_weight=Decimal(1))])
    assert marks(synced) == (False, True)
    synced.add_print([FIRST])
    assert marks(synced) == (False, False)


def test_a_print_from_the_port_is_not_outdated_while_the_detail_is_due(synced: Declarations) -> None:
    synced.add_print([FIRST])
    synced.merge_rows([amended().summary])
    synced.add_port_print([FIRST])
    assert marks(synced) == (False, False)


def test_a_change_that_came_while_it_was_printed_stays_marked(synced: Declarations, clock: SteppedClock) -> None:
    loaded_at = clock()
    synced.merge_rows([amended().summary])
    synced.put_details([amended()])
    synced.add_print([FIRST], loaded_at)
    assert marks(synced) == (False, True)


def test_a_first_list_of_an_imported_and_printed_declaration_is_no_change(cache: Cache, clock: SteppedClock) -> None:
    declarations = Declarations(cache, clock)
    imported = dataclasses.replace(declaration(1, gross_weight=None), origin=Origin.FILE)
    declarations.put_imported([imported])
    declarations.add_print([FIRST])
    declarations.merge_rows([amended().summary])
    declarations.put_details([amended()])
    assert marks(declarations) == (False, False)


def test_they_are_found_counted_and_told(cache: Cache, synced: Declarations, clock: SteppedClock) -> None:
    download(synced, clock)
    download(synced, clock, 2)
    synced.add_print([entry_id(2)])
    before = clock()
    assert synced.outdated_since(before) == ()
    synced.merge_rows([summary(2, usd_amount=Decimal(7))])
    assert synced.outdated_since(before) == (entry_id(2),)
    assert synced.outdated_since(clock()) == ()
    assert synced.outdated_downloads([FIRST, entry_id(2), entry_id(3)]) == {entry_id(2)}
    days = synced.daily_downloads(DateRange.month(2025, 6), Kind.CLEARED)
    assert [(day.declarations, day.outdated) for day in days.values()] == [(2, 1)]
    (row,) = Results(cache).run("下载后有变").first_rows
    assert (row.entry_id, row.is_outdated) == (entry_id(2), True)
    found = synced.get(entry_id(2))
    assert found is not None
    assert [text[:8] for text in outdated_texts(found)] == ["下载后口岸数据有", "打印后口岸数据有"]


def test_the_last_print_by_an_older_program_is_known_from_the_journal(cache_path: Path, key: CacheKey) -> None:
    with contextlib.closing(open_as_older_program(cache_path, key, 13)) as older:
        insert_declarations(older, [{"entry_id": entry_id(number), "has_detail": "false"} for number in (1, 2)])
        journal = Journal(older, lambda: START)
        journal.write(JournalKind.PRINT, [FIRST], Outcome.DONE)
        journal.write(JournalKind.PRINT, [entry_id(2)], Outcome.FAILED)
    with contextlib.closing(Cache.open(cache_path, key)) as cache:
        declarations = Declarations(cache)
        declarations.merge_rows([summary(1), summary(2)])
        assert Results(cache).run("下载后有变").entry_ids() == (FIRST,)
        assert marks(declarations) == (False, True)
