"""Resend: at most ten declarations, sent once, and an unknown outcome is reported as unknown."""

import asyncio

import httpx
import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.list_reader import read_list
from jiacha_tui.actions.problems import NotOnline
from jiacha_tui.actions.query import run_query
from jiacha_tui.actions.resend import ResendCandidate, ResendProposal, mark_resolved, propose, send
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.query import DateRange, DateRangeQuery, NumberQuery
from jiacha_tui.declaration.rules import BatchTooLarge, NothingSelected
from jiacha_tui.demo.demo import Demo
from tests.actions.conftest import show_view
from tests.app_contexts import TODAY
from tests.port_home import open_session
from tests.recording_transport import RecordingTransport, lose_connection

SEND = "send1"


@pytest.fixture
async def entry_ids(session: Session) -> tuple[str, ...]:
    """The declarations of this month, which are in the cache too."""

    async def on_page(_page: int, _listed: object) -> None:
        return

    query = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month))
    await read_list(session, query, on_page)
    page = await session.require_port().list_page(query, 1)
    return tuple(row.entry_id for row in page.rows)


async def test_ten_declarations_are_resent_together_but_not_eleven(
    session: Session, entry_ids: tuple[str, ...], demo: Demo
) -> None:
    with pytest.raises(BatchTooLarge):
        await propose(session, entry_ids[:11])
    with pytest.raises(NothingSelected):
        await propose(session, ())
    outcome = await send(session, await propose(session, entry_ids[:10]))
    assert outcome.outcome is Outcome.DONE
    assert sorted(entry_id for entry_id, _at in demo.store.resends()) == sorted(entry_ids[:10])


async def test_send_refuses_eleven_declarations_too(
    session: Session, entry_ids: tuple[str, ...], transport: RecordingTransport
) -> None:
    ten = await propose(session, entry_ids[:10])
    one = await propose(session, entry_ids[10:11])
    with pytest.raises(BatchTooLarge):
        await send(session, ResendProposal(ten.candidates + one.candidates))
    assert transport.count(SEND) == 0


async def test_a_second_proposal_mentions_the_first_resend(session: Session, entry_ids: tuple[str, ...]) -> None:
    first = await propose(session, entry_ids[:1])
    assert first.candidates[0].note == ""
    await send(session, first)
    assert (await propose(session, entry_ids[:1])).candidates[0].note == "今天已重发过"


async def test_a_resend_without_an_answer_is_unknown_and_the_next_proposal_says_so(
    session: Session, entry_ids: tuple[str, ...], transport: RecordingTransport, demo: Demo
) -> None:
    transport.after = lose_connection(SEND)
    outcome = await send(session, await propose(session, entry_ids[:2]))
    assert outcome.outcome is Outcome.UNKNOWN
    assert "结果未知" not in outcome.message, "the screen writes it before the message"
    assert transport.count(SEND) == 1, "it is not repeated automatically"
    assert len(demo.store.resends()) == 2, "the port did resend both"
    transport.after = lambda path: None
    assert {candidate.note for candidate in (await propose(session, entry_ids[:2])).candidates} == {"上次重发结果未知"}
    (entry,) = session.journal.recent(5, kind=JournalKind.RESEND)
    assert (entry.outcome, entry.entry_ids) == (Outcome.UNKNOWN, entry_ids[:2])
    assert entry.summary.count("结果未知") == 1


async def test_a_resend_that_the_port_refuses_is_unknown_with_the_text_of_the_port(
    session: Session, entry_ids: tuple[str, ...], demo: Demo
) -> None:
    proposal = await propose(session, entry_ids[:1])
    unknown_id = entry_ids[0][:-1] + str((int(entry_ids[0][-1]) + 1) % 10)
    wrong = ResendProposal(tuple(ResendCandidate(unknown_id, None, None, "") for _ in proposal.candidates))
    outcome = await send(session, wrong)
    assert outcome.outcome is Outcome.UNKNOWN, "the codes of the real port are not known"
    assert "境内收发货人" in outcome.message
    assert demo.store.resends() == ()


