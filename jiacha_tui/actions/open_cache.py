"""Open the cache of the card that was just opened, or create it with a random key (`cache_key`)."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from db.cache import Cache
from db.cache_inspection import cache_holder
from db.journal import Journal
from db.key import CacheKey, new_key
from db.outbox import Outbox
from db.problems import (
    TO_NEW_CACHE,
    CacheDamaged,
    CacheKeyWrong,
    CacheLogDamaged,
    CacheMemoryShort,
    CacheNotOpened,
    CacheStopped,
    CacheTooNew,
    EngineFailed,
    KeyFileDamaged,
    KeyFileForged,
    KeyFileForOtherCard,
    KeyFileForOtherPin,
    KeyFileMissing,
    KeyFileTooNew,
    KeyFileUnsigned,
    KeyUnwrapFailed,
)
from db.state_check import write_first_state
from jiacha_tui.actions.cache_key import (
    ARCHIVES_PROTECTED,
    KeyAccess,
    OpenedKey,
    end_pin_protection,
    end_warning,
    open_key,
    protect_key,
)
from jiacha_tui.actions.cache_recovery import EarlierState, NewCache, SessionOnly
from jiacha_tui.actions.new_cache import finish_new_cache, is_free, make_cache
from jiacha_tui.actions.old_cache import find_earlier_state, return_to_earlier_state, saved_old_cache
from jiacha_tui.actions.problems import CacheRecoveryNeeded, PassphraseNeeded, PreviousPinWrong
from jiacha_tui.actions.run_to_completion import run_to_completion
from jiacha_tui.card.problems import CannotDecrypt
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.locations import CACHE_FILE, STATE_FILE, Locations
from jiacha_tui.private_files import (
    FileMissing,
    FileOperationFailed,
    FileProblem,
    FileTooLarge,
    PermissionDenied,
    file_problems,
    private_folder,
)

SESSION_ONLY = (
    "本次不留缓存：退出时报关单和下载、重发、打印的记录都删掉；重发前请自己记下，程序中途被关掉就没有记录可查"
)


def _ignore() -> None:
    return


SOLVED_BY_NEW_CACHE = (
    KeyFileDamaged,
    KeyFileMissing,
    KeyFileForOtherCard,
    KeyFileForged,
    KeyFileUnsigned,
    KeyUnwrapFailed,
    KeyFileForOtherPin,
    KeyFileTooNew,
    PreviousPinWrong,
    CacheKeyWrong,
    CacheTooNew,
    CacheDamaged,
    CacheStopped,
    CacheNotOpened,
    CacheMemoryShort,
    EngineFailed,
    CannotDecrypt,
)
"""The problems of opening after which a login can start a new cache. One flipped bit can cause any of them."""


@dataclass(frozen=True, slots=True)
class OpenedCache:
    """An open cache, with its key and the files that belong to it.

    A cache for one session has no `key_file`, and `close` destroys its folder `session_folder`. `warnings` are what the
    operator has to know.
    """

    cache: Cache
    key: CacheKey = field(repr=False)
    state_file: Path
    key_file: Path | None
    warnings: tuple[str, ...] = ()
    session_folder: Path | None = None

    def close(self) -> None:
        """Closes the cache, and destroys it if it was only for this session."""
        self.cache.close()
        if self.session_folder is not None:
            shutil.rmtree(self.session_folder, ignore_errors=True)  # what is left cannot be decrypted any more


async def open_cache(
    locations: Locations, access: KeyAccess, now: datetime, *, on_saving: Callable[[], None] = _ignore
) -> OpenedCache:
    """Opens the cache of the card or creates it. The caller keeps card and PIN and has to close and clear them.

    `on_saving` is called before what can be read of a cache is saved. Raises CacheRecoveryNeeded if the card does not
    open the cache and `access.recovery` did not help, PassphraseNeeded, and any other `Problem` of the cache, the card
    or the files. An existing cache then stays unchanged, in its place or archived.
    """
    opened = await _open_or_make(locations, access, now, on_saving)
    async with _closed_on_failure(opened):
        archives = locations.old_caches
        note = partial(asyncio.to_thread, _write_to_confirm, opened.cache, ARCHIVES_PROTECTED, now)
        try:
            left = await end_pin_protection(archives, access, note)
        except FileProblem as problem:
            return replace(opened, warnings=(*opened.warnings, f"旧缓存没有检查：{problem.message}"))
        if left:
            text = f"旧缓存中有 {left} 个的密钥还由卡的密码保护，或者读不出，不再需要就请删除：{archives}"
            return replace(opened, warnings=(*opened.warnings, text))
        return opened


@contextlib.asynccontextmanager
async def _closed_on_failure(opened: OpenedCache) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as undo:
        undo.push_async_callback(asyncio.to_thread, opened.close)
        yield
        undo.pop_all()


async def _open_or_make(
    locations: Locations, access: KeyAccess, now: datetime, on_saving: Callable[[], None]
) -> OpenedCache:
    recovery, card_number = access.recovery, access.card.identity.card_number
    if isinstance(access.passphrase, SessionOnly):
        return await asyncio.to_thread(_open_for_session, locations)
    stored: OpenedKey | None = None
    try:
        stored = await _stored_key(locations, access)
        if stored is None:
            return await _create(locations, access)
        if not (isinstance(recovery, NewCache) and recovery.although_it_opens):
            return await _open(locations, access, stored, now)
    except PassphraseNeeded as problem:
        if problem.is_new or not isinstance(recovery, NewCache):
            raise
    except (*SOLVED_BY_NEW_CACHE, FileProblem) as problem:
        if not _is_solved_by_new_cache(problem, locations.cache(card_number)):
            raise
        if not isinstance(recovery, NewCache):
            raise await _recovery_needed(locations.cache_file(card_number), stored, problem) from problem
    on_saving()
    return await _replace(locations, access, stored, now)


def _is_solved_by_new_cache(problem: Problem, folder: Path) -> bool:
    """A file of the cache in `folder` that cannot be read, such as one in a bad part of a disk, is damage too."""
    if isinstance(problem, PermissionDenied):
        return problem.path.parent == folder and os.access(folder.parent, os.W_OK)
    if isinstance(problem, FileOperationFailed | FileTooLarge):
        return folder in (problem.path, problem.path.parent)
    return isinstance(problem, SOLVED_BY_NEW_CACHE)


async def _stored_key(locations: Locations, access: KeyAccess) -> OpenedKey | None:
    """The key of the card's cache, None if there is no cache yet."""
    card_number = access.card.identity.card_number
    folder = locations.cache(card_number)
    await run_to_completion(asyncio.to_thread(finish_new_cache, locations, card_number))
    if await asyncio.to_thread(is_free, folder):
        return None
    await asyncio.to_thread(private_folder, folder)
    try:
        return await open_key(locations.key_file(card_number), access)
    except FileMissing as problem:
        raise KeyFileMissing from problem


