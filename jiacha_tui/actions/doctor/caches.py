"""Checks of the database engine and of the caches on this machine, as far as they can be read without their keys."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from db.cache_inspection import inspect_cache_file
from db.engine import check_encryption
from db.key_file import CardProtection, KeyFile, PassphraseProtection, read_key_file
from db.old_key_file import OldKeyFile
from db.problems import (
    TO_NEW_CACHE,
    CacheBusy,
    CacheCutOff,
    CacheGone,
    CacheProblem,
    CacheTooNew,
    KeyFileMissing,
    KeyFileTooNew,
)
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import DoctorContext
from jiacha_tui.actions.new_cache import is_free
from jiacha_tui.actions.open_cache import SOLVED_BY_NEW_CACHE
from jiacha_tui.card_encryption import SecretScheme
from jiacha_tui.declaration.card_number import BadCardNumber
from jiacha_tui.declaration.formatting import format_size
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import FileMissing, FileProblem, file_problems, read_whole


async def check_engine(_context: DoctorContext) -> Sequence[Finding]:
    """Whether DuckDB can write encrypted files here. Raises EngineIncomplete."""
    return (Finding.good(Area.ENGINE, f"DuckDB {check_encryption()}，可以加密"),)


async def check_caches(context: DoctorContext) -> Sequence[Finding]:
    """A finding for each card's folder. It is blocking only if no card can log in. Raises FileProblem."""
    locations = context.locations()
    with file_problems(locations.caches):
        names = sorted(folder.name for folder in locations.caches.iterdir()) if locations.caches.is_dir() else []
    findings = [finding for name in names for finding in _check_cache(locations, name)]
    if not all(finding.blocking for finding in findings):
        findings = [replace(finding, blocking=False) for finding in findings]
    return findings or (Finding.good(Area.CACHE, "还没有缓存，第一次登录时建立"),)


def _check_cache(locations: Locations, card_number: str) -> Sequence[Finding]:
    """No finding for a folder whose name is not a card number: the program did not create it."""
    try:
        folder = locations.cache(card_number)
    except BadCardNumber:
        return ()
    try:
        return (Finding.good(Area.CACHE, f"{card_number}  {_describe(locations, card_number)}"),)
    except (CacheProblem, FileProblem) as problem:
        message, blocking = (
            f"{card_number}  {problem.message}",
            not isinstance(problem, (*SOLVED_BY_NEW_CACHE, CacheGone)),
        )
        hint = _hint(problem, folder)
        return (Finding(Area.CACHE, FindingState.BROKEN, message, hint, problem.code, blocking=blocking),)


def _describe(locations: Locations, card_number: str) -> str:
    """Raises FileProblem, and the CacheProblems that can be noticed without the key."""
    key_path, cache_path = locations.key_file(card_number), locations.cache_file(card_number)
    cache, key_file = inspect_cache_file(cache_path), None
    with contextlib.suppress(FileMissing):
        key_file = read_key_file(read_whole(key_path))
    if key_file is not None:
        key_file.check_card(card_number)
    if cache is None and key_file is not None:
        raise CacheGone(cache_path)
    if key_file is None and not is_free(cache_path.parent):
        raise KeyFileMissing
    if cache is None or key_file is None:
        return "空的，登录时建立"
    if cache.holder is not None:
        raise CacheBusy(cache.holder or None)
    size, engine = format_size(cache.size), f"格式 {cache.format}（DuckDB {cache.library}）"
    return f"{size}，{engine}，密钥{_protection(key_file)}，没有程序在用"


def _protection(file: KeyFile | OldKeyFile) -> str:
    if isinstance(file, OldKeyFile):
        return "由卡的密码保护（旧版本，下次登录时改掉）" if file.needs_pin else "由卡解密（旧版本，没有签名）"
    match file.protection:
        case CardProtection(scheme=SecretScheme.CERTIFICATE):
            return "由卡解密"
        case CardProtection():
            return "由卡经控件解密"
        case PassphraseProtection():
            return "由缓存口令保护"
    return "由卡的签名导出"


def _hint(problem: CacheProblem | FileProblem, folder: Path) -> str:
    if isinstance(problem, CacheBusy):
        return "同一张卡同时只能开一个程序：请先退出那个程序"
    if isinstance(problem, SOLVED_BY_NEW_CACHE) and not isinstance(problem, CacheCutOff | CacheTooNew | KeyFileTooNew):
        return TO_NEW_CACHE
    return problem.hint or f"请检查 {folder}"