class EndedSessionTransport(httpx.AsyncBaseTransport):
    """A transport on which the first request of one kind is redirected to the login page."""

    def __init__(self, port: httpx.AsyncBaseTransport, ending: str) -> None:
        self._port = port
        self._ending = ending

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._ending and request.url.path.endswith(self._ending):
            self._ending = ""
            return httpx.Response(302, headers={"location": "/cas/login"}, stream=httpx.ByteStream(b""))
        return await self._port.handle_async_request(request)


async def test_a_session_that_ended_before_a_resend_is_renewed_and_the_resend_is_sent_once(
    session: Session, entry_ids: tuple[str, ...], transport: RecordingTransport, demo: Demo
) -> None:
    transport.port = EndedSessionTransport(transport.port, "getSession")
    outcome = await send(session, await propose(session, entry_ids[:1]))
    assert outcome.outcome is Outcome.DONE
    assert transport.count(SEND) == 1
    assert len(demo.store.resends()) == 1


async def test_a_resend_that_is_redirected_to_the_login_is_unknown_and_not_repeated(
    session: Session, entry_ids: tuple[str, ...], transport: RecordingTransport
) -> None:
    transport.port = EndedSessionTransport(transport.port, SEND)
    outcome = await send(session, await propose(session, entry_ids[:1]))
    assert outcome.outcome is Outcome.UNKNOWN
    assert transport.count(SEND) == 1
    assert transport.count("login") == 2, "the requests of the first login"
    assert session.outbox.unresolved(entry_ids[:1])