async def _open(locations: Locations, access: KeyAccess, stored: OpenedKey, now: datetime) -> OpenedCache:
    """Opens the existing cache, in its earlier state if the operator wants that."""
    card_number, recovery = access.card.identity.card_number, access.recovery
    text = ""
    if isinstance(recovery, EarlierState):
        moving = asyncio.to_thread(return_to_earlier_state, locations, card_number, stored.key, now)
        log = await run_to_completion(moving)
        text = f"已打开日志损坏以前的状态{recovery.text}；损坏的日志移到 {log}，请同步，重发前请核对"
    opened = await _opened(locations, card_number, stored.key)
    async with _closed_on_failure(opened):
        if text:
            await asyncio.to_thread(_write_to_confirm, opened.cache, text, now)
        if stored.warning:
            # The key file keeps the warning until it is in the journal, whatever ends the login before that.
            await asyncio.to_thread(_write_to_confirm, opened.cache, stored.warning, now)
            await end_warning(locations.key_file(card_number), stored.key, access)
    return opened


def _write_to_confirm(cache: Cache, text: str, now: datetime) -> None:
    """Writes what was done to open the cache into its journal. It is shown until the operator confirms it."""
    journal = Journal(cache, lambda: now)
    # A login that ends before it has finished writes it again.
    if text not in [entry.message for entry in journal.unconfirmed()]:
        journal.write(JournalKind.CACHE, (), Outcome.DONE, text, needs_confirmation=True)


