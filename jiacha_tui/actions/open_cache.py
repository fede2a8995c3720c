"""Open the cache of the card that was just opened, or create it with a random key that only this card can unwrap."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from db.cache import Cache
from db.cache_inspection import cache_holder
from db.key import CacheKey, KeyFile, KeyFileOwner, new_key, read_key_file, wrap_for_certificate, wrap_for_pin
from db.problems import (
    TO_NEW_CACHE,
    CacheBusy,
    CacheDamaged,
    CacheKeyWrong,
    CacheProblem,
    CertificateKeyUnsupported,
    KeyFileDamaged,
    KeyFileForOtherCard,
    KeyFileForOtherPin,
    KeyUnwrapFailed,
)
from db.state_check import write_first_state
from jiacha_tui.actions.cache_recovery import CacheRecovery, NewCache, PreviousPin
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.card.medium import OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import DecryptionFailed
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import file_problems, private_folder, read_private, replace_private, write_new


class KeyFileMissing(CacheProblem):
    """There is a cache but no key file, so nobody can open the cache."""

    def __init__(self) -> None:
        super().__init__("key.lost", "本机缓存的密钥文件不见了，缓存无法打开", TO_NEW_CACHE)


class PreviousPinWrong(CacheProblem):
    """Neither the PIN nor the given previous PIN opens the cache. The card's retry counter is not affected."""

    def __init__(self) -> None:
        super().__init__("key.earlier-pin-wrong", "更换前的密码不对，打不开本机缓存", "请核对后重新输入，不占卡的次数")


SOLVED_BY_NEW_CACHE = (
    KeyFileDamaged,
    KeyFileMissing,
    KeyFileForOtherCard,
    KeyUnwrapFailed,
    KeyFileForOtherPin,
    PreviousPinWrong,
    CacheKeyWrong,
    CacheDamaged,
)
"""The problems after which a login can start a new cache."""


@dataclass(frozen=True, slots=True)
class OpenedCache:
    """`archived` is the folder of the cache that was moved away for this one, or None."""

    cache: Cache
    key: CacheKey = field(repr=False)
    archived: Path | None = None


async def open_cache(
    locations: Locations, card: OpenCard, pin: Pin, now: datetime, recovery: CacheRecovery | None = None
) -> OpenedCache:
    """Opens the cache of `card` or creates it. The caller keeps `card` and `pin` and has to close and clear them.

    Raises CacheRecoveryNeeded if the card does not open the cache and `recovery` did not help, and any other
    `Problem` of the cache, the card or the files. An existing cache then stays unchanged, in its place or archived.
    """
    try:
        return await _open(locations, card, pin, recovery)
    except SOLVED_BY_NEW_CACHE as problem:
        if not isinstance(recovery, NewCache):
            raise CacheRecoveryNeeded(
                problem, previous_pin_helps=isinstance(problem, KeyFileForOtherPin | PreviousPinWrong)
            ) from problem
    archived = await asyncio.to_thread(_archive, locations, card.identity.card_number, now)
    return replace(await _open(locations, card, pin, recovery), archived=archived)


def _archive(locations: Locations, card_number: str, now: datetime) -> Path:
    """Moves the folder of a card's cache unchanged to the old caches and returns its new path.

    Raises CacheBusy if another program has the cache open, and FileProblem. The cache is then not moved.
    """
    folder = locations.cache(card_number)
    cache = locations.cache_file(card_number)
    if cache.exists() and (holder := cache_holder(cache)) is not None:
        raise CacheBusy(holder or None)
    archived = private_folder(locations.old_caches) / f"{card_number}-{now:%Y%m%d-%H%M%S}"
    with file_problems(folder):
        folder.rename(archived)
    return archived


async def _open(locations: Locations, card: OpenCard, pin: Pin, recovery: CacheRecovery | None) -> OpenedCache:
    card_number = card.identity.card_number
    await asyncio.to_thread(private_folder, locations.cache(card_number))
    key_path, cache_path = locations.key_file(card_number), locations.cache_file(card_number)
    if await asyncio.to_thread(key_path.exists):
        key = await _stored_key(key_path, card, pin, recovery)
    elif await asyncio.to_thread(cache_path.exists):
        raise KeyFileMissing
    else:
        key = new_key()
        await asyncio.to_thread(write_first_state, locations.state_file(card_number), key)
        await asyncio.to_thread(write_new, key_path, await _wrap(key, card, pin))
    return OpenedCache(await asyncio.to_thread(Cache.open, cache_path, key), key)


async def _stored_key(path: Path, card: OpenCard, pin: Pin, recovery: CacheRecovery | None) -> CacheKey:
    """The key in the file `path`. The file is written again if the certificate or the PIN has changed."""
    file = read_key_file(await asyncio.to_thread(read_private, path))
    file.check_card(card.identity.card_number)
    certificate_changed = file.owner.certificate_serial != card.identity.certificate_serial
    pin_changed = False
    if not file.needs_pin:
        try:
            key = await file.unwrap(card.decrypt)
        except DecryptionFailed:
            raise KeyUnwrapFailed from None
    else:
        try:
            key = await _unwrap_with_pin(file, pin)
        except KeyFileForOtherPin:
            if not isinstance(recovery, PreviousPin):
                raise
            key = await _unwrap_with_previous_pin(file, recovery)
            pin_changed = True
    if certificate_changed or pin_changed:
        await asyncio.to_thread(replace_private, path, await _wrap(key, card, pin))
    return key


async def _unwrap_with_pin(file: KeyFile, pin: Pin) -> CacheKey:
    return await asyncio.to_thread(file.unwrap_with_pin, lambda: pin.reveal().encode())


async def _unwrap_with_previous_pin(file: KeyFile, given: PreviousPin) -> CacheKey:
    previous = Pin.parse(given.text)
    try:
        return await _unwrap_with_pin(file, previous)
    except KeyFileForOtherPin:
        raise PreviousPinWrong from None
    finally:
        previous.clear()


async def _wrap(key: CacheKey, card: OpenCard, pin: Pin) -> bytes:
    """The content of the key file: wrapped for the certificate, or with the PIN if the card cannot decrypt."""
    identity = card.identity
    owner = KeyFileOwner(identity.card_number, identity.certificate_serial)
    if card.encryption_certificate is not None:
        try:
            return wrap_for_certificate(key, owner, card.encryption_certificate)
        except CertificateKeyUnsupported:
            pass
    return await asyncio.to_thread(wrap_for_pin, key, owner, lambda: pin.reveal().encode())
