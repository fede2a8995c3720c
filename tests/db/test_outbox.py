"""A resend is written before it is sent and gets one answer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.cache import Cache
from db.declarations import Declarations
from db.key import CacheKey
from db.outbox import Outbox, Resend, ResendState
from db.results import Results
from tests.db.older_cache import insert_declarations, open_as_older_program
from tests.db.samples import entry_id, summary
from tests.db.test_journal import ticking

FIRST_MINUTE = datetime(2025, 7, 1, 1, 1, tzinfo=UTC)
SECOND_MINUTE = datetime(2025, 7, 1, 1, 2, tzinfo=UTC)


@pytest.fixture
def outbox(cache: Cache) -> Outbox:
    return Outbox(cache, ticking())


def resent_at(cache: Cache, number: int) -> datetime | None:
    (row,) = Results(cache).run(f"号:{entry_id(number)}").first_rows
    return row.resent_at


def test_a_resend_is_pending_until_it_has_an_answer(outbox: Outbox) -> None:
    numbers = (entry_id(2), entry_id(1))
    resend_id = outbox.put(numbers)
    assert outbox.pending() == (Resend(resend_id, numbers, FIRST_MINUTE, ResendState.PENDING, ""),)
    outbox.record_answer(resend_id, ResendState.UNKNOWN, "没有答复")
    assert outbox.pending() == ()
    expected = Resend(resend_id, numbers, FIRST_MINUTE, ResendState.UNKNOWN, "没有答复")
    assert outbox.last_sent([entry_id(1), entry_id(3)]) == {entry_id(1): expected}


@pytest.mark.parametrize("state", [ResendState.REFUSED, ResendState.UNKNOWN])
def test_the_table_shows_only_resends_that_were_sent(
    cache: Cache, declarations: Declarations, outbox: Outbox, state: ResendState
) -> None:
    declarations.merge_rows([summary(1), summary(2)])
    outbox.record_answer(outbox.put([entry_id(1)]), state)
    assert resent_at(cache, 1) is None
    sent = Outbox(cache, ticking())
    sent.record_answer(sent.put([entry_id(1), entry_id(9)]), ResendState.SENT)
    assert [resent_at(cache, 1), resent_at(cache, 2)] == [SECOND_MINUTE, None]


def test_a_resend_gets_only_one_answer(outbox: Outbox) -> None:
    resend_id = outbox.put([entry_id(1)])
    outbox.record_answer(resend_id, ResendState.SENT)
    for state in (ResendState.SENT, ResendState.UNKNOWN):
        with pytest.raises(ValueError, match=resend_id):
            outbox.record_answer(resend_id, state)
    assert outbox.last_sent([entry_id(1)])[entry_id(1)].state is ResendState.SENT


def test_a_wrong_state_or_id_is_refused(outbox: Outbox) -> None:
    with pytest.raises(ValueError, match="pending"):
        outbox.record_answer(outbox.put([entry_id(1)]), ResendState.PENDING)
    with pytest.raises(ValueError, match="no-such-id"):
        outbox.record_answer("no-such-id", ResendState.SENT)


def test_the_last_resend_of_each_declaration_counts(outbox: Outbox) -> None:
    first, second = outbox.put([entry_id(1), entry_id(2)]), outbox.put([entry_id(2)])
    last = outbox.last_sent([entry_id(1), entry_id(2)])
    assert {number: resend.id for number, resend in last.items()} == {entry_id(1): first, entry_id(2): second}
    assert outbox.last_sent([]) == {}


def test_a_refused_resend_does_not_hide_one_that_may_have_reached_the_port(outbox: Outbox) -> None:
    unknown, sent = outbox.put([entry_id(1)]), outbox.put([entry_id(2)])
    outbox.record_answer(unknown, ResendState.UNKNOWN)
    outbox.record_answer(sent, ResendState.SENT)
    outbox.record_answer(outbox.put([entry_id(1), entry_id(2), entry_id(3)]), ResendState.REFUSED)
    last = outbox.last_sent([entry_id(1), entry_id(2), entry_id(3)])
    assert {number: resend.id for number, resend in last.items()} == {entry_id(1): unknown, entry_id(2): sent}


def test_each_resend_has_its_own_id(outbox: Outbox) -> None:
    assert outbox.put([entry_id(1)]) != outbox.put([entry_id(1)])
    assert len(outbox.pending()) == 2


def unknown(cache: Cache) -> list[str]:
    """The declarations that the table marks, which the filter finds too."""
    rows = Results(cache).run("重发未知").first_rows
    assert all(row.resend_unknown_at is not None for row in rows)
    assert not any(row.resend_unknown_at for row in Results(cache).run("-重发未知").first_rows)
    return sorted(row.entry_id for row in rows)


def test_an_unknown_resend_is_marked_until_a_later_one_was_sent(
    cache: Cache, declarations: Declarations, outbox: Outbox
) -> None:
    declarations.merge_rows([summary(number) for number in range(1, 5)])
    outbox.record_answer(outbox.put([entry_id(1), entry_id(2)]), ResendState.UNKNOWN)
    assert unknown(cache) == [entry_id(1), entry_id(2)]
    (row,) = Results(cache).run(f"号:{entry_id(1)}").first_rows
    assert (row.resend_unknown_at, row.resent_at) == (FIRST_MINUTE, None)
    outbox.record_answer(outbox.put([entry_id(1), entry_id(3)]), ResendState.REFUSED)
    assert unknown(cache) == [entry_id(1), entry_id(2)], "a refused one changed nothing"
    outbox.record_answer(outbox.put([entry_id(2), entry_id(3)]), ResendState.SENT)
    assert unknown(cache) == [entry_id(1)]
    outbox.record_answer(outbox.put([entry_id(3)]), ResendState.UNKNOWN)
    assert unknown(cache) == [entry_id(1), entry_id(3)]


def test_an_unknown_resend_is_marked_unless_a_later_one_was_sent(
    cache: Cache, declarations: Declarations, outbox: Outbox
) -> None:
    """The one written last counts, whichever was answered first."""
    declarations.merge_rows([summary(1), summary(2)])
    first, second = outbox.put([entry_id(1)]), outbox.put([entry_id(1)])
    outbox.record_answer(second, ResendState.SENT)
    outbox.record_answer(first, ResendState.UNKNOWN)
    assert unknown(cache) == []
    first, second = outbox.put([entry_id(2)]), outbox.put([entry_id(2)])
    outbox.record_answer(second, ResendState.UNKNOWN)
    outbox.record_answer(first, ResendState.SENT)
    assert unknown(cache) == [entry_id(2)]


def test_a_resolved_resend_is_not_marked(cache: Cache, declarations: Declarations, outbox: Outbox) -> None:
    declarations.merge_rows([summary(1), summary(2), summary(3)])
    outbox.record_answer(outbox.put([entry_id(1), entry_id(2)]), ResendState.UNKNOWN)
    assert outbox.unresolved([entry_id(3), entry_id(1)]) == {entry_id(1)}
    outbox.mark_resolved([entry_id(1), entry_id(3)])
    assert outbox.unresolved([entry_id(1), entry_id(2)]) == {entry_id(2)}
    assert unknown(cache) == [entry_id(2)]
    outbox.record_answer(outbox.put([entry_id(1)]), ResendState.REFUSED)
    assert unknown(cache) == [entry_id(2)], "a refused one changed nothing"
    outbox.record_answer(outbox.put([entry_id(1)]), ResendState.UNKNOWN)
    assert unknown(cache) == [entry_id(1), entry_id(2)]


def test_migration_marks_the_unknown_resends_of_an_older_cache(cache_path: Path, key: CacheKey) -> None:
    older = open_as_older_program(cache_path, key, migrations=3)
    insert_declarations(older, [{"entry_id": entry_id(number)} for number in range(1, 7)])
    with older.write_cursor() as cursor:
        for minute, (state, numbers) in enumerate(
            [
                ("unknown", [1, 2, 3]),
                ("sent", [2, 4]),
                ("refused", [3]),
                ("sent", [5]),
                ("unknown", [5]),
                (None, [4]),
            ]
        ):
            put_at = f"2025-07-01 01:0{minute}:00"
            ids = [entry_id(number) for number in numbers]
            cursor.execute("INSERT INTO resend VALUES (?, ?, ?)", [f"resend-{minute}", ids, put_at])
            if state is not None:
                cursor.execute("INSERT INTO resend_answer VALUES (?, ?, '', ?)", [f"resend-{minute}", state, put_at])
    older.close()
    cache = Cache.open(cache_path, key)
    assert unknown(cache) == [entry_id(1), entry_id(3), entry_id(5)]
    Outbox(cache).recover()
    assert unknown(cache) == [entry_id(1), entry_id(3), entry_id(4), entry_id(5)]
    cache.close()


def test_resends_that_another_program_left_pending_become_unknown(cache: Cache, outbox: Outbox, key: CacheKey) -> None:
    answered, abandoned = outbox.put([entry_id(1)]), outbox.put([entry_id(2)])
    outbox.record_answer(answered, ResendState.SENT)
    cache.close()
    again = Cache.open(cache.path, key)
    recovered = Outbox(again)
    assert [resend.id for resend in recovered.recover()] == [abandoned]
    assert recovered.recover() == recovered.pending() == ()
    last = recovered.last_sent([entry_id(2)])[entry_id(2)]
    assert last.state is ResendState.UNKNOWN
    assert last.message
    again.close()


def lost(*numbers: int, id_: str = "lost", at: datetime = FIRST_MINUTE) -> Resend:
    """A resend that another record knows of: the cache that had it is gone."""
    return Resend(id_, tuple(map(entry_id, numbers)), at, ResendState.PENDING, "")


def unknown_in_table(cache: Cache) -> list[str]:
    return sorted(row.entry_id for row in Results(cache).run("重发未知").first_rows)


class TestRestoredResends:
    def test_they_are_unknown_and_a_second_call_changes_nothing(self, cache: Cache, outbox: Outbox) -> None:
        Declarations(cache).merge_rows([summary(1), summary(2)])
        (restored,) = outbox.restore_unknown([lost(1)])
        assert (restored.state, restored.at, bool(restored.message)) == (ResendState.UNKNOWN, FIRST_MINUTE, True)
        assert outbox.last_sent([entry_id(1)]) == {entry_id(1): restored}
        assert unknown_in_table(cache) == [entry_id(1)]
        outbox.mark_resolved([entry_id(1)])
        assert outbox.restore_unknown([lost(1)]) == ()
        assert unknown_in_table(cache) == []

    def test_declarations_that_come_later_are_marked_too(self, cache: Cache, outbox: Outbox) -> None:
        outbox.restore_unknown([lost(1, 2)])
        declarations = Declarations(cache)
        declarations.merge_rows([summary(1), summary(3)])
        assert unknown_in_table(cache) == [entry_id(1)]
        assert outbox.unresolved([entry_id(1), entry_id(3)]) == {entry_id(1)}
        outbox.mark_resolved([entry_id(1)])
        declarations.merge_rows([summary(1), summary(2)])
        assert unknown_in_table(cache) == [entry_id(2)], "what was resolved stays resolved"

    def test_one_that_was_sent_again_since_is_not_marked(self, cache: Cache, outbox: Outbox) -> None:
        sent = Outbox(cache, ticking())
        sent.record_answer(sent.put([entry_id(1)]), ResendState.SENT)
        outbox.restore_unknown([lost(1, 2, at=FIRST_MINUTE - timedelta(days=1))])
        Declarations(cache).merge_rows([summary(1), summary(2)])
        assert unknown_in_table(cache) == [entry_id(2)]

    def test_an_older_one_does_not_replace_the_time_of_a_newer_one(self, cache: Cache, outbox: Outbox) -> None:
        Declarations(cache).merge_rows([summary(1)])
        outbox.record_answer(outbox.put([entry_id(1)]), ResendState.UNKNOWN)
        outbox.restore_unknown([lost(1, at=FIRST_MINUTE - timedelta(days=1))])
        assert outbox.last_sent([entry_id(1)])[entry_id(1)].at == FIRST_MINUTE

    def test_one_that_the_outbox_has_keeps_its_state(self, outbox: Outbox) -> None:
        id_ = outbox.put([entry_id(1)])
        outbox.record_answer(id_, ResendState.SENT)
        assert outbox.restore_unknown([lost(1, id_=id_)]) == ()
        assert outbox.last_sent([entry_id(1)])[entry_id(1)].state is ResendState.SENT

    def test_one_that_was_sent_is_marked_as_sent_also_on_declarations_that_come_later(
        self, cache: Cache, outbox: Outbox
    ) -> None:
        Declarations(cache).merge_rows([summary(1)])
        for _ in range(2):
            outbox.restore_sent([lost(1, 2)])
        Declarations(cache).merge_rows([summary(2)])
        sent = {row.entry_id: row.resent_at for row in Results(cache).run("").first_rows}
        assert sent == {entry_id(1): FIRST_MINUTE, entry_id(2): FIRST_MINUTE}
        assert outbox.last_sent([entry_id(2)])[entry_id(2)].state is ResendState.SENT

    def test_the_answer_of_one_that_is_pending_here_is_restored(self, outbox: Outbox) -> None:
        id_ = outbox.put([entry_id(1)])
        outbox.restore_sent([lost(1, id_=id_)])
        assert outbox.pending() == ()
        outbox.restore_sent([lost(1, id_=id_)])
        assert outbox.last_sent([entry_id(1)])[entry_id(1)].state is ResendState.SENT
