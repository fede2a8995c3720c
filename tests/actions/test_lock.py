"""Locking a session: its card is closed, its work waits, and only the same card with its PIN lets it go on."""

import asyncio
import gc
import secrets
import types
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from jiacha_tui.actions import resend
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.lock_state import LockReason
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.problems import NotOnline
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import CONNECTIONS, SyncProgress, SyncSummary, sync
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardClosed, CardMismatch, CardRemoved, NoCard, PinMalformed, WrongPin
from jiacha_tui.card.softcard import certificate_path, retry_counter_path
from jiacha_tui.declaration.journal import Outcome
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.card_issuing import Holder, issue_card, make_ca, save_card
from jiacha_tui.demo.cards import DemoCard
from jiacha_tui.demo.demo import Demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.actions.conftest import DECLARATIONS, open_session
from tests.app_contexts import NOW, TODAY, demo_context
from tests.recording_transport import RecordingTransport, lose_connection

WRONG = "87654321"
PATIENCE = 20
JUNE = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month))


@pytest.fixture
async def attended(session: Session) -> Session:
    """A session somebody sits in front of."""
    session.enable_locking()
    return session


def pull(card: Path) -> Path:
    """Takes the card out; gives where it is now."""
    return card.rename(card.with_name("pulled.p12"))


def insert(pulled: Path, slot: Path) -> None:
    pulled.rename(slot)


def exchange(slot: Path, other: Path) -> None:
    """Puts a copy of another card into the slot."""
    for of in (lambda path: path, certificate_path, retry_counter_path):
        of(slot).write_bytes(of(other).read_bytes())


def nothing(_progress: SyncProgress) -> None:
    """Nobody looks."""


def start_sync(session: Session) -> asyncio.Task[SyncSummary]:
    return asyncio.create_task(sync(session, nothing, lambda: None))


async def settled(line: RecordingTransport) -> int:
    """How many requests there were, once no more come: what was sent before the lock is still answered."""
    count = -1
    while count != len(line.calls):
        count = len(line.calls)
        await asyncio.sleep(0.1)
    return count


def at_the_nth(ending: str, count: int, do: Callable[[], object]) -> Callable[[str], None]:
    """Does something as the request number `count` of a kind passes."""
    seen = 0

    def check(path: str) -> None:
        nonlocal seen
        seen += path.endswith(ending)
        if path.endswith(ending) and seen == count:
            do()

    return check


async def test_a_locked_session_has_no_pin_signs_nothing_and_asks_for_nothing(
    attended: Session, line: RecordingTransport
) -> None:
    await attended.lock(LockReason.COMMAND)
    assert attended.lock_state.reason is LockReason.COMMAND
    for use in (attended.card.check_present(), attended.card.sign("text"), attended.card.sign_challenge("0000")):
        with pytest.raises(CardClosed):
            await use
    with pytest.raises(CardClosed):
        attended.card.reveal_pin()
    before = list(line.calls)
    asking = asyncio.create_task(attended.call_port(lambda port: port.list_page(JUNE, 1)))
    done, _ = await asyncio.wait([asking], timeout=0.1)
    assert not done
    assert line.calls == before
    await attended.unlock(DEMO_PIN)
    assert (await asking).total > 0


@pytest.mark.parametrize("ending", ["queryEntryIdBill", "viewDetail"])
async def test_a_sync_waits_while_locked_and_goes_on_where_it_stood(
    attended: Session, line: RecordingTransport, ending: str
) -> None:
    locking: list[asyncio.Task[None]] = []

    def lock() -> None:
        locking.append(asyncio.ensure_future(attended.lock(LockReason.IDLE)))

    line.before = at_the_nth(ending, 3, lock)
    running = start_sync(attended)
    await asyncio.wait_for(attended.lock_state.wait_locked(), PATIENCE)
    kept = await settled(line)
    assert not running.done()
    assert line.count("viewDetail") < DECLARATIONS

    await attended.unlock(DEMO_PIN)
    summary = await running
    assert len(line.calls) > kept
    assert (summary.details, summary.failed, summary.cancelled) == (DECLARATIONS, 0, False)
    # The first details are asked for again with a signature, and so may be those that wanted one when the lock fell.
    assert line.count("viewDetail") <= DECLARATIONS + 2 * CONNECTIONS