async def _recovery_needed(path: Path, stored: OpenedKey | None, problem: Problem) -> CacheRecoveryNeeded:
    """With the ways that help. If the log cannot be replayed because the file is damaged, the file is named."""
    earlier_state = None
    if stored is not None and isinstance(problem, CacheDamaged | CacheStopped):
        with contextlib.suppress(FileProblem):  # what cannot be read is no state to return to
            earlier_state = await run_to_completion(asyncio.to_thread(find_earlier_state, path, stored.key))
    if isinstance(problem, CacheLogDamaged) and earlier_state is None:
        problem = CacheDamaged(path)
    return CacheRecoveryNeeded(
        with_way_to_new_cache(problem),
        previous_pin_helps=isinstance(problem, KeyFileForOtherPin | PreviousPinWrong),
        trust_helps=isinstance(problem, KeyFileUnsigned),
        earlier_state=earlier_state,
    )


def with_way_to_new_cache(problem: Problem) -> Problem:
    """The problem, with a hint that names a new cache where its own does not."""
    match problem:
        case FileProblem():
            hint = TO_NEW_CACHE
        case CannotDecrypt():
            hint = f"{problem.hint}；不是这样的，{TO_NEW_CACHE}"
        case CacheMemoryShort() | EngineFailed():
            hint = f"请退出别的程序再登录；仍然如此，{TO_NEW_CACHE}"
        case _:
            return problem
    return Problem(problem.code, problem.message, hint)


async def _replace(locations: Locations, access: KeyAccess, stored: OpenedKey | None, now: datetime) -> OpenedCache:
    """A new cache in place of one that cannot be used, of which everything that can be read is saved."""
    card_number, key = access.card.identity.card_number, new_key()
    key_file = await protect_key(key, access)  # it may need a passphrase: the old cache is still in its place
    old_key = None if stored is None else stored.key

    def replace() -> None:
        with saved_old_cache(locations, card_number, old_key, now) as old:

            def fill(cache: Cache) -> None:
                old.restore_resends(Outbox(cache, lambda: now))
                _write_to_confirm(cache, "。".join(old.texts()), now)
                if stored is not None and stored.warning:
                    _write_to_confirm(cache, stored.warning, now)

            def make_room() -> None:
                old.move(locations, card_number, old_key)

            make_cache(locations, card_number, key, key_file, fill=fill, make_room=make_room)

    await run_to_completion(asyncio.to_thread(replace))
    return await _opened(locations, card_number, key)


async def _create(locations: Locations, access: KeyAccess) -> OpenedCache:
    """A cache where there is none. Raises FileExists if another program has made one in the meantime."""
    card_number, key = access.card.identity.card_number, new_key()
    key_file = await protect_key(key, access)
    await run_to_completion(asyncio.to_thread(make_cache, locations, card_number, key, key_file))
    return await _opened(locations, card_number, key)


async def _opened(locations: Locations, card_number: str, key: CacheKey) -> OpenedCache:
    return OpenedCache(
        await asyncio.to_thread(Cache.open, locations.cache_file(card_number), key),
        key,
        locations.state_file(card_number),
        locations.key_file(card_number),
    )


def _open_for_session(locations: Locations) -> OpenedCache:
    """An empty cache with a key that is nowhere but in memory. Removes those of sessions that were killed."""
    caches = private_folder(locations.session_caches)
    with file_problems(caches):
        for left in caches.iterdir():
            if (left / CACHE_FILE).exists() and cache_holder(left / CACHE_FILE) is None:
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(dir=caches))
    key, state_file = new_key(), folder / STATE_FILE
    try:
        write_first_state(state_file, key)
        cache = Cache.open(folder / CACHE_FILE, key)
    except Problem:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return OpenedCache(cache, key, state_file, key_file=None, warnings=(SESSION_ONLY,), session_folder=folder)
