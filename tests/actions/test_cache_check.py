"""What a login says when the files of the cache are not as the last session left them."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.outbox import ResendState
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_key import KeyAccess
from jiacha_tui.actions.cache_recovery import CacheRecovery, NewCache
from jiacha_tui.actions.open_cache import open_cache
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.actions.resend import propose, send
from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import DiskFull
from tests.app_contexts import NOW, demo_context, embedded_port
from tests.port_home import DECLARATIONS, copy_home, open_session
from tests.recording_transport import RecordingTransport, lose_connection


def do_nothing(_session: Session) -> None:
    pass


@dataclass(frozen=True)
class UsedHome:
    """A home whose card has synced, has resent `sent`, and `unknown` without an answer."""

    context: AppContext
    card_number: str
    sent: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def locations(self) -> Locations:
        return self.context.locations

    @property
    def cache(self) -> Path:
        return self.locations.cache_file(self.card_number)

    @property
    def key(self) -> Path:
        return self.locations.key_file(self.card_number)

    @property
    def state(self) -> Path:
        return self.locations.state_file(self.card_number)

    def copy(self, home: Path) -> "UsedHome":
        locations = Locations(copy_home(self.locations.home, home))
        context = replace(self.context, locations=locations, media=lambda: (SoftCard(locations.demo_card),))
        return replace(self, context=context)

    def log_in(self, act: Callable[[Session], None] = do_nothing, recovery: CacheRecovery | None = None) -> str:
        """Logs in, does `act` and closes. Returns what the login has found wrong, "" if nothing."""

        async def log_in_and_out() -> str:
            session = await open_session(self.context, offline=True, recovery=recovery)
            await asyncio.to_thread(act, session)
            await session.close()
            return "\n".join(entry.message for entry in session.unconfirmed)

        return asyncio.run(log_in_and_out())

    def confirm(self) -> None:
        """Logs in and confirms everything."""

        async def confirm_all() -> None:
            session = await open_session(self.context, offline=True)
            await session.confirm(session.unconfirmed)
            assert session.unconfirmed == ()
            await session.close()

        asyncio.run(confirm_all())


@pytest.fixture(scope="module")
def master(synced_home: Path, tmp_path_factory: pytest.TempPathFactory) -> UsedHome:
    home = copy_home(synced_home, tmp_path_factory.mktemp("used") / "home")

    async def use(context: AppContext, transport: RecordingTransport) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        session = await open_session(context)
        due = [summary.entry_id for summary in session.declarations.summaries(first_numbers(session, 3))]
        sent, unknown = tuple(due[:1]), tuple(due[1:])
        assert (await send(session, await propose(session, sent))).outcome is Outcome.DONE
        transport.after = lose_connection("send1")
        assert (await send(session, await propose(session, unknown))).outcome is Outcome.UNKNOWN
        transport.after = lambda path: None
        await session.close()
        return session.card_summary.card_number, sent, unknown

    with embedded_port(home, DECLARATIONS) as demo:
        transport = RecordingTransport(demo)
        context = demo_context(demo, home, transport=transport)
        return UsedHome(context, *asyncio.run(use(context, transport)))


def first_numbers(session: Session, count: int) -> list[str]:
    with session.cache.read_cursor() as cursor:
        found = cursor.execute("SELECT entry_id FROM declaration ORDER BY id LIMIT ?", [count]).fetchall()
    return [entry_id for (entry_id,) in found]


@pytest.fixture
def used(master: UsedHome, tmp_path: Path) -> UsedHome:
    return master.copy(tmp_path / "home")


def cut_to(size: int) -> Callable[[UsedHome], None]:
    def cut(used: UsedHome) -> None:
        with used.cache.open("r+b") as file:
            file.truncate(size)

    return cut


def delete(used: UsedHome) -> None:
    used.cache.unlink()


def test_nothing_is_found_after_clean_sessions(used: UsedHome) -> None:
    for _ in range(3):
        assert used.log_in() == ""
    assert used.state.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [delete, cut_to(0), cut_to(8192)], ids=["deleted", "cut-to-0", "cut-to-8192"])
def test_a_cache_that_is_gone_is_told_with_what_it_held(used: UsedHome, damage: Callable[[UsedHome], None]) -> None:
    damage(used)
    found = used.log_in()
    assert found.startswith("缓存是空的")
    assert f"{DECLARATIONS} 票报关单" in found
    assert "2 次重发" in found
    assert "条操作记录" in found
    for entry_id in used.unknown:
        assert entry_id in found
    assert not any(entry_id in found for entry_id in used.sent)


def test_a_cache_that_was_cut_in_half_is_refused_and_a_new_one_starts_with_a_state_of_its_own(used: UsedHome) -> None:
    cut_to(used.cache.stat().st_size // 2)(used)
    with pytest.raises(CacheRecoveryNeeded):
        used.log_in()
    old = used.state.read_bytes()

    def has_resends(session: Session) -> None:
        resent = session.outbox.last_sent([*used.sent, *used.unknown])
        assert {entry_id for entry_id in resent if resent[entry_id].state is ResendState.SENT} == set(used.sent)
        assert {entry_id for entry_id in resent if resent[entry_id].state is ResendState.UNKNOWN} == set(used.unknown)

    assert used.log_in(has_resends, recovery=NewCache(although_it_opens=True)).startswith("已另建缓存")
    used.confirm()
    assert [path.read_bytes() for path in used.locations.old_caches.rglob("state.bin")] == [old]
    assert used.log_in() == ""


def test_it_is_told_until_it_is_confirmed(used: UsedHome) -> None:
    delete(used)
    first = used.log_in()
    assert first
    assert used.log_in() == first
    used.confirm()
    assert used.log_in() == ""


def test_it_stays_in_the_journal_and_is_in_the_messages(used: UsedHome) -> None:
    delete(used)
    found = used.log_in()
    assert any(message.text == found for message in used.context.messages.all())
    used.confirm()

    def look(session: Session) -> None:
        (entry,) = session.journal.recent(10, kind=JournalKind.CACHE)
        assert entry.message == found
        assert set(entry.entry_ids) == set(used.unknown)

    used.log_in(look)


def test_a_resend_of_unknown_end_is_back_and_warned_of_before_it_is_repeated(used: UsedHome) -> None:
    delete(used)
    used.log_in()

    async def sync_and_propose() -> list[str]:
        with embedded_port(used.locations.home, DECLARATIONS) as demo:
            session = await open_session(demo_context(demo, used.locations.home))
            await sync(session, lambda _progress: None, lambda: None)
            proposal = await propose(session, [*used.unknown, *used.sent])
            await session.close()
        return [candidate.note for candidate in proposal.candidates]

    assert asyncio.run(sync_and_propose()) == ["上次重发结果未知", "上次重发结果未知", "今天已重发过"]


@pytest.mark.parametrize("confirmed", [False, True])
def test_an_old_cache_that_is_put_back_is_told(used: UsedHome, confirmed: bool) -> None:
    old = used.cache.read_bytes()
    assert used.log_in() == ""
    used.cache.write_bytes(old)
    found = used.log_in()
    assert "缓存比上次旧" in found
    assert "1 条操作记录" in found
    assert "报关单，" not in found
    if confirmed:
        used.confirm()
    assert used.log_in() == ("" if confirmed else found)


def test_an_old_state_file_that_is_put_back_is_told(used: UsedHome) -> None:
    old = used.state.read_bytes()
    assert used.log_in() == ""
    used.state.write_bytes(old)
    assert used.log_in().startswith("用来核对缓存的状态文件（state.bin）是旧的")
    used.confirm()
    assert used.log_in() == ""


def test_an_old_key_file_that_is_put_back_is_told(used: UsedHome) -> None:
    old = used.key.read_bytes()
    used.key.write_bytes(old + b"\n")
    assert used.log_in() == "", "the key file has been replaced"
    used.key.write_bytes(old)
    assert used.log_in().startswith("缓存的密钥文件（key.json）是旧的")
    used.confirm()
    assert used.log_in() == ""


def test_a_cache_and_a_state_file_of_two_copies_are_told(used: UsedHome, tmp_path: Path) -> None:
    other = used.copy(tmp_path / "other")
    assert (used.log_in(), other.log_in()) == ("", "")
    other.cache.write_bytes(used.cache.read_bytes())
    assert other.log_in().startswith("缓存与状态文件不是同一份")
    other.confirm()
    assert other.log_in() == ""


def test_a_copy_of_the_whole_folder_is_not_noticed(used: UsedHome, tmp_path: Path) -> None:
    """Nothing outside it says that there is a newer one. `docs/architecture.md` says so."""
    other = used.copy(tmp_path / "other")
    assert used.log_in() == ""
    assert other.log_in() == ""


def test_a_state_file_that_is_gone_is_told(used: UsedHome) -> None:
    used.state.unlink()
    assert used.log_in().startswith("用来核对缓存的状态文件（state.bin）不见了")
    used.confirm()
    assert used.log_in() == ""


def test_a_home_of_an_older_program_gets_a_state_file_without_a_word(used: UsedHome) -> None:
    forget_stamp(used)
    used.state.unlink()
    assert used.log_in() == ""
    delete(used)
    assert f"{DECLARATIONS} 票报关单" in used.log_in()


def forget_stamp(used: UsedHome) -> None:
    """Leaves the cache as a program without state files has left it."""

    async def forget() -> None:
        pin = Pin.parse(DEMO_PIN)
        card = await SoftCard(used.locations.demo_card).open(pin)
        cache = (await open_cache(used.locations, KeyAccess(card, pin), NOW)).cache
        with cache.write_cursor() as cursor:
            cursor.execute("UPDATE recorded_state SET counter = 0, mark = '', previous_mark = ''")
        cache.close()

    asyncio.run(forget())


def test_a_state_file_that_can_never_be_written_is_told_once(used: UsedHome) -> None:
    used.state.unlink()
    used.state.mkdir()
    found = used.log_in()
    assert found.startswith("用来核对缓存的状态文件（state.bin）不可信")
    assert used.log_in() == found


def test_cache_and_state_file_that_are_both_gone_are_told(used: UsedHome) -> None:
    delete(used)
    used.state.unlink()
    assert used.log_in().startswith("缓存不见了，只有密钥文件还在")
    used.confirm()
    assert used.log_in() == ""


@pytest.mark.parametrize("kind", ["folder", "pipe", "empty"])
def test_something_else_in_the_place_of_the_state_file_is_told(used: UsedHome, kind: str) -> None:
    used.state.unlink()
    {"folder": used.state.mkdir, "pipe": lambda: os.mkfifo(used.state), "empty": used.state.touch}[kind]()
    assert used.log_in().startswith("用来核对缓存的状态文件（state.bin）不可信")


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_any_change_of_the_state_file_is_told(used: UsedHome, place: float, change: int) -> None:
    content = bytearray(used.state.read_bytes())
    content[int(place * len(content))] ^= change
    used.state.write_bytes(content)
    assert used.log_in().startswith("用来核对缓存的状态文件（state.bin）不可信")
    used.confirm()


def test_a_full_disk_keeps_a_resend_from_leaving_and_nothing_else(used: UsedHome) -> None:
    """Only the state file meets the full disk: the harder case, because the cache goes on."""

    async def fill_and_resend() -> None:
        with embedded_port(used.locations.home, DECLARATIONS) as demo:
            context = demo_context(demo, used.locations.home)
            session = await open_session(context)
            number = first_numbers(session, 5)[4:]
            proposal = await propose(session, number)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("db.state_file.replace_private", full_disk)
                with pytest.raises(DiskFull):
                    await send(session, proposal)
                session.journal.write(JournalKind.QUERY, (), Outcome.DONE, "goes on")
            assert len(demo.store.resends()) == len(used.sent) + len(used.unknown)
            entries = session.journal.recent(2)
            assert entries[0].message == "goes on"
            assert entries[1].outcome is Outcome.REFUSED
            assert entries[1].message.startswith("没有发出")
            assert any("状态文件没有写成" in message.text for message in context.messages.all())
            assert (await propose(session, number)).candidates[0].note == ""
            assert (await send(session, proposal)).outcome is Outcome.DONE
            await session.close()

    asyncio.run(fill_and_resend())
    assert used.log_in() == ""


def full_disk(path: Path, _data: bytes) -> None:
    raise DiskFull(path)
