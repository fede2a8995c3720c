"""Put a cache that cannot be used any more aside: what can be read of it is saved first, then its folder is moved.

The same for a damaged log alone: it is moved away, and the cache opens in the state before the damage.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from db.cache_inspection import cache_holder
from db.cache_state import RESENDS_KEPT_DAYS
from db.engine import log_file
from db.key import CacheKey
from db.outbox import Outbox, Resend, ResendState
from db.problems import CacheBusy, CacheDamaged, StateFileInvalid
from db.readable_state import readable_state
from db.rescue import RescueReport, newest_entry_at, rescue
from db.state_file import read_state_file
from db.table_reader import TableCondition, TableReader
from jiacha_tui.actions.cache_recovery import EarlierState
from jiacha_tui.declaration.formatting import format_some
from jiacha_tui.leftover_files import SAVED_FOLDER, SAVING_SUFFIX, temporary_folder
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import (
    FileOperationFailed,
    FileProblem,
    PermissionDenied,
    file_problems,
    path_exists,
    private_folder,
    replace_private,
)

_TABLES: Final = {"journal": "操作记录", "resend": "重发记录", "marks": "下载、打印、重发标记"}


@dataclass(frozen=True, slots=True)
class OldCache:
    """A cache that is to be moved to `folder`. `report` is None if its key is not known, so that nothing could be read.

    `resends` are those that its state file names; None if there is no state file that can be trusted.
    """

    folder: Path
    report: RescueReport | None
    resends: tuple[Resend, ...] | None

    def move(self, locations: Locations, card_number: str, key: CacheKey | None) -> None:
        """Moves the folder of the card's cache to `folder`, and what was saved into it.

        Raises CacheBusy if another program has the cache open, or has changed its resends since they were read, and
        FileProblem. The cache is then not moved.
        """
        place, saving = locations.cache(card_number), _saving_folder(self.folder)
        with file_problems(place):
            _check_free(locations.cache_file(card_number))
            if _resends_of_state(locations.state_file(card_number), key) != self.resends:
                raise CacheBusy(None)
            if (place / SAVED_FOLDER).exists():  # a cache that was put back
                (place / SAVED_FOLDER).rename(place / f"{SAVED_FOLDER}-{self.folder.name}")
            place.rename(self.folder)
            if any(saving.iterdir()):
                saving.rename(self.folder / SAVED_FOLDER)

    def restore_resends(self, outbox: Outbox) -> None:
        """Puts those resends into the outbox of the new cache that may have reached the port.

        The state file was written after each commit, so it also knows of those that cannot be read any more. What it
        does not name was resolved, unless the cache, read as a whole, says otherwise.
        """
        outbox.restore_sent(self._sent)
        outbox.restore_unknown(self._unknown)

    def texts(self) -> tuple[str, ...]:
        """What the operator is told, in sentences."""
        lines = [f"已另建缓存，请同步；旧缓存移到 {self.folder}，没有改动", _saved_text(self.report)]
        if entry_ids := tuple(dict.fromkeys(number for resend in self._unknown for number in resend.entry_ids)):
            lines.append(
                f"旧缓存里 {len(entry_ids)} 票重发的结果未知，已带到新缓存，请先核对：{format_some(entry_ids)}"
                "（同步以后，筛选 重发未知 可全部列出）"
            )
        if self._sent:
            lines.append(f"最近 {RESENDS_KEPT_DAYS} 天已发出的 {len(self._sent)} 次重发，记录已带到新缓存")
        return tuple(lines)

    @property
    def _sent(self) -> tuple[Resend, ...]:
        return tuple(resend for resend in self.resends or () if resend.state is ResendState.SENT)

    @property
    def _unknown(self) -> tuple[Resend, ...]:
        by_id = {resend.id: resend for resend in self.resends or () if resend.state is not ResendState.SENT}
        if self.report is not None and (self.resends is None or self.report.table("marks").is_good):
            by_id |= {resend.id: resend for resend in self.report.unknown}
        return tuple(by_id.values())


@contextlib.contextmanager
def saved_old_cache(locations: Locations, card_number: str, key: CacheKey | None, now: datetime) -> Iterator[OldCache]:
    """Saves what can be read of the card's cache, and says what was saved and where the cache will be.

    What was saved is not encrypted: it goes with the cache that is moved, and is removed if the block does not move it.
    Raises CacheBusy if another program has the cache open, and FileProblem.
    """
    cache, folder = locations.cache_file(card_number), _archive_folder(locations, card_number, now)
    saving = _saving_folder(folder)
    _check_free(cache)
    with temporary_folder(saving):
        # Before the rest is read: `move` compares it.
        resends = _resends_of_state(locations.state_file(card_number), key)
        report = None if key is None or not path_exists(cache) else _rescued(cache, key, saving)
        yield OldCache(folder, report, resends)


def _rescued(cache: Path, key: CacheKey, folder: Path) -> RescueReport:
    if not cache.is_file():  # a device has no end
        return RescueReport()
    try:
        return rescue(cache, key, folder)
    except (FileOperationFailed, PermissionDenied) as problem:
        if problem.path not in (cache, log_file(cache)):
            raise
        return RescueReport()


def _resends_of_state(path: Path, key: CacheKey | None) -> tuple[Resend, ...] | None:
    try:
        return None if key is None else read_state_file(path, key).resends
    except (FileProblem, StateFileInvalid):
        return None


def find_earlier_state(cache: Path, key: CacheKey) -> EarlierState | None:
    """The state before a damaged log, if only the log of `cache` is damaged. None if there is no such state.

    Every value of it is read, so that it is not one that fails later. Raises FileProblem. Nothing is changed.
    """
    if not path_exists(log_file(cache)):
        return None
    with TableReader(key) as reader, readable_state(reader, cache) as state:
        if state is None or state.is_newest or state.is_repaired:
            return None
        if not all(reader.check(table).is_good for table in state.tables):
            return None
        return EarlierState(newest_entry_at(state))


def return_to_earlier_state(locations: Locations, card_number: str, key: CacheKey, now: datetime) -> Path:
    """Moves the damaged log to the old caches and leaves what can be replayed of it. Returns where it is.

    Raises CacheDamaged if there is no such state, CacheBusy and FileProblem. The cache and its log then stay as they
    were.
    """
    cache = locations.cache_file(card_number)
    _check_free(cache)
    with TableReader(key) as reader, readable_state(reader, cache) as state:
        if state is None or state.is_newest or state.is_repaired:
            raise CacheDamaged(cache)
        used = state.log_bytes
    log = log_file(cache)
    archived = private_folder(_archive_folder(locations, card_number, now)) / log.name
    with file_problems(log):
        whole = log.read_bytes()
        replace_private(archived, whole)
        if used:
            replace_private(log, whole[:used])
        else:
            log.unlink()
    return archived


def _check_free(cache: Path) -> None:
    if path_exists(cache) and cache.is_file() and (holder := cache_holder(cache)) is not None:
        raise CacheBusy(holder or None)


def _archive_folder(locations: Locations, card_number: str, now: datetime) -> Path:
    return private_folder(locations.old_caches) / f"{card_number}-{now:%Y%m%d-%H%M%S}"


def _saving_folder(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}{SAVING_SUFFIX}")


def _saved_text(report: RescueReport | None) -> str:
    if report is None:
        return "旧缓存没有可用的密钥或没有缓存文件，读不出任何内容，重发前请核对是否已经重发过"
    if not report.is_readable:
        return "旧缓存已读不出任何内容，其中的操作记录和重发记录没有保存下来，重发前请核对"
    saved = "、".join(f"{title} {_count(report.table(name)):,} 条" for name, title in _TABLES.items())
    text = f"已把旧缓存里的{saved}存到其中的 {SAVED_FOLDER} 文件夹（没有加密，只有本人可读）"
    if report.is_complete:
        return text
    missing = [
        f"{title} {_missing(report.table(name)):,} 条"
        for name, title in _TABLES.items()
        if _missing(report.table(name))
    ]
    if missing:
        text += f"；读不全的：{'、'.join(missing)}"
    if not report.is_newest and report.as_of is not None:
        text += f"；{report.as_of.astimezone():%Y-%m-%d %H:%M} 以后的没有保存下来"
    return text


def _count(condition: TableCondition) -> int:
    return condition.whole + condition.partial


def _missing(condition: TableCondition) -> int:
    return condition.partial + condition.lost
