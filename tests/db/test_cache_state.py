"""What a state says of a cache: counts, and the resends that must not be forgotten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db import cache_state
from db.cache import Cache
from db.cache_state import CacheCounts, read_counts, read_last_journal_id, read_resends
from db.declarations import Declarations
from db.journal import Journal
from db.outbox import Outbox, Resend, ResendState
from jiacha_tui.declaration.journal import JournalKind, Outcome
from tests.db.samples import declaration, entry_id, summary

NOW = datetime(2025, 7, 1, 9, 30, tzinfo=UTC)


class Time:
    """A clock that each call moves on by a second, and that a test can set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def outbox(cache: Cache, declarations: Declarations, time: Time) -> Outbox:
    declarations.merge_rows([summary(number) for number in range(1, 10)])
    return Outbox(cache, time)


def named(cache: Cache, now: datetime = NOW) -> dict[tuple[str, ...], ResendState]:
    return {resend.entry_ids: resend.state for resend in resends(cache, now)}


def resends(cache: Cache, now: datetime = NOW) -> tuple[Resend, ...]:
    with cache.read_cursor() as cursor:
        return read_resends(cursor, now)


def resend(outbox: Outbox, state: ResendState, *numbers: int) -> tuple[str, ...]:
    entry_ids = tuple(entry_id(number) for number in numbers)
    resend_id = outbox.put(entry_ids)
    if state is not ResendState.PENDING:
        outbox.record_answer(resend_id, state)
    return entry_ids


def test_counts(cache: Cache, declarations: Declarations, outbox: Outbox) -> None:
    declarations.put_details([declaration(1), declaration(20)])
    last = Journal(cache).write(JournalKind.QUERY, (), Outcome.DONE)
    outbox.put([entry_id(1)])
    with cache.read_cursor() as cursor:
        assert read_counts(cursor) == CacheCounts(10, 2, 1, 1)
        assert read_last_journal_id(cursor) == last


def test_a_detail_that_arrives_again_is_counted_once(cache: Cache, declarations: Declarations) -> None:
    for _ in range(2):
        declarations.put_details([declaration(1)])
    with cache.read_cursor() as cursor:
        assert read_counts(cursor).details == 1


@pytest.mark.parametrize("state", [ResendState.PENDING, ResendState.UNKNOWN, ResendState.SENT])
def test_a_resend_that_may_have_arrived_is_named(cache: Cache, outbox: Outbox, state: ResendState) -> None:
    entry_ids = resend(outbox, state, 1, 2)
    (found,) = resends(cache)
    assert (found.entry_ids, found.state, found.at) == (entry_ids, state, NOW + timedelta(seconds=1))


def test_a_refused_resend_is_not_named(cache: Cache, outbox: Outbox) -> None:
    resend(outbox, ResendState.REFUSED, 1)
    assert named(cache) == {}


def test_only_the_unresolved_declarations_of_a_resend_are_named(cache: Cache, outbox: Outbox) -> None:
    one, two, three = resend(outbox, ResendState.UNKNOWN, 1, 2, 3)
    outbox.mark_resolved([two])
    assert named(cache) == {(one, three): ResendState.UNKNOWN}
    outbox.mark_resolved([one, three])
    assert named(cache) == {}


def test_a_resend_of_a_declaration_that_the_cache_lacks_is_named(cache: Cache, outbox: Outbox) -> None:
    entry_ids = resend(outbox, ResendState.UNKNOWN, 500)
    assert named(cache) == {entry_ids: ResendState.UNKNOWN}


def test_an_unknown_resend_that_was_sent_again_is_named_as_sent(cache: Cache, outbox: Outbox) -> None:
    resend(outbox, ResendState.UNKNOWN, 1)
    sent = resend(outbox, ResendState.SENT, 1)
    assert named(cache) == {sent: ResendState.SENT}


def test_after_90_days_only_what_is_open_is_named(cache: Cache, outbox: Outbox) -> None:
    resend(outbox, ResendState.SENT, 1)
    unknown = resend(outbox, ResendState.UNKNOWN, 2)
    pending = resend(outbox, ResendState.PENDING, 3)
    later = NOW + timedelta(days=91)
    assert named(cache, later) == {unknown: ResendState.UNKNOWN, pending: ResendState.PENDING}


def test_of_too_many_the_open_ones_and_the_newest_are_named(
    cache: Cache, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_state, "MAX_RESENDS", 2)
    unknown = resend(outbox, ResendState.UNKNOWN, 1)
    resend(outbox, ResendState.SENT, 2)
    newest = resend(outbox, ResendState.SENT, 3)
    assert named(cache) == {unknown: ResendState.UNKNOWN, newest: ResendState.SENT}


@pytest.mark.parametrize("lacking", ["declarations", "details", "journal_entries", "resends"])
def test_what_is_lacking_is_counted(lacking: str) -> None:
    full = CacheCounts(5, 4, 3, 2)
    fewer = replace(full, **{lacking: getattr(full, lacking) - 1})
    assert fewer.lacking(full) == replace(CacheCounts(), **{lacking: 1})
    assert full.lacking(fewer).is_zero
