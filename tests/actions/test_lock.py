"""Locking a session: the card is closed, and work waits until the same card is opened with its PIN."""

import asyncio
import gc
import secrets
import types
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jiacha_tui.actions import resend
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.connection_limit import FEWEST
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.problems import NotOnline
from jiacha_tui.actions.query import run_query
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.actions.sync_report import SyncSummary
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardClosed, CardMismatch, CardRemoved, NoCard, PinMalformed, WrongPin
from jiacha_tui.card.softcard import certificate_path, retry_counter_path
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.card_issuing import Holder, issue_card, make_ca, save_card
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.eport.problems import PortUnreachable
from tests.app_contexts import NOW, TODAY, demo_context
from tests.port_home import DECLARATIONS, open_session
from tests.recording_transport import DETAIL, LIST, RecordingTransport, lose_connection

WRONG = "87654321"
TIMEOUT = 20
"""Seconds; only a broken program waits that long."""

LOOP_STEPS = 20
"""More steps of the event loop than a request needs to reach the transport."""

JUNE = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month))


@pytest.fixture
async def lockable(session: Session) -> Session:
    """A session that can be locked."""
    session.enable_locking()
    return session


def pull(card: Path) -> Path:
    """Removes the card; returns where its file is now."""
    return card.rename(card.with_name("pulled.p12"))


def insert(pulled: Path, slot: Path) -> None:
    pulled.rename(slot)


def swap_card(slot: Path, other: Path) -> None:
    """Inserts a copy of another card into the slot."""
    for path_of in (lambda path: path, certificate_path, retry_counter_path):
        path_of(slot).write_bytes(path_of(other).read_bytes())


def start_sync(session: Session) -> asyncio.Task[SyncSummary]:
    return asyncio.create_task(sync(session, lambda _progress: None, lambda: None))


async def first_of_june(session: Session, count: int) -> list[str]:
    """Queries June, so that its declarations are in the cache, and returns the first ones."""
    await run_query(session, JUNE, lambda _progress: None)
    page = await session.call_port(lambda port: port.list_page(JUNE, 1))
    return [row.entry_id for row in page.rows[:count]]


async def run_loop() -> None:
    """Lets other tasks run as far as they can without waiting for a thread."""
    for _ in range(LOOP_STEPS):
        await asyncio.sleep(0)


async def test_a_locked_session_has_no_pin_signs_nothing_and_sends_nothing(
    lockable: Session, transport: RecordingTransport
) -> None:
    await lockable.lock(LockReason.COMMAND)
    assert lockable.lock_state.reason is LockReason.COMMAND
    for use in (lockable.card.check_present(), lockable.card.sign("text"), lockable.card.sign_challenge("0000")):
        with pytest.raises(CardClosed):
            await use
    with pytest.raises(CardClosed):
        lockable.card.reveal_pin()
    before = len(transport.calls)
    request = asyncio.create_task(lockable.call_port(lambda port: port.list_page(JUNE, 1)))
    await run_loop()
    assert not request.done()
    assert len(transport.calls) == before
    await lockable.unlock(DEMO_PIN)
    await run_loop()
    assert len(transport.calls) > before, "the loop runs long enough for a request"
    assert (await request).rows


@pytest.mark.parametrize("ending", [LIST, DETAIL])
async def test_a_sync_waits_while_the_session_is_locked_and_then_continues(
    lockable: Session, transport: RecordingTransport, ending: str
) -> None:
    transport.run_at_request(ending, 3, lambda: lockable.lock(LockReason.IDLE))
    running = start_sync(lockable)
    await asyncio.wait_for(lockable.lock_state.wait_locked(), TIMEOUT)
    await transport.wait_until_idle()
    sent = len(transport.calls)
    assert not running.done()
    assert transport.count(DETAIL) < DECLARATIONS

    await lockable.unlock(DEMO_PIN)
    summary = await running
    assert len(transport.calls) > sent
    assert (summary.details, summary.failed, summary.cancelled) == (DECLARATIONS, 0, False)
    # The first details are requested again with a signature, and so are those that needed one during the lock.
    assert transport.count(DETAIL) <= DECLARATIONS + 2 * FEWEST