async def test_a_sync_whose_card_is_pulled_waits_for_it(
    attended: Session, line: RecordingTransport, demo: Demo
) -> None:
    pulled: list[Path] = []
    line.before = at_the_nth("viewDetail", 3, lambda: pulled.append(pull(demo.card)))
    running = start_sync(attended)
    assert await asyncio.wait_for(attended.lock_state.wait_locked(), PATIENCE) is LockReason.CARD
    await settled(line)
    assert not running.done()
    with pytest.raises(NoCard):
        await attended.unlock(DEMO_PIN)
    insert(pulled[0], demo.card)
    await attended.unlock(DEMO_PIN)
    assert (await running).details == DECLARATIONS


async def test_the_lock_comes_by_itself_when_the_card_is_pulled(attended: Session, demo: Demo) -> None:
    pulled = pull(demo.card)
    assert await asyncio.wait_for(attended.lock_state.wait_locked(), PATIENCE) is LockReason.CARD
    insert(pulled, demo.card)
    await attended.unlock(DEMO_PIN)
    pull(demo.card)
    assert await asyncio.wait_for(attended.lock_state.wait_locked(), PATIENCE) is LockReason.CARD, "and again"


async def test_a_locked_session_and_one_that_has_ended_watch_no_card(session: Session) -> None:
    before = asyncio.all_tasks()

    async def until_no_more_than_before() -> None:
        async with asyncio.timeout(PATIENCE):
            while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
                await asyncio.wait(left)

    session.enable_locking()
    await session.lock(LockReason.COMMAND)
    await until_no_more_than_before()
    await session.unlock(DEMO_PIN)
    await session.close()
    await until_no_more_than_before()


async def test_a_resend_whose_card_is_pulled_is_sent_once_after_the_unlocking(
    attended: Session, line: RecordingTransport, demo: Demo
) -> None:
    await start_sync(attended)
    entry_ids = [one.entry_id for one in (await attended.call_port(lambda port: port.list_page(JUNE, 1))).rows[:2]]
    proposal = await resend.propose(attended, entry_ids)
    pulled = pull(demo.card)
    sending = asyncio.create_task(resend.send(attended, proposal))
    await asyncio.wait_for(attended.lock_state.wait_locked(), PATIENCE)
    assert line.count("send1") == 0
    insert(pulled, demo.card)
    await attended.unlock(DEMO_PIN)
    assert (await sending).outcome is Outcome.DONE
    assert line.count("send1") == 1


