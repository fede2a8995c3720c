"""The check of `jiacha doctor --deep`: reads every value of the inserted card's cache, and changes nothing in it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from db.cache_inspection import cache_holder
from db.problems import TO_NEW_CACHE, CacheBusy, CacheDamaged, CacheGone, CacheLogDamaged
from db.readable_state import readable_state
from db.table_reader import TableCondition, TableReader
from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cache_key import KeyAccess, read_key
from jiacha_tui.actions.cache_recovery import Passphrase
from jiacha_tui.actions.cards import CardSummary
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.problems import PassphraseNeeded
from jiacha_tui.card.medium import Medium
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import NoCard
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import path_exists

if TYPE_CHECKING:
    from db.key import CacheKey

_TITLES: Final = {
    "declaration": "报关单",
    "head": "表头",
    "item": "表体",
    "journal": "操作记录",
    "resend": "重发记录",
    "resend_answer": "重发的答复",
}


async def check_whole_cache(
    app_context: AppContext, medium_id: str, card: CardSummary, pin_text: str, ask_passphrase: Callable[[], str]
) -> Sequence[Finding]:
    """Opens the card with one try of the PIN and reads its cache. A problem becomes a finding.

    `ask_passphrase` is called if a passphrase protects the key.
    """
    try:
        pin = Pin.parse(pin_text)
        try:
            opened = await _medium(app_context, medium_id).open(pin)
            try:
                key = await _key(app_context.locations, card.card_number, KeyAccess(opened, pin), ask_passphrase)
            finally:
                await opened.close()
        finally:
            pin.clear()
        return (await asyncio.to_thread(_read, app_context.locations, card.card_number, key),)
    except Problem as problem:
        return (_broken(card.card_number, problem),)


async def _key(
    locations: Locations, card_number: str, access: KeyAccess, ask_passphrase: Callable[[], str]
) -> "CacheKey":
    path = locations.key_file(card_number)
    try:
        return await read_key(path, access)
    except PassphraseNeeded:
        with_passphrase = KeyAccess(access.card, access.pin, passphrase=Passphrase(ask_passphrase()))
    return await read_key(path, with_passphrase)


def _read(locations: Locations, card_number: str, key: "CacheKey") -> Finding:
    """Raises CacheBusy, CacheGone, CacheDamaged, FileProblem."""
    path = locations.cache_file(card_number)
    if not path_exists(path):
        raise CacheGone(path)
    if (holder := cache_holder(path)) is not None:
        raise CacheBusy(holder or None)
    with TableReader(key) as reader, readable_state(reader, path) as state:
        if state is None:
            raise CacheDamaged(path)
        conditions = [reader.check(table) for table in state.tables]
        is_whole = state.is_newest and not state.is_repaired
    bad = [condition for condition in conditions if not condition.is_good]
    if not is_whole and not bad:
        raise CacheLogDamaged(path)
    if bad:
        message = f"{card_number}  缓存读不全：{'、'.join(map(_loss, bad))}"
        return Finding(Area.CACHE, FindingState.BROKEN, message, TO_NEW_CACHE, "cache.damaged")
    rows = sum(condition.whole for condition in conditions)
    return Finding.good(Area.CACHE, f"{card_number}  {len(conditions)} 张表 {rows:,} 行全部读过，没有损坏")


def _loss(condition: TableCondition) -> str:
    return f"{_TITLES.get(condition.name, condition.name)} {condition.partial + condition.lost:,} 行"


def _medium(app_context: AppContext, medium_id: str) -> Medium:
    """Raises NoCard."""
    for medium in app_context.media():
        if medium.medium_id == medium_id:
            return medium
    raise NoCard


def _broken(card_number: str, problem: Problem) -> Finding:
    message = f"{card_number}  {problem.message}"
    return Finding(Area.CACHE, FindingState.BROKEN, message, problem.hint, problem.code)
