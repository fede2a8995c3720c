"""A resend is written before it is sent and answered once."""

from datetime import UTC, datetime
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
    (line,) = Results(cache).run(f"号:{entry_id(number)}").first_rows
    return line.resent_at


def test_what_was_put_is_pending_until_it_is_answered(outbox: Outbox) -> None:
    numbers = (entry_id(2), entry_id(1))
    resend_id = outbox.put(numbers)
    assert outbox.pending() == (Resend(resend_id, numbers, FIRST_MINUTE, ResendState.PENDING, ""),)
    outbox.record_answer(resend_id, ResendState.UNKNOWN, "没有答复")
    assert outbox.pending() == ()
    expected = Resend(resend_id, numbers, FIRST_MINUTE, ResendState.UNKNOWN, "没有答复")
    assert outbox.last_sent([entry_id(1), entry_id(3)]) == {entry_id(1): expected}


@pytest.mark.parametrize("state", [ResendState.REFUSED, ResendState.UNKNOWN])
def test_only_what_was_sent_shows_in_the_table(
    cache: Cache, declarations: Declarations, outbox: Outbox, state: ResendState
) -> None:
    declarations.merge_rows([summary(1), summary(2)])
    outbox.record_answer(outbox.put([entry_id(1)]), state)
    assert resent_at(cache, 1) is None
    sent = Outbox(cache, ticking())
    sent.record_answer(sent.put([entry_id(1), entry_id(9)]), ResendState.SENT)
    assert [resent_at(cache, 1), resent_at(cache, 2)] == [SECOND_MINUTE, None]


def test_an_answer_is_given_once(outbox: Outbox) -> None:
    resend_id = outbox.put([entry_id(1)])
    outbox.record_answer(resend_id, ResendState.SENT)
    for state in (ResendState.SENT, ResendState.UNKNOWN):
        with pytest.raises(ValueError, match=resend_id):
            outbox.record_answer(resend_id, state)
    assert outbox.last_sent([entry_id(1)])[entry_id(1)].state is ResendState.SENT


def test_what_is_no_answer_or_has_no_resend_is_refused(outbox: Outbox) -> None:
    with pytest.raises(ValueError, match="pending"):
        outbox.record_answer(outbox.put([entry_id(1)]), ResendState.PENDING)
    with pytest.raises(ValueError, match="nothing-like-it"):
        outbox.record_answer("nothing-like-it", ResendState.SENT)


def test_the_last_resend_of_each_counts(outbox: Outbox) -> None:
    first, second = outbox.put([entry_id(1), entry_id(2)]), outbox.put([entry_id(2)])
    last = outbox.last_sent([entry_id(1), entry_id(2)])
    assert {number: resend.id for number, resend in last.items()} == {entry_id(1): first, entry_id(2): second}
    assert outbox.last_sent([]) == {}


def test_a_refused_resend_hides_none_that_may_have_reached_the_port(outbox: Outbox) -> None:
    unknown, sent = outbox.put([entry_id(1)]), outbox.put([entry_id(2)])
    outbox.record_answer(unknown, ResendState.UNKNOWN)
    outbox.record_answer(sent, ResendState.SENT)
    outbox.record_answer(outbox.put([entry_id(1), entry_id(2), entry_id(3)]), ResendState.REFUSED)
    last = outbox.last_sent([entry_id(1), entry_id(2), entry_id(3)])
    assert {number: resend.id for number, resend in last.items()} == {entry_id(1): unknown, entry_id(2): sent}


def test_two_resends_are_two(outbox: Outbox) -> None:
    assert outbox.put([entry_id(1)]) != outbox.put([entry_id(1)])
    assert len(outbox.pending()) == 2


def unknown(cache: Cache) -> list[str]:
    """What is marked, which is what the filter finds."""
    found = Results(cache).run("重发未知").first_rows
    assert all(line.resend_unknown_at is not None for line in found)
    assert not any(line.resend_unknown_at for line in Results(cache).run("-重发未知").first_rows)
    return sorted(line.entry_id for line in found)


def test_what_was_never_answered_is_marked_until_a_later_resend_has_reached_the_port(
    cache: Cache, declarations: Declarations, outbox: Outbox
) -> None:
    declarations.merge_rows([summary(number) for number in range(1, 5)])
    outbox.record_answer(outbox.put([entry_id(1), entry_id(2)]), ResendState.UNKNOWN)
    assert unknown(cache) == [entry_id(1), entry_id(2)]
    (line,) = Results(cache).run(f"号:{entry_id(1)}").first_rows
    assert (line.resend_unknown_at, line.resent_at) == (FIRST_MINUTE, None)
    outbox.record_answer(outbox.put([entry_id(1), entry_id(3)]), ResendState.REFUSED)
    assert unknown(cache) == [entry_id(1), entry_id(2)], "a refused one changed nothing"
    outbox.record_answer(outbox.put([entry_id(2), entry_id(3)]), ResendState.SENT)
    assert unknown(cache) == [entry_id(1)]
    outbox.record_answer(outbox.put([entry_id(3)]), ResendState.UNKNOWN)
    assert unknown(cache) == [entry_id(1), entry_id(3)]


def test_what_was_sent_before_it_does_not_hide_it_and_what_was_sent_after_it_does(
    cache: Cache, declarations: Declarations, outbox: Outbox
) -> None:
    """Whichever of two was answered first: the one that was put last counts."""
    declarations.merge_rows([summary(1), summary(2)])
    first, second = outbox.put([entry_id(1)]), outbox.put([entry_id(1)])
    outbox.record_answer(second, ResendState.SENT)
    outbox.record_answer(first, ResendState.UNKNOWN)
    assert unknown(cache) == []
    first, second = outbox.put([entry_id(2)]), outbox.put([entry_id(2)])
    outbox.record_answer(second, ResendState.UNKNOWN)
    outbox.record_answer(first, ResendState.SENT)
    assert unknown(cache) == [entry_id(2)]


def test_what_the_operator_has_looked_into_is_marked_no_more(
    cache: Cache, declarations: Declarations, outbox: Outbox
) -> None:
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


def test_an_older_cache_is_marked_by_what_its_outbox_says(cache_path: Path, key: CacheKey) -> None:
    older = open_as_older_program(cache_path, key, migrations=3)
    insert_declarations(older, [{"entry_id": entry_id(number)} for number in range(1, 7)])
    with older.writing() as cursor:
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


def test_what_another_program_left_over_becomes_unknown(cache: Cache, outbox: Outbox, key: CacheKey) -> None:
    answered, left_over = outbox.put([entry_id(1)]), outbox.put([entry_id(2)])
    outbox.record_answer(answered, ResendState.SENT)
    cache.close()
    again = Cache.open(cache.path, key)
    recovered = Outbox(again)
    assert [resend.id for resend in recovered.recover()] == [left_over]
    assert recovered.recover() == recovered.pending() == ()
    last = recovered.last_sent([entry_id(2)])[entry_id(2)]
    assert last.state is ResendState.UNKNOWN
    assert last.message
    again.close()
