"""A resend is written before it is sent and answered once."""

from datetime import UTC, datetime

import pytest

from db.cache import Cache
from db.declarations import Declarations
from db.key import CacheKey
from db.outbox import Outbox, Resend, ResendState
from db.results import Results
from tests.db.samples import entry_id, summary
from tests.db.test_journal import ticking

FIRST_MINUTE = datetime(2025, 7, 1, 1, 1, tzinfo=UTC)
SECOND_MINUTE = datetime(2025, 7, 1, 1, 2, tzinfo=UTC)


@pytest.fixture
def outbox(cache: Cache) -> Outbox:
    return Outbox(cache, ticking())


def resent_at(cache: Cache, number: int) -> datetime | None:
    (line,) = Results(cache).run(f"号:{entry_id(number)}").first
    return line.resent_at


def test_what_was_put_is_pending_until_it_is_answered(outbox: Outbox) -> None:
    numbers = (entry_id(2), entry_id(1))
    resend_id = outbox.put(numbers)
    assert outbox.pending() == (Resend(resend_id, numbers, FIRST_MINUTE, ResendState.PENDING, ""),)
    outbox.mark(resend_id, ResendState.UNKNOWN, "没有答复")
    assert outbox.pending() == ()
    expected = Resend(resend_id, numbers, FIRST_MINUTE, ResendState.UNKNOWN, "没有答复")
    assert outbox.last_sent([entry_id(1), entry_id(3)]) == {entry_id(1): expected}


@pytest.mark.parametrize("state", [ResendState.REFUSED, ResendState.UNKNOWN])
def test_only_what_was_sent_shows_in_the_table(
    cache: Cache, declarations: Declarations, outbox: Outbox, state: ResendState
) -> None:
    declarations.fold([summary(1), summary(2)])
    outbox.mark(outbox.put([entry_id(1)]), state)
    assert resent_at(cache, 1) is None
    sent = Outbox(cache, ticking())
    sent.mark(sent.put([entry_id(1), entry_id(9)]), ResendState.SENT)
    assert [resent_at(cache, 1), resent_at(cache, 2)] == [SECOND_MINUTE, None]


def test_an_answer_is_given_once(outbox: Outbox) -> None:
    resend_id = outbox.put([entry_id(1)])
    outbox.mark(resend_id, ResendState.SENT)
    for state in (ResendState.SENT, ResendState.UNKNOWN):
        with pytest.raises(ValueError, match=resend_id):
            outbox.mark(resend_id, state)
    assert outbox.last_sent([entry_id(1)])[entry_id(1)].state is ResendState.SENT


def test_what_is_no_answer_or_has_no_resend_is_refused(outbox: Outbox) -> None:
    with pytest.raises(ValueError, match="pending"):
        outbox.mark(outbox.put([entry_id(1)]), ResendState.PENDING)
    with pytest.raises(ValueError, match="nothing-like-it"):
        outbox.mark("nothing-like-it", ResendState.SENT)


def test_the_last_resend_of_each_counts(outbox: Outbox) -> None:
    first, second = outbox.put([entry_id(1), entry_id(2)]), outbox.put([entry_id(2)])
    last = outbox.last_sent([entry_id(1), entry_id(2)])
    assert {number: resend.id for number, resend in last.items()} == {entry_id(1): first, entry_id(2): second}
    assert outbox.last_sent([]) == {}


def test_a_refused_resend_hides_none_that_may_have_reached_the_port(outbox: Outbox) -> None:
    unknown, sent = outbox.put([entry_id(1)]), outbox.put([entry_id(2)])
    outbox.mark(unknown, ResendState.UNKNOWN)
    outbox.mark(sent, ResendState.SENT)
    outbox.mark(outbox.put([entry_id(1), entry_id(2), entry_id(3)]), ResendState.REFUSED)
    last = outbox.last_sent([entry_id(1), entry_id(2), entry_id(3)])
    assert {number: resend.id for number, resend in last.items()} == {entry_id(1): unknown, entry_id(2): sent}


def test_two_resends_are_two(outbox: Outbox) -> None:
    assert outbox.put([entry_id(1)]) != outbox.put([entry_id(1)])
    assert len(outbox.pending()) == 2


def test_what_another_program_left_over_becomes_unknown(cache: Cache, outbox: Outbox, key: CacheKey) -> None:
    answered, left_over = outbox.put([entry_id(1)]), outbox.put([entry_id(2)])
    outbox.mark(answered, ResendState.SENT)
    cache.close()
    again = Cache.open(cache.path, key)
    recovered = Outbox(again)
    assert [resend.id for resend in recovered.recover()] == [left_over]
    assert recovered.recover() == recovered.pending() == ()
    last = recovered.last_sent([entry_id(2)])[entry_id(2)]
    assert last.state is ResendState.UNKNOWN
    assert last.message
    again.close()
