"""Resend: at most ten, sent once, and what is not known is said."""

import asyncio

import httpx
import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.listing import read_list
from jiacha_tui.actions.problems import NotOnline
from jiacha_tui.actions.resend import ResendProposal, mark_resolved, propose, send
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.declaration.rules import BatchTooLarge, NothingSelected
from jiacha_tui.demo.demo import Demo
from tests.actions.conftest import open_session, show_view
from tests.app_contexts import TODAY
from tests.recording_transport import RecordingTransport, lose_connection

SEND = "send1"


@pytest.fixture
async def entry_ids(session: Session) -> tuple[str, ...]:
    """The declarations of this month, in the cache."""

    async def on_page(_page: int, _listed: object) -> None:
        return

    query = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month))
    await read_list(session, query, on_page)
    page = await session.require_port().list_page(query, 1)
    return tuple(row.entry_id for row in page.rows)


async def test_ten_are_resent_at_once_and_eleven_are_not(
    session: Session, entry_ids: tuple[str, ...], demo: Demo
) -> None:
    with pytest.raises(BatchTooLarge):
        await propose(session, entry_ids[:11])
    with pytest.raises(NothingSelected):
        await propose(session, ())
    outcome = await send(session, await propose(session, entry_ids[:10]))
    assert outcome.outcome is Outcome.DONE
    assert sorted(entry_id for entry_id, _at in demo.store.resends()) == sorted(entry_ids[:10])


async def test_the_action_itself_refuses_eleven(
    session: Session, entry_ids: tuple[str, ...], line: RecordingTransport
) -> None:
    ten = await propose(session, entry_ids[:10])
    one = await propose(session, entry_ids[10:11])
    with pytest.raises(BatchTooLarge):
        await send(session, ResendProposal(ten.candidates + one.candidates))
    assert line.count(SEND) == 0


async def test_a_second_resend_is_told_of_the_first(session: Session, entry_ids: tuple[str, ...]) -> None:
    first = await propose(session, entry_ids[:1])
    assert first.candidates[0].note == ""
    await send(session, first)
    assert (await propose(session, entry_ids[:1])).candidates[0].note == "今天已重发过"


async def test_an_answer_that_never_came_is_unknown_and_said_so_next_time(
    session: Session, entry_ids: tuple[str, ...], line: RecordingTransport, demo: Demo
) -> None:
    line.after = lose_connection(SEND)
    outcome = await send(session, await propose(session, entry_ids[:2]))
    assert outcome.outcome is Outcome.UNKNOWN
    assert "结果未知" not in outcome.message, "the screen writes it before the message"
    assert line.count(SEND) == 1, "never sent twice by itself"
    assert len(demo.store.resends()) == 2, "the port did resend both"
    line.after = lambda path: None
    assert {one.note for one in (await propose(session, entry_ids[:2])).candidates} == {"上次重发结果未知"}
    (entry,) = session.journal.recent(5, kind=JournalKind.RESEND)
    assert (entry.outcome, entry.entry_ids) == (Outcome.UNKNOWN, entry_ids[:2])
    assert entry.summary.count("结果未知") == 1


async def test_a_resend_that_the_port_answers_with_a_refusal_is_unknown_with_its_words(
    session: Session, entry_ids: tuple[str, ...], demo: Demo
) -> None:
    proposal = await propose(session, entry_ids[:1])
    foreign = entry_ids[0][:-1] + str((int(entry_ids[0][-1]) + 1) % 10)
    wrong = ResendProposal(tuple(type(line)(foreign, None, None, "") for line in proposal.candidates))
    outcome = await send(session, wrong)
    assert outcome.outcome is Outcome.UNKNOWN, "the codes of the real port are not known"
    assert "境内收发货人" in outcome.message
    assert demo.store.resends() == ()


class _EndingSession(httpx.AsyncBaseTransport):
    """A way to the port on which the first request of one kind is answered by a redirect to the login page."""

    def __init__(self, port: httpx.AsyncBaseTransport, ending: str) -> None:
        self._port = port
        self._ending = ending

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._ending and request.url.path.endswith(self._ending):
            self._ending = ""
            return httpx.Response(302, headers={"location": "/cas/login"})
        return await self._port.handle_async_request(request)


async def test_a_session_that_ended_before_a_resend_is_renewed_and_the_resend_sent_once(
    session: Session, entry_ids: tuple[str, ...], line: RecordingTransport, demo: Demo
) -> None:
    line.port = _EndingSession(line.port, "getSession")
    outcome = await send(session, await propose(session, entry_ids[:1]))
    assert outcome.outcome is Outcome.DONE
    assert line.count(SEND) == 1
    assert len(demo.store.resends()) == 1


async def test_a_resend_that_is_answered_by_the_login_is_unknown_and_not_sent_again(
    session: Session, entry_ids: tuple[str, ...], line: RecordingTransport
) -> None:
    line.port = _EndingSession(line.port, SEND)
    outcome = await send(session, await propose(session, entry_ids[:1]))
    assert outcome.outcome is Outcome.UNKNOWN
    assert line.count(SEND) == 1
    assert line.count("login") == 2, "those of the login before"
    assert session.outbox.unresolved(entry_ids[:1])