async def test_a_resend_that_waits_for_the_unlocking_is_not_written_down_yet(attended: Session) -> None:
    await start_sync(attended)
    entry_ids = [one.entry_id for one in (await attended.call_port(lambda port: port.list_page(JUNE, 1))).rows[:1]]
    proposal = await resend.propose(attended, entry_ids)
    await attended.lock(LockReason.COMMAND)
    sending = asyncio.create_task(resend.send(attended, proposal))
    await asyncio.sleep(0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert attended.outbox.last_sent(entry_ids) == {}


async def test_another_card_is_refused_before_the_pin_is_tried(attended: Session, demo: Demo, home: Path) -> None:
    other = demo.card_of(DemoCard.NEARLY_EXPIRED)
    await attended.lock(LockReason.COMMAND)
    own = home / "own.p12"
    save = {of: of(demo.card).read_bytes() for of in (certificate_path, retry_counter_path)}
    own.write_bytes(demo.card.read_bytes())
    exchange(demo.card, other)
    tries = retry_counter_path(demo.card).read_bytes()
    for _ in range(4):
        with pytest.raises(CardMismatch) as refused:
            await attended.unlock(WRONG)
    assert refused.value.message == "插入的卡不是登录时使用的卡"
    assert retry_counter_path(demo.card).read_bytes() == tries, "no try of the other card was spent"
    assert attended.lock_state.reason is LockReason.COMMAND

    for of, content in save.items():
        of(demo.card).write_bytes(content)
    demo.card.write_bytes(own.read_bytes())
    await attended.unlock(DEMO_PIN)
    assert attended.lock_state.reason is None


async def test_a_wrong_pin_says_what_is_left_and_leaves_it_locked(attended: Session) -> None:
    await attended.lock(LockReason.IDLE)
    with pytest.raises(PinMalformed):
        await attended.unlock("short")
    with pytest.raises(WrongPin) as wrong:
        await attended.unlock(WRONG)
    assert wrong.value.retries_left == 2
    assert attended.lock_state.reason is LockReason.IDLE
    await attended.unlock(DEMO_PIN)
    await attended.card.check_present()


async def test_a_second_lock_keeps_the_reason_of_the_first(attended: Session) -> None:
    await attended.lock(LockReason.CARD)
    await attended.lock(LockReason.IDLE)
    assert attended.lock_state.reason is LockReason.CARD


async def test_a_port_that_has_ended_its_session_meanwhile_is_logged_in_to_with_the_reopened_card(
    attended: Session, line: RecordingTransport
) -> None:
    await attended.lock(LockReason.IDLE)
    attended.require_port()._transport.clear_cookies()
    await attended.unlock(DEMO_PIN)
    before = line.count("getSession")
    assert (await attended.call_port(lambda port: port.list_page(JUNE, 1))).total > 0
    assert line.count("getSession") > before


async def test_a_login_that_broke_off_is_made_again_with_the_next_request(
    attended: Session, line: RecordingTransport
) -> None:
    attended.require_port()._transport.clear_cookies()
    line.before = lose_connection("getSession")
    with pytest.raises(Exception, match="无法连接"):
        await attended.call_port(lambda port: port.list_page(JUNE, 1))
    line.before = lambda _path: None
    assert (await attended.call_port(lambda port: port.list_page(JUNE, 1))).total > 0


async def test_where_nobody_attends_a_pulled_card_is_a_failure(session: Session, demo: Demo) -> None:
    await session.lock(LockReason.COMMAND)
    assert session.lock_state.reason is None
    pull(demo.card)
    session.require_port()._transport.clear_cookies()
    with pytest.raises(CardRemoved):
        await session.call_port(lambda port: port.list_page(JUNE, 1))


async def test_leaving_a_locked_session_ends_what_waits_and_frees_the_cache(
    attended: Session, app_context: AppContext
) -> None:
    await attended.lock(LockReason.COMMAND)
    asking = asyncio.create_task(attended.call_port(lambda port: port.list_page(JUNE, 1)))
    await asyncio.sleep(0)
    await attended.close()
    with pytest.raises(NotOnline):
        await asking
    await (await open_session(app_context, offline=True)).close()


# What a locked session still knows


@pytest.fixture
async def secret_session(demo: Demo, home: Path) -> AsyncIterator[tuple[Session, str]]:
    """A session whose PIN nobody else in this process knows, and that PIN written backwards."""
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
    """Whether the text or its bytes hang on `root`, by whatever references the collector knows of."""
    text, raw = backwards[::-1], backwards[::-1].encode()
    seen: set[int] = set()
    waiting = [root]
    passed_over = (types.ModuleType, types.FrameType, type)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, passed_over):
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
    assert is_reachable(session, backwards), "unlocked it is there, so the search would find it"
    await session.lock(LockReason.COMMAND)
    assert not is_reachable(session, backwards)
    assert backwards[::-1] not in repr(session)
    with pytest.raises(WrongPin):
        await session.unlock(WRONG)
    await session.unlock(backwards[::-1])
    assert is_reachable(session, backwards)
    await session.lock(LockReason.COMMAND)
    assert not is_reachable(session, backwards)


async def test_before_each_signed_request_the_card_is_seen_to_be_the_one_that_logged_in(
    session: Session, line: RecordingTransport, demo: Demo
) -> None:
    await start_sync(session)
    entry_ids = [one.entry_id for one in (await session.call_port(lambda port: port.list_page(JUNE, 1))).rows[:1]]
    proposal = await resend.propose(session, entry_ids)
    exchange(demo.card, demo.card_of(DemoCard.NEARLY_EXPIRED))
    outcome = await resend.send(session, proposal)
    assert (outcome.outcome, outcome.message) == (Outcome.REFUSED, "插入的卡不是登录时使用的卡")
    assert line.count("send1") == 0