async def test_a_sync_waits_for_a_card_that_was_pulled(
    lockable: Session, transport: RecordingTransport, demo: Demo
) -> None:
    pulled: list[Path] = []

    async def pull_card() -> None:
        pulled.append(pull(demo.card))

    transport.run_at_request(DETAIL, 3, pull_card)
    running = start_sync(lockable)
    assert await asyncio.wait_for(lockable.lock_state.wait_locked(), TIMEOUT) is LockReason.CARD
    await transport.wait_until_idle()
    assert not running.done()
    with pytest.raises(NoCard):
        await lockable.unlock(DEMO_PIN)
    insert(pulled[0], demo.card)
    await lockable.unlock(DEMO_PIN)
    assert (await running).details == DECLARATIONS


async def test_the_session_is_locked_automatically_when_the_card_is_pulled(lockable: Session, demo: Demo) -> None:
    pulled = pull(demo.card)
    assert await asyncio.wait_for(lockable.lock_state.wait_locked(), TIMEOUT) is LockReason.CARD
    insert(pulled, demo.card)
    await lockable.unlock(DEMO_PIN)
    pull(demo.card)
    assert await asyncio.wait_for(lockable.lock_state.wait_locked(), TIMEOUT) is LockReason.CARD, "a second time"


async def test_a_locked_or_closed_session_leaves_no_task_that_watches_the_card(session: Session) -> None:
    before = asyncio.all_tasks()

    async def wait_for_new_tasks() -> None:
        async with asyncio.timeout(TIMEOUT):
            while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
                await asyncio.wait(left)

    session.enable_locking()
    await session.lock(LockReason.COMMAND)
    await wait_for_new_tasks()
    await session.unlock(DEMO_PIN)
    await session.close()
    await wait_for_new_tasks()


async def test_a_resend_whose_card_is_pulled_is_sent_once_after_the_unlock(
    lockable: Session, transport: RecordingTransport, demo: Demo
) -> None:
    entry_ids = await first_of_june(lockable, 2)
    proposal = await resend.propose(lockable, entry_ids)
    pulled = pull(demo.card)
    sending = asyncio.create_task(resend.send(lockable, proposal))
    await asyncio.wait_for(lockable.lock_state.wait_locked(), TIMEOUT)
    assert transport.count("send1") == 0
    insert(pulled, demo.card)
    await lockable.unlock(DEMO_PIN)
    assert (await sending).outcome is Outcome.DONE
    assert transport.count("send1") == 1


async def test_a_resend_that_waits_for_the_unlock_is_not_stored_yet(lockable: Session) -> None:
    entry_ids = await first_of_june(lockable, 1)
    proposal = await resend.propose(lockable, entry_ids)
    await lockable.lock(LockReason.COMMAND)
    sending = asyncio.create_task(resend.send(lockable, proposal))
    await run_loop()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert lockable.outbox.last_sent(entry_ids) == {}


async def test_a_different_card_is_refused_before_the_pin_is_tried(lockable: Session, demo: Demo, home: Path) -> None:
    other = demo.card_of(DemoCard.NEARLY_EXPIRED)
    await lockable.lock(LockReason.COMMAND)
    own = home / "own.p12"
    saved = {path_of: path_of(demo.card).read_bytes() for path_of in (certificate_path, retry_counter_path)}
    own.write_bytes(demo.card.read_bytes())
    swap_card(demo.card, other)
    tries = retry_counter_path(demo.card).read_bytes()
    for _ in range(4):
        with pytest.raises(CardMismatch) as refused:
            await lockable.unlock(WRONG)
    assert refused.value.message == "插入的卡不是登录时使用的卡"
    assert retry_counter_path(demo.card).read_bytes() == tries, "no try of the other card was used"
    assert lockable.lock_state.reason is LockReason.COMMAND

    for path_of, content in saved.items():
        path_of(demo.card).write_bytes(content)
    demo.card.write_bytes(own.read_bytes())
    await lockable.unlock(DEMO_PIN)
    assert lockable.lock_state.reason is None


async def test_a_wrong_pin_reports_the_remaining_tries_and_the_session_stays_locked(lockable: Session) -> None:
    await lockable.lock(LockReason.IDLE)
    with pytest.raises(PinMalformed):
        await lockable.unlock("short")
    with pytest.raises(WrongPin) as wrong:
        await lockable.unlock(WRONG)
    assert wrong.value.retries_left == 2
    assert lockable.lock_state.reason is LockReason.IDLE
    await lockable.unlock(DEMO_PIN)
    await lockable.card.check_present()


async def test_a_second_lock_keeps_the_reason_of_the_first(lockable: Session) -> None:
    await lockable.lock(LockReason.CARD)
    await lockable.lock(LockReason.IDLE)
    assert lockable.lock_state.reason is LockReason.CARD


