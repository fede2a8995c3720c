"""At each login: compare the cache with its state file, put back what can be, and tell the operator what is missing.

What was found is written to the journal and stays unconfirmed there, also over a crash, until the operator confirms it.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from db.cache import Cache
from db.cache_state import CacheCounts
from db.journal import Journal
from db.outbox import Outbox, ResendState
from db.problems import CacheDamaged, CacheMemoryShort, CacheStopped, EngineFailed
from db.state_check import StateCheck, StateMismatch, check_state, key_file_digest
from db.state_recorder import StateRecorder
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.open_cache import OpenedCache, with_way_to_new_cache
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.private_files import FileOperationFailed

_MEANINGS: Final[Mapping[StateMismatch, str]] = MappingProxyType(
    {
        StateMismatch.CACHE_BEHIND: "缓存比上次旧：缓存文件被换成了旧的备份，或者最后写入的内容丢了",
        StateMismatch.CACHE_EMPTY: "缓存是空的：缓存文件被删除、截断或换掉了",
        StateMismatch.CACHE_GONE: "缓存不见了，只有密钥文件还在：如果以前用这张卡登录过，原来的缓存已丢失",
        StateMismatch.FILE_BEHIND: "用来核对缓存的状态文件（state.bin）是旧的：它被换成了旧的备份",
        StateMismatch.FILE_MISSING: "用来核对缓存的状态文件（state.bin）不见了，不知道缓存是否缺了什么",
        StateMismatch.FILE_INVALID: (
            "用来核对缓存的状态文件（state.bin）不可信，不知道缓存是否缺了什么：它被改动或损坏，或者密钥文件被换过"
        ),
        StateMismatch.DIFFERENT_COPIES: "缓存与状态文件不是同一份：只恢复了其中一部分，或者文件夹的两份副本分别用过",
        StateMismatch.KEY_FILE_OLD: "缓存的密钥文件（key.json）是旧的：它被换成了旧的备份",
    }
)
_RESENDS_UNCERTAIN: Final = frozenset(
    {StateMismatch.CACHE_GONE, StateMismatch.FILE_MISSING, StateMismatch.FILE_INVALID, StateMismatch.DIFFERENT_COPIES}
)
"""After these, resends may be missing that nobody can name."""

_MAX_NAMED: Final = 20
"""How many declarations the text names. The journal entry has all."""


@contextlib.contextmanager
def recovery_of_damage() -> Iterator[None]:
    """Raises CacheRecoveryNeeded if the cache, which was opened, turns out to be unusable in the block."""
    try:
        yield
    except (CacheDamaged, CacheStopped, CacheMemoryShort, EngineFailed, FileOperationFailed) as problem:
        raise CacheRecoveryNeeded(with_way_to_new_cache(problem), although_it_opens=True) from problem


def watch_state(app_context: AppContext, opened: OpenedCache) -> StateRecorder:
    """Checks the cache that was just opened, notes what was found, and records its state from now on.

    Raises the problems of the cache and a FileProblem of the key file.
    """
    clock, cache, path = app_context.clock, opened.cache, opened.state_file
    digest = "" if opened.key_file is None else key_file_digest(opened.key_file)
    check = check_state(cache, path, opened.key, digest)
    if check.mismatches:
        _note(cache, check, clock)

    def warn(problem: Problem) -> None:
        app_context.messages.warning(f"缓存的状态文件没有写成：{problem.message}")

    recorder = StateRecorder(cache, path, opened.key, known=check.known, key_file=digest, on_failure=warn, clock=clock)
    if check.mismatches or check.known is None:
        recorder.record_if_possible()
    cache.on_commit(recorder.after_commit)
    return recorder


def _note(cache: Cache, check: StateCheck, clock: Callable[[], datetime]) -> None:
    """Puts the resends back and writes the journal entry. All of it is repeated if the program is killed meanwhile."""
    sent = [resend for resend in check.resends if resend.state is ResendState.SENT]
    unknown = [resend for resend in check.resends if resend.state is not ResendState.SENT]
    outbox = Outbox(cache, clock)
    outbox.restore_sent(sent)
    outbox.restore_unknown(unknown)
    entry_ids = tuple(dict.fromkeys(entry_id for resend in unknown for entry_id in resend.entry_ids))
    journal, text = Journal(cache, clock), "。".join(_sentences(check, entry_ids))
    # A file that can never be written would add one at each login.
    if text not in [entry.message for entry in journal.unconfirmed()]:
        journal.write(JournalKind.CACHE, entry_ids, Outcome.FAILED, text, needs_confirmation=True)


def _sentences(check: StateCheck, unknown_ids: tuple[str, ...]) -> Iterator[str]:
    for mismatch in check.mismatches:
        yield _MEANINGS[mismatch]
    if not check.missing.is_zero:
        yield f"缺少：{_counted(check.missing)}。报关单从口岸重新同步（F5）就有，操作记录取不回来"
    if check.resends:
        yield f"重发记录里已放回最近的 {len(check.resends)} 次"
    if unknown_ids:
        named = "、".join(unknown_ids[:_MAX_NAMED])
        more = " 等，筛选 重发未知 可全部列出" if len(unknown_ids) > _MAX_NAMED else ""
        yield f"有 {len(unknown_ids)} 票重发的结果未知，请先核对，不要再次重发：{named}{more}"
    if not _RESENDS_UNCERTAIN.isdisjoint(check.mismatches):
        yield "可能缺了重发记录：重发以前请先核对是否已经重发过"


def _counted(missing: CacheCounts) -> str:
    parts = (
        (missing.declarations, "票报关单"),
        (missing.details, "票的详情"),
        (missing.journal_entries, "条操作记录"),
        (missing.resends, "次重发"),
    )
    return "、".join(f"{count:,} {what}" for count, what in parts if count)