async def test_a_program_that_died_while_sending_says_so_at_the_next_login(
    session: Session, entry_ids: tuple[str, ...], app_context: AppContext
) -> None:
    await asyncio.to_thread(session.outbox.put, entry_ids[:2])
    await session.close()
    again = await open_session(app_context)
    try:
        (warning,) = again.warnings
        assert "2 票重发没有收到答复，结果未知" in warning
        assert "、".join(entry_ids[:2]) in warning
        assert "筛选 重发未知" in warning
        assert (await show_view(again, "重发未知")).totals.declarations == 2
        assert {one.note for one in (await propose(again, entry_ids[:2])).candidates} == {"上次重发结果未知"}
    finally:
        await again.close()


async def test_three_are_named_of_all_that_were_left_over(
    session: Session, entry_ids: tuple[str, ...], app_context: AppContext
) -> None:
    await asyncio.to_thread(session.outbox.put, entry_ids[:2])
    await asyncio.to_thread(session.outbox.put, entry_ids[1:5])
    await session.close()
    again = await open_session(app_context)
    try:
        (warning,) = again.warnings
        assert "5 票重发没有收到答复" in warning
        # The clock of the tests stands still, so that neither of the two resends is the first.
        named = sorted((one for one in entry_ids[:5] if one in warning), key=warning.index)
        assert len(named) == 3
        assert f"{'、'.join(named)} 等 5 票" in warning
    finally:
        await again.close()


async def test_what_was_unknown_and_then_reached_the_port_is_unknown_no_more(
    session: Session, entry_ids: tuple[str, ...], line: RecordingTransport
) -> None:
    line.after = lose_connection(SEND)
    await send(session, await propose(session, entry_ids[:2]))
    line.after = lambda path: None
    assert (await show_view(session, "重发未知")).totals.declarations == 2
    await send(session, await propose(session, entry_ids[:1]))
    (left,) = (await show_view(session, "重发未知")).first
    assert left.entry_id == entry_ids[1]


async def test_what_the_operator_has_looked_into_is_unknown_no_more(
    session: Session, entry_ids: tuple[str, ...], line: RecordingTransport
) -> None:
    line.after = lose_connection(SEND)
    await send(session, await propose(session, entry_ids[:1]))
    line.after = lambda path: None
    proposal = await propose(session, entry_ids[:2])
    assert proposal.unknown_ids == entry_ids[:1]
    await mark_resolved(session, proposal)
    assert line.count(SEND) == 1, "nothing was sent"
    assert (await show_view(session, "重发未知")).totals.declarations == 0
    again = await propose(session, entry_ids[:2])
    assert again.unknown_ids == ()
    assert [one.note for one in again.candidates] == ["上次重发结果未知，已核对", ""]
    entry = session.journal.recent(1)[0]
    assert (entry.kind, entry.outcome, entry.entry_ids) == (JournalKind.RESEND, Outcome.DONE, entry_ids[:1])
    assert "已核对" in entry.summary


async def test_a_resend_cut_off_by_the_operator_leaves_its_state_behind(
    session: Session, entry_ids: tuple[str, ...], line: RecordingTransport
) -> None:
    proposal = await propose(session, entry_ids[:1])
    sent = asyncio.Event()

    def answered(path: str) -> None:
        if path.endswith(SEND):
            sent.set()
            task.cancel()

    line.after = answered
    task = asyncio.create_task(send(session, proposal))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sent.is_set()
    assert session.outbox.pending() == ()
    assert (await propose(session, entry_ids[:1])).candidates[0].note == "今天已重发过"


async def test_a_resend_cut_off_with_its_terminal_is_told_of_at_the_next_login(
    session: Session, entry_ids: tuple[str, ...], line: RecordingTransport, app_context: AppContext
) -> None:
    def unanswered(path: str) -> None:
        if path.endswith(SEND):
            raise asyncio.CancelledError

    line.after = unanswered
    with pytest.raises(asyncio.CancelledError):
        await send(session, await propose(session, entry_ids[:1]))
    line.after = lambda path: None
    await session.close()
    again = await open_session(app_context)
    try:
        assert "1 票重发没有收到答复" in " ".join(again.warnings)
        (entry,) = again.journal.recent(5, kind=JournalKind.RESEND)
        assert entry.outcome is Outcome.UNKNOWN
    finally:
        await again.close()


async def test_a_resend_that_did_not_go_through_hides_none_that_may_have(
    session: Session, entry_ids: tuple[str, ...], line: RecordingTransport
) -> None:
    line.after = lose_connection(SEND)
    await send(session, await propose(session, entry_ids[:1]))
    line.after = lambda path: None

    def no_way(_path: str) -> None:
        raise httpx.ConnectError("no route")

    line.before = no_way
    outcome = await send(session, await propose(session, entry_ids[:1]))
    assert outcome.outcome is Outcome.REFUSED
    assert (await propose(session, entry_ids[:1])).candidates[0].note == "上次重发结果未知"


async def test_offline_nothing_is_resent(session: Session, entry_ids: tuple[str, ...]) -> None:
    session.port = None
    with pytest.raises(NotOnline):
        await propose(session, entry_ids[:1])
