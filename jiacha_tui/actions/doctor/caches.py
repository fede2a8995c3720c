"""The caches of this machine, as far as they tell without their keys."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from db.cache_inspection import inspect_cache_file
from db.key import read_key_file
from db.problems import TO_NEW_CACHE, CacheBusy, CacheProblem
from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.open_cache import SOLVED_BY_NEW_CACHE, KeyFileMissing
from jiacha_tui.declaration.card_number import BadCardNumber
from jiacha_tui.declaration.formatting import format_size
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import FileProblem, file_problems


async def look(surroundings: DoctorContext) -> Sequence[Finding]:
    """A finding for each card's folder. Where a login with none of the cards goes on, all stop. Raises FileProblem."""
    here = surroundings.here()
    with file_problems(here.caches):
        numbers = sorted(folder.name for folder in here.caches.iterdir()) if here.caches.is_dir() else []
    found = [finding for number in numbers for finding in _look_at(here, number)]
    if not all(finding.blocking for finding in found):
        found = [replace(finding, blocking=False) for finding in found]
    return found or (Finding.good(Area.CACHE, "还没有缓存，第一次登录时建立"),)


def _look_at(here: Locations, card_number: str) -> Sequence[Finding]:
    try:
        folder = here.cache(card_number)
    except BadCardNumber:  # nothing of ours
        return ()
    try:
        return (Finding.good(Area.CACHE, f"{card_number}  {_told(here, card_number)}"),)
    except (CacheProblem, FileProblem) as problem:
        message, blocking = f"{card_number}  {problem.message}", not isinstance(problem, SOLVED_BY_NEW_CACHE)
        return (
            Finding(Area.CACHE, FindingState.BROKEN, message, _todo(problem, folder), problem.code, blocking=blocking),
        )


def _told(here: Locations, card_number: str) -> str:
    """Raises CacheBusy, CacheDamaged, KeyFileMissing, KeyFileDamaged, KeyFileTooNew, KeyFileForOtherCard,
    FileProblem."""
    key_path, cache_path = here.key_file(card_number), here.cache_file(card_number)
    cache = inspect_cache_file(cache_path)
    with file_problems(key_path):
        key = key_path.read_bytes() if key_path.is_file() else None
    if key is not None:
        read_key_file(key).check_card(card_number)
    if cache is None:
        return "空的，登录时建立"
    if key is None:
        raise KeyFileMissing
    if cache.holder is not None:
        raise CacheBusy(cache.holder or None)
    return f"{format_size(cache.size)}，格式 {cache.format}（DuckDB {cache.library}），没有程序在用"


def _todo(problem: CacheProblem | FileProblem, folder: Path) -> str:
    if isinstance(problem, CacheBusy):
        return "同一张卡同时只能开一个程序：请先退出那个程序"
    if isinstance(problem, SOLVED_BY_NEW_CACHE):
        return TO_NEW_CACHE
    return problem.hint or f"请检查 {folder}"
