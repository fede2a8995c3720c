"""Open the cache of the card that was just unlocked, or make one: a random key, sealed to the card."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from db.cache import Cache
from db.key import (
    CacheKey,
    CertificateCannotSeal,
    KeyFile,
    KeyFileDamaged,
    KeyOfOtherCard,
    KeyOfOtherPin,
    KeyUnwrapFailed,
    Owner,
    new_key,
    read_key_file,
    wrap_for_certificate,
    wrap_for_pin,
)
from db.problems import TO_NEW_CACHE, CacheDamaged, CacheKeyWrong, CacheProblem
from jiacha_tui.actions.archive_cache import archive_cache
from jiacha_tui.actions.cache_recovery import CacheRecovery, CacheRecoveryNeeded, NewCache, PreviousPin
from jiacha_tui.card.medium import OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import DecryptionFailed
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import private_folder, read_private, replace_private, write_new


class KeyFileMissing(CacheProblem):
    """There is a cache and no key file: nobody can open it any more."""

    def __init__(self) -> None:
        super().__init__("key.lost", "本机缓存的密钥文件不见了，缓存无法打开", TO_NEW_CACHE)


class PreviousPinWrong(CacheProblem):
    """Neither the PIN nor what was given as the one before it opens the cache; no try of the card's was spent."""

    def __init__(self) -> None:
        super().__init__("key.earlier-pin-wrong", "更换前的密码不对，打不开本机缓存", "请核对后重新输入，不占卡的次数")


UNOPENED = (
    KeyFileDamaged,
    KeyFileMissing,
    KeyOfOtherCard,
    KeyUnwrapFailed,
    KeyOfOtherPin,
    PreviousPinWrong,
    CacheKeyWrong,
    CacheDamaged,
)
"""What a new cache helps against."""


@dataclass(frozen=True, slots=True)
class OpenedCache:
    """`old` is where the cache lies that was put aside for this one."""

    cache: Cache
    old: Path | None = None


async def open_cache(
    locations: Locations, card: OpenCard, pin: Pin, now: datetime, remedy: CacheRecovery | None = None
) -> OpenedCache:
    """The cache of `card`, which stays with the caller as its `pin` does.

    Raises CacheRecoveryNeeded where the card cannot open it and `remedy` did not help, and any other `Problem`. A cache
    that was there is then as it was, in its place or put aside.
    """
    try:
        return OpenedCache(await _open(locations, card, pin, remedy))
    except UNOPENED as problem:
        if not isinstance(remedy, NewCache):
            raise CacheRecoveryNeeded(
                problem, by_pin=isinstance(problem, KeyOfOtherPin | PreviousPinWrong)
            ) from problem
    old = await asyncio.to_thread(archive_cache, locations, card.identity.card_number, now)
    return OpenedCache(await _open(locations, card, pin, remedy), old)


async def _open(locations: Locations, card: OpenCard, pin: Pin, remedy: CacheRecovery | None) -> Cache:
    number = card.identity.card_number
    await asyncio.to_thread(private_folder, locations.cache(number))
    key_path, cache_path = locations.key_file(number), locations.cache_file(number)
    if await asyncio.to_thread(key_path.exists):
        key = await _stored_key(key_path, card, pin, remedy)
    elif await asyncio.to_thread(cache_path.exists):
        raise KeyFileMissing
    else:
        key = new_key()
        await asyncio.to_thread(write_new, key_path, await _wrapped(key, card, pin))
    return await asyncio.to_thread(Cache.open, cache_path, key)


async def _stored_key(path: Path, card: OpenCard, pin: Pin, remedy: CacheRecovery | None) -> CacheKey:
    file = read_key_file(await asyncio.to_thread(read_private, path))
    file.check_card(card.identity.card_number)
    owner_changed = file.owner.certificate_serial != card.identity.certificate_serial
    pin_changed = False
    if not file.needs_pin:
        try:
            key = await file.unwrap(card.decrypt)
        except DecryptionFailed:
            raise KeyUnwrapFailed from None
    else:
        try:
            key = await _by_pin(file, pin)
        except KeyOfOtherPin:
            if not isinstance(remedy, PreviousPin):
                raise
            key = await _by_earlier_pin(file, remedy)
            pin_changed = True
    if owner_changed or pin_changed:
        await asyncio.to_thread(replace_private, path, await _wrapped(key, card, pin))
    return key


async def _by_pin(file: KeyFile, pin: Pin) -> CacheKey:
    return await asyncio.to_thread(file.unwrap_with_pin, lambda: pin.reveal().encode())


async def _by_earlier_pin(file: KeyFile, given: PreviousPin) -> CacheKey:
    earlier = Pin.parse(given.text)
    try:
        return await _by_pin(file, earlier)
    except KeyOfOtherPin:
        raise PreviousPinWrong from None
    finally:
        earlier.clear()


async def _wrapped(key: CacheKey, card: OpenCard, pin: Pin) -> bytes:
    identity = card.identity
    owner = Owner(identity.card_number, identity.certificate_serial)
    if card.encryption_certificate is not None:
        try:
            return wrap_for_certificate(key, owner, card.encryption_certificate)
        except CertificateCannotSeal:
            pass
    return await asyncio.to_thread(wrap_for_pin, key, owner, lambda: pin.reveal().encode())
