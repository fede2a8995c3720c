"""A damaged cache is told, has a way out, and what can still be read of it is saved first."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from db.declarations import Declarations
from db.engine import log_file
from db.journal import Journal
from db.key import CacheKey
from db.outbox import Outbox
from db.problems import CacheBusy, CacheMemoryShort, EngineFailed
from db.state_check import key_file_digest, write_first_state
from db.state_recorder import StateRecorder
from jiacha_tui.actions.cache_check import recovery_of_damage
from jiacha_tui.actions.cache_key import KeyAccess
from jiacha_tui.actions.cache_recovery import CacheRecovery, NewCache
from jiacha_tui.actions.open_cache import OpenedCache, open_cache
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import SoftCard
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.card_issuing import IssuedCard, save_card
from jiacha_tui.leftover_files import SAVED_FOLDER
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import FileOperationFailed, private_folder
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


def keep_only(name: str) -> Damage:
    def damage(folder: Path) -> None:
        for path in folder.iterdir():
            if path.is_file() and path.name != name:
                path.unlink()

    return damage


def flip_middle(path: Path) -> None:
    flip(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def make_huge(path: Path) -> None:
    path.touch()
    os.truncate(path, 4 << 30)


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
    Case("state file only", keep_only("state.bin"), "key.lost", saved=None),
    Case("log only", keep_only("cache.duckdb.wal"), "key.lost", saved=None),
)
IN_PLACE_OF_FILES: Mapping[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "itself": lambda path: path.symlink_to(path.name),
    "huge": make_huge,
}


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
            assert "没有可用的密钥" in told
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


@pytest.mark.parametrize(
    ("name", "other"),
    [
        *(("key.json", other) for other in IN_PLACE_OF_FILES),
        *(("cache.duckdb", other) for other in ("pipe", "folder", "device")),
        *(("cache.duckdb.wal", other) for other in ("pipe", "folder", "device")),
    ],
)
async def test_another_thing_in_place_of_a_file_ends_at_a_new_cache_too(
    home: Path, slot: Path, issued: IssuedCard, name: str, other: str
) -> None:
    path = cache_file(home).with_name(name)
    path.unlink()
    IN_PLACE_OF_FILES[other](path)
    with pytest.raises(CacheRecoveryNeeded) as refused:
        await opened(home, slot, issued)
    assert "另建缓存" in refused.value.hint
    new = await opened(home, slot, issued, NewCache())
    try:
        told = what_is_told(new)
        assert "重发前请核对" in told or entry_id(7) in told
    finally:
        new.close()


def plain_files(home: Path) -> list[Path]:
    return list(home.rglob("*.jsonl"))


class Killed(BaseException):
    """Ends the program: nothing catches it."""


def killed(*_: object) -> NoReturn:
    raise Killed


@pytest.mark.parametrize(
    ("step", "place_is_new"),
    [
        ("db.rescue.replace_private", False),
        ("jiacha_tui.actions.new_cache.write_first_state", False),
        ("jiacha_tui.actions.new_cache.write_new", False),
        ("jiacha_tui.actions.old_cache.OldCache.move", False),
        ("jiacha_tui.actions.new_cache._move", True),
        ("jiacha_tui.actions.new_cache.sync_folder", True),
    ],
)
async def test_a_kill_while_a_new_cache_is_made_forgets_no_resend(
    home: Path, slot: Path, issued: IssuedCard, monkeypatch: pytest.MonkeyPatch, step: str, *, place_is_new: bool
) -> None:
    damage = of_log(flip_middle)
    damage(cache_file(home).parent)
    with monkeypatch.context() as dying:
        dying.setattr(step, killed)
        with pytest.raises(Killed):
            await opened(home, slot, issued, NewCache())
    if not place_is_new:
        assert not plain_files(home), "nothing plain is left of a cache that is in its place"
        with pytest.raises(CacheRecoveryNeeded):
            await opened(home, slot, issued)
    new = await opened(home, slot, issued, None if place_is_new else NewCache())
    try:
        assert entry_id(7) in what_is_told(new)
        Declarations(new.cache).merge_rows([summary(7)])
        assert Outbox(new.cache).unresolved([entry_id(7)]) == {entry_id(7)}
        assert len(list(Locations(home).old_caches.iterdir())) == 1
        assert not list(Locations(home).new_caches.iterdir())
    finally:
        new.close()


async def test_a_cache_that_another_program_changes_meanwhile_is_not_moved(
    home: Path, slot: Path, issued: IssuedCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_log(flip_middle)(cache_file(home).parent)

    def change(path: Path, key: CacheKey) -> None:
        write_first_state(path, key)
        write_first_state(Locations(home).state_file(HOLDER.card_number), key)

    monkeypatch.setattr("jiacha_tui.actions.new_cache.write_first_state", change)
    with pytest.raises(CacheBusy):
        await opened(home, slot, issued, NewCache())
    assert cache_file(home).exists()
    assert not list(Locations(home).old_caches.iterdir())


@pytest.mark.parametrize("step", ["write_first_state", "write_new", "_move", "sync_folder"])
async def test_a_kill_during_the_first_login_is_not_told(
    tmp_path: Path, slot: Path, issued: IssuedCard, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    home = tmp_path / "home"
    with monkeypatch.context() as dying:
        dying.setattr(f"jiacha_tui.actions.new_cache.{step}", killed)
        with pytest.raises(Killed):
            await opened(home, slot, issued)
    (await opened(home, slot, issued)).close()


async def test_a_program_that_makes_a_cache_is_not_disturbed(tmp_path: Path, slot: Path, issued: IssuedCard) -> None:
    home = tmp_path / "home"
    locations = Locations(home)
    half = private_folder(locations.new_cache(HOLDER.card_number))
    descriptor = os.open(locations.new_caches, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(CacheBusy):
            await opened(home, slot, issued)
        assert half.is_dir()
    finally:
        os.close(descriptor)
    (await opened(home, slot, issued)).close()


async def test_a_search_for_an_earlier_state_that_fails_does_not_hide_the_new_cache(
    home: Path, slot: Path, issued: IssuedCard
) -> None:
    path = cache_file(home)
    flip(log_file(path), 0)
    path.with_name(f"{path.name}.reading").touch()  # the copy to read would be in a folder of this name
    with pytest.raises(CacheRecoveryNeeded) as refused:
        await opened(home, slot, issued)
    assert refused.value.earlier_state is None


@pytest.mark.parametrize("problem", [CacheMemoryShort(), EngineFailed("Error"), FileOperationFailed(Path("x"), "")])
def test_every_failure_right_after_the_opening_ends_at_a_new_cache(problem: Problem) -> None:
    with pytest.raises(CacheRecoveryNeeded) as refused, recovery_of_damage():
        raise problem
    assert refused.value.although_it_opens
    assert "另建缓存" in refused.value.hint