async def test_the_reopened_card_logs_in_where_the_port_has_ended_its_session_meanwhile(
    lockable: Session, transport: RecordingTransport
) -> None:
    await lockable.lock(LockReason.IDLE)
    lockable.require_port()._transport.clear_cookies()
    await lockable.unlock(DEMO_PIN)
    before = transport.count("getSession")
    assert (await lockable.call_port(lambda port: port.list_page(JUNE, 1))).rows
    assert transport.count("getSession") > before


async def test_an_interrupted_login_is_repeated_with_the_next_request(
    lockable: Session, transport: RecordingTransport
) -> None:
    lockable.require_port()._transport.clear_cookies()
    transport.before = lose_connection("getSession")
    with pytest.raises(PortUnreachable):
        await lockable.call_port(lambda port: port.list_page(JUNE, 1))
    transport.before = lambda _path: None
    assert (await lockable.call_port(lambda port: port.list_page(JUNE, 1))).rows


async def test_a_pulled_card_is_a_problem_where_the_session_cannot_be_locked(session: Session, demo: Demo) -> None:
    await session.lock(LockReason.COMMAND)
    assert session.lock_state.reason is None
    pull(demo.card)
    session.require_port()._transport.clear_cookies()
    with pytest.raises(CardRemoved):
        await session.call_port(lambda port: port.list_page(JUNE, 1))


async def test_closing_a_locked_session_ends_waiting_requests_and_releases_the_cache(
    lockable: Session, app_context: AppContext
) -> None:
    await lockable.lock(LockReason.COMMAND)
    request = asyncio.create_task(lockable.call_port(lambda port: port.list_page(JUNE, 1)))
    await asyncio.sleep(0)
    await lockable.close()
    with pytest.raises(NotOnline):
        await request
    await (await open_session(app_context, offline=True)).close()


@pytest.fixture
async def secret_session(demo: Demo, home: Path) -> AsyncIterator[tuple[Session, str]]:
    """A session with a random PIN, and that PIN reversed, so that the test itself does not hold it."""
    backwards = secrets.token_hex(4)
    slot = home / "secret.p12"
    holder = Holder(card_number="JJ0G900000009", name="张三", company="示例公司", organisation_code="123456789")
    card = issue_card(make_ca(NOW), holder, valid_from=NOW)
    pin = Pin(backwards[::-1])
    save_card(card, pin, slot)
    pin.clear()
    opened = await log_in(
        demo_context(demo, home, card=slot),
        f"softcard:{slot}",
        backwards[::-1],
        offline=True,
        on_stage=lambda _stage: None,
    )
    opened.enable_locking()
    yield opened, backwards
    await opened.close()


def is_reachable(root: object, backwards: str) -> bool:
    """Whether the PIN can be reached from `root` by the references that the garbage collector knows."""
    text, raw = backwards[::-1], backwards[::-1].encode()
    seen: set[int] = set()
    waiting = [root]
    skipped = (types.ModuleType, types.FrameType, type)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, skipped):
            continue
        seen.add(id(one))
        if (isinstance(one, str) and text in one) or (isinstance(one, bytes | bytearray) and raw in one):
            return True
        if isinstance(one, types.FunctionType):
            waiting.extend((one.__closure__, one.__defaults__))
        else:
            waiting.extend(gc.get_referents(one))
    return False


async def test_the_pin_cannot_be_found_in_a_locked_session(secret_session: tuple[Session, str]) -> None:
    session, backwards = secret_session
    assert is_reachable(session, backwards), "the search finds the PIN of an unlocked session"
    await session.lock(LockReason.COMMAND)
    assert not is_reachable(session, backwards)
    assert backwards[::-1] not in repr(session)
    with pytest.raises(WrongPin):
        await session.unlock(WRONG)
    await session.unlock(backwards[::-1])
    assert is_reachable(session, backwards)
    await session.lock(LockReason.COMMAND)
    assert not is_reachable(session, backwards)


async def test_a_signed_request_is_refused_with_a_different_card_than_the_one_that_logged_in(
    session: Session, transport: RecordingTransport, demo: Demo
) -> None:
    entry_ids = await first_of_june(session, 1)
    proposal = await resend.propose(session, entry_ids)
    swap_card(demo.card, demo.card_of(DemoCard.NEARLY_EXPIRED))
    outcome = await resend.send(session, proposal)
    assert (outcome.outcome, outcome.message) == (Outcome.REFUSED, "插入的卡不是登录时使用的卡")
    assert transport.count("send1") == 0
