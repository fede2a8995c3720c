"""Open the cache of the card that was just unlocked, or make one: a random key, sealed to the card."""

import asyncio
from pathlib import Path

from db.cache import Cache
from db.key import (
    CacheKey,
    CertificateCannotSeal,
    KeyFile,
    KeyNotUnsealed,
    Owner,
    new_key,
    read_key_file,
    wrap_for_certificate,
    wrap_for_pin,
)
from db.problems import CacheProblem
from jiacha_tui.card.medium import OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import DecryptionFailed
from jiacha_tui.locations import Locations
from jiacha_tui.private_files import private_folder, read_private, replace_private, write_new


class KeyFileLost(CacheProblem):
    """There is a cache and no key file: nobody can open it any more."""

    def __init__(self, cache: Path) -> None:
        super().__init__("key.lost", "本机缓存的密钥文件不见了，缓存无法打开", f"请把 {cache} 移到别处，重新登录并同步")


async def open_cache(locations: Locations, card: OpenCard, pin: Pin) -> Cache:
    """The cache of `card`, which stays with the caller. Raises `Problem`, and then leaves everything as it was."""
    folder = locations.cache(card.identity.card_number)
    await asyncio.to_thread(private_folder, folder)
    key_path, cache_path = folder / "key.json", folder / "cache.duckdb"
    if await asyncio.to_thread(key_path.exists):
        key = await _stored_key(key_path, card, pin)
    elif await asyncio.to_thread(cache_path.exists):
        raise KeyFileLost(cache_path)
    else:
        key = new_key()
        await asyncio.to_thread(write_new, key_path, await _wrapped(key, card, pin))
    return await asyncio.to_thread(Cache.open, cache_path, key)


async def _stored_key(path: Path, card: OpenCard, pin: Pin) -> CacheKey:
    file = read_key_file(await asyncio.to_thread(read_private, path))
    file.check_card(card.identity.card_number)
    if file.needs_pin:
        key = await asyncio.to_thread(file.unwrap_with_pin, lambda: pin.reveal().encode())
    else:
        try:
            key = await file.unwrap(card.decrypt)
        except DecryptionFailed:
            raise KeyNotUnsealed from None
    await _seal_to_renewed_certificate(path, file, key, card, pin)
    return key


async def _seal_to_renewed_certificate(path: Path, file: KeyFile, key: CacheKey, card: OpenCard, pin: Pin) -> None:
    if file.owner.certificate_serial != card.identity.certificate_serial:
        await asyncio.to_thread(replace_private, path, await _wrapped(key, card, pin))


async def _wrapped(key: CacheKey, card: OpenCard, pin: Pin) -> bytes:
    identity = card.identity
    owner = Owner(identity.card_number, identity.certificate_serial)
    if card.sealing_certificate is not None:
        try:
            return wrap_for_certificate(key, owner, card.sealing_certificate)
        except CertificateCannotSeal:
            pass
    return await asyncio.to_thread(wrap_for_pin, key, owner, lambda: pin.reveal().encode())