async def test_the_login_after_a_crash_during_a_resend_warns_about_it(
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
        assert {candidate.note for candidate in (await propose(again, entry_ids[:2])).candidates} == {
            "上次重发结果未知"
        }
    finally:
        await again.close()


async def test_the_warning_names_three_of_several_unanswered_resends(
    session: Session, entry_ids: tuple[str, ...], app_context: AppContext
) -> None:
    await asyncio.to_thread(session.outbox.put, entry_ids[:2])
    await asyncio.to_thread(session.outbox.put, entry_ids[1:5])
    await session.close()
    again = await open_session(app_context)
    try:
        (warning,) = again.warnings
        assert "5 票重发没有收到答复" in warning
        # The clock of the tests is fixed, so the order of the two resends is not defined.
        named = sorted((entry_id for entry_id in entry_ids[:5] if entry_id in warning), key=warning.index)
        assert len(named) == 3
        assert f"{'、'.join(named)} 等 5 票" in warning
    finally:
        await again.close()


async def test_a_later_successful_resend_replaces_an_unknown_one(
    session: Session, entry_ids: tuple[str, ...], transport: RecordingTransport
) -> None:
    transport.after = lose_connection(SEND)
    await send(session, await propose(session, entry_ids[:2]))
    transport.after = lambda path: None
    assert (await show_view(session, "重发未知")).totals.declarations == 2
    await send(session, await propose(session, entry_ids[:1]))
    (left,) = (await show_view(session, "重发未知")).first
    assert left.entry_id == entry_ids[1]


async def test_an_unknown_resend_that_is_marked_as_resolved_is_not_unknown_any_more(
    session: Session, entry_ids: tuple[str, ...], transport: RecordingTransport
) -> None:
    transport.after = lose_connection(SEND)
    await send(session, await propose(session, entry_ids[:1]))
    transport.after = lambda path: None
    proposal = await propose(session, entry_ids[:2])
    assert proposal.unknown_ids == entry_ids[:1]
    await mark_resolved(session, proposal)
    assert transport.count(SEND) == 1, "nothing was sent"
    assert (await show_view(session, "重发未知")).totals.declarations == 0
    again = await propose(session, entry_ids[:2])
    assert again.unknown_ids == ()
    assert [candidate.note for candidate in again.candidates] == ["上次重发结果未知，已核对", ""]
    entry = session.journal.recent(1)[0]
    assert (entry.kind, entry.outcome, entry.entry_ids) == (JournalKind.RESEND, Outcome.DONE, entry_ids[:1])
    assert "已核对" in entry.summary


async def test_a_resend_that_is_cancelled_after_the_answer_is_recorded_as_sent(
    session: Session, entry_ids: tuple[str, ...], transport: RecordingTransport
) -> None:
    proposal = await propose(session, entry_ids[:1])
    sent = asyncio.Event()

    def cancel_after_answer(path: str) -> None:
        if path.endswith(SEND):
            sent.set()
            task.cancel()

    transport.after = cancel_after_answer
    task = asyncio.create_task(send(session, proposal))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sent.is_set()
    assert session.outbox.pending() == ()
    assert (await propose(session, entry_ids[:1])).candidates[0].note == "今天已重发过"


async def test_the_login_after_a_resend_that_was_cancelled_without_an_answer_warns_about_it(
    session: Session, entry_ids: tuple[str, ...], transport: RecordingTransport, app_context: AppContext
) -> None:
    def cancel_without_answer(path: str) -> None:
        if path.endswith(SEND):
            raise asyncio.CancelledError

    transport.after = cancel_without_answer
    with pytest.raises(asyncio.CancelledError):
        await send(session, await propose(session, entry_ids[:1]))
    transport.after = lambda path: None
    await session.close()
    again = await open_session(app_context)
    try:
        assert "1 票重发没有收到答复" in " ".join(again.warnings)
        (entry,) = again.journal.recent(5, kind=JournalKind.RESEND)
        assert entry.outcome is Outcome.UNKNOWN
    finally:
        await again.close()


async def test_a_refused_resend_does_not_hide_an_earlier_unknown_one(
    session: Session, entry_ids: tuple[str, ...], transport: RecordingTransport
) -> None:
    transport.after = lose_connection(SEND)
    await send(session, await propose(session, entry_ids[:1]))
    transport.after = lambda path: None

    def unreachable(_path: str) -> None:
        raise httpx.ConnectError("no route")

    transport.before = unreachable
    outcome = await send(session, await propose(session, entry_ids[:1]))
    assert outcome.outcome is Outcome.REFUSED
    assert (await propose(session, entry_ids[:1])).candidates[0].note == "上次重发结果未知"


async def test_a_proposal_needs_the_port(session: Session, entry_ids: tuple[str, ...]) -> None:
    session.port = None
    with pytest.raises(NotOnline):
        await propose(session, entry_ids[:1])


async def test_what_the_port_no_longer_lists_is_shown_and_not_sent(
    session: Session, entry_ids: tuple[str, ...], demo: Demo
) -> None:
    kept, gone = entry_ids[:2]
    demo.withdraw(gone)
    await run_query(session, NumberQuery(gone), lambda _listed: None)
    proposal = await propose(session, [gone, kept])
    assert [(candidate.entry_id, candidate.is_delisted) for candidate in proposal.candidates] == [
        (gone, True),
        (kept, False),
    ]
    assert proposal.entry_ids == (kept,)
    assert (await send(session, proposal)).outcome is Outcome.DONE
    assert [entry_id for entry_id, _at in demo.store.resends()] == [kept]
    with pytest.raises(NothingSelected):
        await send(session, await propose(session, [gone]))


async def test_a_resend_that_the_cache_cannot_record_is_reported_as_sent_and_then_as_unknown(
    session: Session,
    entry_ids: tuple[str, ...],
    transport: RecordingTransport,
    app_context: AppContext,
    demo: Demo,
) -> None:
    """An operator who is told that nothing was sent would send it again."""

    def stop_cache(path: str) -> None:
        if path.endswith(SEND):
            session.cache.close()

    transport.after = stop_cache
    outcome = await send(session, await propose(session, entry_ids[:1]))
    assert outcome.outcome is Outcome.DONE
    assert "发送成功！（本机没有记下：本机缓存已关闭）" in outcome.message
    assert outcome.hint.startswith("请不要再次重发")
    assert [entry_id for entry_id, _at in demo.store.resends()] == [entry_ids[0]]
    await session.close()

    again = await open_session(app_context)
    try:
        assert any(entry_ids[0] in warning for warning in again.warnings)
        assert (await propose(again, entry_ids[:1])).unknown_ids == entry_ids[:1]
    finally:
        await again.close()


async def test_a_resend_without_its_answer_in_the_outbox_is_unknown_at_once_and_can_be_resolved(
    session: Session, entry_ids: tuple[str, ...]
) -> None:
    session.outbox.put(entry_ids[:1])  # as if the disk had been full when the answer came
    proposal = await propose(session, entry_ids[:1])
    assert proposal.unknown_ids == entry_ids[:1]
    await mark_resolved(session, proposal)
    assert not session.outbox.pending()
    assert (await propose(session, entry_ids[:1])).unknown_ids == ()
