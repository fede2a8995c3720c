"""The journal returns what was written, in order, and nothing removes it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from db.cache import Cache
from db.journal import Journal
from db.key import CacheKey
from jiacha_tui.declaration.journal import JournalEntry, JournalKind, JournalValue, Outcome
from tests.db.samples import entry_id

BEIJING = timezone(timedelta(hours=8))


def ticking() -> Callable[[], datetime]:
    """A clock that advances by a minute each time it is read."""
    now = datetime(2025, 7, 1, 9, 0, tzinfo=BEIJING)

    def clock() -> datetime:
        nonlocal now
        now += timedelta(minutes=1)
        return now

    return clock


@pytest.fixture
def journal(cache: Cache) -> Journal:
    return Journal(cache, ticking())


def test_an_entry_is_read_as_it_was_written(journal: Journal) -> None:
    detail: dict[str, JournalValue] = {
        "path": "/a/文件.xml",
        "size": 8 * 1024,
        "seconds": 0.25,
        "checked": True,
        "printer": None,
    }
    id_ = journal.write(JournalKind.DOWNLOAD, [entry_id(2), entry_id(1)], Outcome.DONE, "下载 2 票", detail)
    (entry,) = journal.recent(10)
    assert entry == JournalEntry(
        id=id_,
        at=datetime(2025, 7, 1, 1, 1, tzinfo=UTC),
        kind=JournalKind.DOWNLOAD,
        outcome=Outcome.DONE,
        entry_ids=(entry_id(2), entry_id(1)),
        message="下载 2 票",
        detail=detail,
    )
    assert entry.at.tzinfo is UTC


@pytest.mark.parametrize("kind", JournalKind)
@pytest.mark.parametrize("outcome", Outcome)
def test_every_kind_and_outcome_can_be_stored(journal: Journal, kind: JournalKind, outcome: Outcome) -> None:
    journal.write(kind, (), outcome)
    (entry,) = journal.recent(1)
    assert (entry.kind, entry.outcome, entry.entry_ids, entry.message, dict(entry.detail)) == (
        kind,
        outcome,
        (),
        "",
        {},
    )


def test_the_newest_entry_is_first(journal: Journal) -> None:
    ids = [journal.write(JournalKind.QUERY, (), Outcome.DONE, f"{number}") for number in range(5)]
    assert ids == sorted(set(ids))
    assert [entry.message for entry in journal.recent(3)] == ["4", "3", "2"]
    assert journal.recent(0) == []


def test_entries_of_one_declaration_kind_or_outcome(journal: Journal) -> None:
    journal.write(JournalKind.DOWNLOAD, [entry_id(1), entry_id(2)], Outcome.DONE, "a")
    journal.write(JournalKind.RESEND, [entry_id(2)], Outcome.UNKNOWN, "b")
    journal.write(JournalKind.DOWNLOAD, [entry_id(3)], Outcome.FAILED, "c")

    def messages(**selection: object) -> str:
        return "".join(entry.message for entry in journal.recent(9, **selection))  # type: ignore[arg-type] # one of three

    assert messages(entry_id=entry_id(2)) == "ba"
    assert messages(kind=JournalKind.DOWNLOAD) == "ca"
    assert messages(kind=JournalKind.DOWNLOAD, outcome=Outcome.DONE) == "a"
    assert messages(entry_id=entry_id(9)) == ""


def test_sql_and_surrogates_in_a_message_are_only_text(journal: Journal) -> None:
    journal.write(JournalKind.LOGIN, (), Outcome.FAILED, "'); DROP TABLE journal; --\ud800", {"a": "\ud800\0'"})
    (entry,) = journal.recent(1)
    assert entry.message == "'); DROP TABLE journal; --\ufffd"
    assert entry.detail == {"a": "\ufffd\0'"}


def test_entries_are_only_added(cache: Cache, key: CacheKey) -> None:
    """No method changes or removes an entry, and entries are still there when the cache is opened again."""
    public = {name for name in vars(Journal) if not name.startswith("_")}
    assert public == {"write", "recent", "unconfirmed", "confirm"}
    first = Journal(cache).write(JournalKind.LOGIN, (), Outcome.DONE)
    cache.close()
    again = Cache.open(cache.path, key)
    second = Journal(again).write(JournalKind.SYNC, (), Outcome.DONE)
    assert [entry.id for entry in Journal(again).recent(9)] == [second, first]
    again.close()


def test_the_default_clock_is_the_system_clock(cache: Cache) -> None:
    before = datetime.now(UTC)
    Journal(cache).write(JournalKind.LOGIN, (), Outcome.DONE)
    assert before <= Journal(cache).recent(1)[0].at <= datetime.now(UTC)


def test_an_entry_stays_unconfirmed_until_it_is_confirmed(cache: Cache, key: CacheKey) -> None:
    journal = Journal(cache)
    first, second, third = (
        journal.write(JournalKind.CACHE, (), Outcome.FAILED, str(number), needs_confirmation=number != 1)
        for number in range(3)
    )
    cache.close()
    again = Cache.open(cache.path, key)
    journal = Journal(again)
    assert [entry.id for entry in journal.unconfirmed()] == [first, third]
    journal.confirm([first, second])
    assert [entry.message for entry in journal.unconfirmed()] == ["2"]
    journal.confirm([third])
    assert journal.unconfirmed() == []
    assert len(journal.recent(10)) == 3
    again.close()


def test_the_writer_is_called_after_each_entry(cache: Cache) -> None:
    written: list[int] = []
    journal = Journal(cache, on_write=lambda: written.append(len(Journal(cache).recent(10))))
    for _ in range(2):
        journal.write(JournalKind.QUERY, (), Outcome.DONE)
    assert written == [1, 2]
