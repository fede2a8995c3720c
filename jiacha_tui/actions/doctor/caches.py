"""The caches of this machine, as far as they tell without their keys."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from db.at_rest import cache_at_rest
from db.key import read_key_file
from db.problems import TO_NEW_CACHE, CacheBusy, CacheProblem
from jiacha_tui.actions.doctor.finding import Area, Finding, State
from jiacha_tui.actions.doctor.surroundings import Surroundings
from jiacha_tui.actions.open_cache import UNOPENED, KeyFileLost
from jiacha_tui.declaration import shown
from jiacha_tui.declaration.card_number import BadCardNumber
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import FileProblem, file_problems


async def look(surroundings: Surroundings) -> Sequence[Finding]:
    """A finding for each card's folder. Where a login with none of the cards goes on, all stop. Raises FileProblem."""
    here = surroundings.here()
    with file_problems(here.caches):
        numbers = sorted(folder.name for folder in here.caches.iterdir()) if here.caches.is_dir() else []
    found = [finding for number in numbers for finding in _look_at(here, number)]
    if not all(finding.stops for finding in found):
        found = [replace(finding, stops=False) for finding in found]
    return found or (Finding.good(Area.CACHE, "还没有缓存，第一次登录时建立"),)


def _look_at(here: Locations, card_number: str) -> Sequence[Finding]:
    try:
        folder = here.cache(card_number)
    except BadCardNumber:  # nothing of ours
        return ()
    try:
        return (Finding.good(Area.CACHE, f"{card_number}  {_told(here, card_number)}"),)
    except (CacheProblem, FileProblem) as problem:
        what, stops = f"{card_number}  {problem.what}", not isinstance(problem, UNOPENED)
        return (Finding(Area.CACHE, State.BROKEN, what, _todo(problem, folder), problem.code, stops=stops),)


def _told(here: Locations, card_number: str) -> str:
    """Raises CacheBusy, CacheDamaged, KeyFileLost, KeyFileDamaged, KeyFileTooNew, KeyOfOtherCard, FileProblem."""
    key_path, cache_path = here.key_file(card_number), here.cache_file(card_number)
    cache = cache_at_rest(cache_path)
    with file_problems(key_path):
        key = key_path.read_bytes() if key_path.is_file() else None
    if key is not None:
        read_key_file(key).check_card(card_number)
    if cache is None:
        return "空的，登录时建立"
    if key is None:
        raise KeyFileLost
    if cache.holder is not None:
        raise CacheBusy(cache.holder or None)
    return f"{shown.size(cache.size)}，格式 {cache.format}（DuckDB {cache.library}），没有程序在用"


def _todo(problem: CacheProblem | FileProblem, folder: Path) -> str:
    if isinstance(problem, CacheBusy):
        return "同一张卡同时只能开一个程序：请先退出那个程序"
    if isinstance(problem, UNOPENED):
        return TO_NEW_CACHE
    return problem.todo or f"请检查 {folder}"
