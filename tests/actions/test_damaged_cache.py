"""A damaged cache is told, has a way out, and what can still be read of it is saved first."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from db.declarations import Declarations
from db.engine import log_file
from db.journal import Journal
from db.outbox import Outbox
from db.state_check import key_file_digest
from db.state_recorder import StateRecorder
from jiacha_tui.actions.cache_key import KeyAccess
from jiacha_tui.actions.cache_recovery import CacheRecovery, NewCache
from jiacha_tui.actions.old_cache import SAVED_FOLDER
from jiacha_tui.actions.open_cache import OpenedCache, open_cache
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.card_issuing import IssuedCard, save_card
from jiacha_tui.locations import Locations
from tests.actions.cache_cards import HOLDER, PIN
from tests.app_contexts import NOW
from tests.db.damaged_cache import cut, flip
from tests.db.samples import entry_id, summary

CLOSED, LATER = 12, 30
"""Journal entries of the first session, which a checkpoint has written, and of the second, which are in the log."""

Damage = Callable[[Path], None]


async def opened(home: Path, slot: Path, issued: IssuedCard, recovery: CacheRecovery | None = None) -> OpenedCache:
    save_card(issued, Pin(PIN), slot)
    held = Pin(PIN)
    card = await SoftCard(slot, clock=lambda: NOW + timedelta(days=1)).open(held)
    return await open_cache(Locations(home), KeyAccess(card, held, recovery), NOW)


def write(cache: OpenedCache, entries: int) -> None:
    journal = Journal(cache.cache, lambda: NOW)
    for number in range(entries):
        journal.write(JournalKind.QUERY, [entry_id(number)], Outcome.DONE, f"查询 {number}")


async def use(home: Path, slot: Path, issued: IssuedCard, killed: Path) -> None:
    first = await opened(home, slot, issued)
    Declarations(first.cache).merge_rows([summary(number) for number in range(20)])
    Declarations(first.cache).add_print([entry_id(number) for number in range(5)])
    Outbox(first.cache, lambda: NOW).put([entry_id(7)])
    write(first, CLOSED)
    first.close()
    second = await opened(home, slot, issued)
    write(second, LATER)
    record_state(second)
    shutil.copytree(home, killed)
    second.close()


def record_state(opened: OpenedCache) -> None:
    """Writes the state file as a session does after each commit."""
    assert opened.key_file is not None
    StateRecorder(
        *(opened.cache, opened.state_file, opened.key),
        known=None,
        key_file=key_file_digest(opened.key_file),
        on_failure=raise_problem,
        clock=lambda: NOW,
    ).record_if_possible()


def raise_problem(problem: Problem) -> None:
    raise problem


@pytest.fixture(scope="module")
def used_home(tmp_path_factory: pytest.TempPathFactory, issued: IssuedCard) -> Path:
    """A home as a killed program leaves it: with a log, and with a resend that was never answered."""
    folder = tmp_path_factory.mktemp("used")
    asyncio.run(use(folder / "home", folder / "card.p12", issued, folder / "killed"))
    return folder / "killed"


@pytest.fixture
def home(tmp_path: Path, used_home: Path) -> Path:
    return Path(shutil.copytree(used_home, tmp_path / "home"))


def what_is_told(opened: OpenedCache) -> str:
    """What the operator has to confirm."""
    return "".join(entry.message for entry in Journal(opened.cache).unconfirmed())


def cache_file(home: Path) -> Path:
    return Locations(home).cache_file(HOLDER.card_number)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@dataclass(frozen=True, slots=True)
class Case:
    """A damage of the folder of the cache, the code that is told, and whether an earlier state is offered.

    `saved` is how many journal entries are saved before a new cache is made, None if the key is not known.
    """

    name: str
    damage: Damage
    code: str
    has_earlier_state: bool = False
    saved: range | None = None


def of_file(damage: Callable[[Path], None]) -> Damage:
    return lambda folder: damage(folder / "cache.duckdb")


def of_log(damage: Callable[[Path], None]) -> Damage:
    return lambda folder: damage(log_file(folder / "cache.duckdb"))


def of_key_file(before: bytes, after: bytes) -> Damage:
    def damage(folder: Path) -> None:
        path = folder / "key.json"
        data = path.read_bytes()
        assert before in data
        path.write_bytes(data.replace(before, after, 1))

    return damage


def flip_middle(path: Path) -> None:
    flip(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


SOME = range(CLOSED, CLOSED + LATER)
NONE = range(1)
ANY = range(CLOSED + LATER + 1)
CASES = (
    Case("half of the file", of_file(lambda path: cut(path, path.stat().st_size // 2)), "cache.damaged", saved=ANY),
    Case("main header", of_file(lambda path: flip(path, 40)), "cache.damaged", saved=NONE),
    Case("magic", of_file(lambda path: flip(path, 9)), "cache.damaged", saved=NONE),
    Case("zeros", of_file(empty), "cache.damaged", saved=NONE),
    Case("start of log", of_log(lambda path: flip(path, 0)), "cache.log-damaged", has_earlier_state=True, saved=SOME),
    Case("middle of log", of_log(flip_middle), "cache.log-damaged", has_earlier_state=True, saved=SOME),
    Case("version of key file", of_key_file(b'"version": 2', b'"version": 3'), "key.too-new", saved=None),
    Case("form of key file", of_key_file(b"{", b"z"), "key.damaged", saved=None),
    Case("card of key file", of_key_file(b"JJ0G900000007", b"JJ0G900000003"), "key.other-card", saved=None),
    Case("no key file", lambda folder: (folder / "key.json").unlink(), "key.lost", saved=None),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_each_damage_is_told_and_ends_at_a_new_cache_with_what_could_be_read(
    home: Path, slot: Path, issued: IssuedCard, case: Case
) -> None:
    folder = cache_file(home).parent
    case.damage(folder)
    before = contents(folder)
    with pytest.raises(CacheRecoveryNeeded) as refused:
        await opened(home, slot, issued)
    assert refused.value.code == case.code
    assert (refused.value.earlier_state is not None) == case.has_earlier_state
    assert contents(folder) == before
    new = await opened(home, slot, issued, NewCache())
    try:
        assert [entry.kind for entry in Journal(new.cache).recent(10)] == [JournalKind.CACHE], "it is empty otherwise"
        (old,) = Locations(home).old_caches.iterdir()
        assert contents(old) == before, "the old cache is moved as it was"
        journal = old / SAVED_FOLDER / "journal.jsonl"
        told = what_is_told(new)
        assert str(old) in told
        count = len(journal.read_bytes().splitlines()) if journal.exists() else 0
        assert count in (case.saved or NONE)
        if case.saved is None:
            assert "没有密钥" in told
        elif not journal.exists():
            assert "读不出任何内容" in told
        else:
            assert f"操作记录 {count} 条" in told
        if case.saved is not None:
            Declarations(new.cache).merge_rows([summary(7)])
            assert Outbox(new.cache).unresolved([entry_id(7)]) == {entry_id(7)}, "nobody sends it again unawares"
            assert entry_id(7) in told
    finally:
        new.close()


@pytest.mark.parametrize("damage", [of_log(lambda path: flip(path, 0)), of_log(flip_middle)], ids=["start", "middle"])
async def test_the_state_before_a_damaged_log_can_be_opened_and_the_log_is_kept(
    home: Path, slot: Path, issued: IssuedCard, damage: Damage
) -> None:
    path = cache_file(home)
    damage(path.parent)
    log = log_file(path).read_bytes()
    with pytest.raises(CacheRecoveryNeeded) as refused:
        await opened(home, slot, issued)
    state = refused.value.earlier_state
    assert state is not None
    assert state.as_of == NOW
    earlier = await opened(home, slot, issued, state)
    try:
        assert len(Journal(earlier.cache).recent(100)) - 1 in SOME
        assert Outbox(earlier.cache).pending() != ()
        (old,) = Locations(home).old_caches.iterdir()
        assert {file.name: file.read_bytes() for file in old.iterdir()} == {"cache.duckdb.wal": log}
        assert str(old) in what_is_told(earlier)
    finally:
        earlier.close()
    (await opened(home, slot, issued)).close()


@pytest.mark.parametrize("size", [1, 10, 4096])
async def test_a_file_that_was_cut_loses_nothing_that_was_not_cut_off(
    home: Path, slot: Path, issued: IssuedCard, size: int
) -> None:
    """It may open: the engine reads the last block only when it needs it."""
    cut(cache_file(home), size)
    new = await opened(home, slot, issued, NewCache(although_it_opens=True))
    told = what_is_told(new)
    new.close()
    (old,) = Locations(home).old_caches.iterdir()
    assert len((old / SAVED_FOLDER / "journal.jsonl").read_bytes().splitlines()) in ANY
    assert f"操作记录 {CLOSED + LATER} 条" in told


async def test_a_cache_that_opens_is_replaced_only_if_it_has_failed(home: Path, slot: Path, issued: IssuedCard) -> None:
    kept = await opened(home, slot, issued, NewCache())
    assert len(Journal(kept.cache).recent(100)) == CLOSED + LATER
    kept.close()
    assert not Locations(home).old_caches.exists()
    new = await opened(home, slot, issued, NewCache(although_it_opens=True))
    assert len(Journal(new.cache).recent(10)) == 1
    new.close()
