"""The key of the cache: which way leads to it for the card that was opened, and how its key file is written.

The best way that the card offers is taken: the card decrypts a secret; else a signature that is the same each time
gives the secret; else a passphrase does. The PIN is never one of them. docs/card.md says what a thief of the files can
try.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from db.key import CacheKey
from db.key_file import (
    CardProtection,
    KeyFile,
    KeyFileOwner,
    KeyProtection,
    PassphraseProtection,
    SignatureProtection,
    UpgradedFrom,
    new_passphrase_protection,
    new_secret,
    new_signature_protection,
    read_key_file,
    secret_from_signature,
    text_for_secret,
    wrap_key,
)
from db.old_key_file import OldKeyFile, decrypted_key
from db.problems import CacheProblem, KeyFileForged, KeyFileForOtherPin, KeyFileTooNew, KeyFileUnsigned, KeyUnwrapFailed
from jiacha_tui.actions.cache_recovery import (
    CacheRecovery,
    Passphrase,
    PassphraseChoice,
    PreviousPin,
    TrustKeyFile,
)
from jiacha_tui.actions.passphrase import passphrase_weakness
from jiacha_tui.actions.problems import PassphraseNeeded, PassphraseWeak, PassphraseWrong, PreviousPinWrong
from jiacha_tui.card.identity import KeyType
from jiacha_tui.card.medium import OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CannotDecrypt, DecryptionFailed, SignatureMismatch
from jiacha_tui.card.signature import verify
from jiacha_tui.locations import KEY_FILE
from jiacha_tui.private_files import (
    FileMissing,
    FileProblem,
    file_problems,
    read_private,
    replace_and_destroy,
    replace_private,
)

PIN_PROTECTION_ENDED = "本机缓存的密钥以前由卡的密码保护，现已改掉。密钥文件可能被人复制过的，请改卡的密码，并另建缓存"
UNSIGNED_ACCEPTED = "按您的确认采用了旧版本的密钥文件，已由这张卡签名"
ARCHIVES_PROTECTED = "旧缓存的密钥以前由卡的密码保护，现已改掉。旧缓存可能被人复制过的，请改卡的密码，并另建缓存"

_WARNINGS: Final = MappingProxyType(
    {UpgradedFrom.PIN: PIN_PROTECTION_ENDED, UpgradedFrom.CERTIFICATE: UNSIGNED_ACCEPTED}
)


_Wrap = Callable[[KeyProtection, bytes], KeyFile]
"""`wrap_key` of a key, for its owner."""


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """What a login has to reach the key with: the open card with its PIN, and what the operator has added."""

    card: OpenCard
    pin: Pin
    recovery: CacheRecovery | None = None
    passphrase: PassphraseChoice | None = None


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """`warning` is what the operator has to know about the key file, "" if there is nothing.

    The file says so at each login, until `end_warning`.
    """

    key: CacheKey
    warning: str = ""


async def open_key(path: Path, access: KeyAccess) -> OpenedKey:
    """The key in the file `path`. The file is written again if it is of version 1 or the certificate has changed.

    One that the PIN opens is written again before the operator confirms it, so that nobody can try PINs on it.

    Raises the problems of key files (`db.problems`), PassphraseNeeded, PreviousPinWrong, and any problem of the card or
    of the files. The file is then unchanged, except for KeyFileUnsigned.
    """
    file, key = await _read(path, access)
    upgraded_from = _upgraded_from(file, access)
    if isinstance(file, OldKeyFile):
        content = await protect_key(key, access, can_skip=False, upgraded_from=upgraded_from)
        await asyncio.to_thread(replace_and_destroy, path, content)
    elif file.certificate_serial != access.card.identity.certificate_serial or file.upgraded_from is not upgraded_from:
        content = await protect_key(key, access, can_skip=False, upgraded_from=upgraded_from)
        await asyncio.to_thread(replace_private, path, content)
    if upgraded_from is UpgradedFrom.PIN_UNCONFIRMED:
        raise KeyFileUnsigned
    return OpenedKey(key, "" if upgraded_from is None else _WARNINGS[upgraded_from])


def _upgraded_from(file: KeyFile | OldKeyFile, access: KeyAccess) -> UpgradedFrom | None:
    """What stands in the file from this login on."""
    if isinstance(file, OldKeyFile) and not file.needs_pin:
        return UpgradedFrom.CERTIFICATE
    if isinstance(file, OldKeyFile) or file.upgraded_from is UpgradedFrom.PIN_UNCONFIRMED:
        is_confirmed = isinstance(access.recovery, TrustKeyFile)
        return UpgradedFrom.PIN if is_confirmed else UpgradedFrom.PIN_UNCONFIRMED
    return file.upgraded_from


async def end_warning(path: Path, key: CacheKey, access: KeyAccess) -> None:
    """Writes the key file again, without the warning. Raises as `open_key`."""
    await asyncio.to_thread(replace_private, path, await protect_key(key, access, can_skip=False))


async def read_key(path: Path, access: KeyAccess) -> CacheKey:
    """The key in the file `path`, which stays as it is. Raises as `open_key`, except for what only writing needs."""
    return (await _read(path, access))[1]


async def _read(path: Path, access: KeyAccess) -> tuple[KeyFile | OldKeyFile, CacheKey]:
    file = read_key_file(await asyncio.to_thread(read_private, path))
    file.check_card(access.card.identity.card_number)
    return file, await (_old_key(file, access) if isinstance(file, OldKeyFile) else _key(file, access))


async def end_pin_protection(archives: Path, access: KeyAccess, before_first: Callable[[], Awaitable[None]]) -> int:
    """Protects the keys of the card's archived caches in another way, where the PIN opens them.

    Awaits `before_first` before it replaces the first. Returns how many stay as they are, because another PIN opens
    them, they cannot be read, or a passphrase would be needed: only the operator can decide to delete those caches.
    The others need to be confirmed if they are used again. Raises the problems of the card, and of listing the folder.
    """
    left, replaced = 0, 0
    for path in await asyncio.to_thread(_archived_key_files, archives, access.card.identity.card_number):
        try:
            file = read_key_file(await asyncio.to_thread(read_private, path))
            if not isinstance(file, OldKeyFile) or not file.needs_pin:
                continue
            file.check_card(access.card.identity.card_number)
            key = await _old_key(file, access)
            content = await protect_key(key, access, can_skip=False, upgraded_from=UpgradedFrom.PIN_UNCONFIRMED)
        except (FileMissing, KeyFileTooNew):
            continue
        except (CacheProblem, FileProblem, PreviousPinWrong, PassphraseNeeded):
            left += 1
            continue
        if not replaced:
            await before_first()
        try:
            await asyncio.to_thread(replace_and_destroy, path, content)
            replaced += 1
        except FileProblem:
            left += 1
    return left


def _archived_key_files(archives: Path, card_number: str) -> list[Path]:
    with file_problems(archives):
        return sorted(archives.glob(f"{card_number}-*/{KEY_FILE}"))


async def protect_key(
    key: CacheKey, access: KeyAccess, *, can_skip: bool = True, upgraded_from: UpgradedFrom | None = None
) -> bytes:
    """The content of a new key file, by the best way that the card offers.

    Raises PassphraseNeeded if there is none and no passphrase was given, or a weak one; `can_skip` says whether the
    operator may do without a lasting cache. Also raises what the card raises.
    """
    identity = access.card.identity
    owner = KeyFileOwner(identity.card_number, identity.certificate_serial)
    wrap = partial(wrap_key, key, owner, upgraded_from=upgraded_from)
    file = await _card_protected(wrap, access.card)
    if file is None and identity.key_type is KeyType.RSA:
        file = await _signature_protected(wrap, access.card)
    if file is None:
        file = await _passphrase_protected(wrap, access, can_skip=can_skip)
    return file.encode()


async def _card_protected(wrap: _Wrap, card: OpenCard) -> KeyFile | None:
    secret = new_secret()
    try:
        encrypted = await card.encrypt_secret(secret)
    except CannotDecrypt:
        return None
    file = wrap(CardProtection(encrypted.scheme, encrypted.ciphertext, ""), secret)
    return file.signed(await card.sign(file.signed_text))


async def _signature_protected(wrap: _Wrap, card: OpenCard) -> KeyFile | None:
    """None if two signatures over the same text differ: the next login could not derive the secret again."""
    protection = new_signature_protection()
    first, second = [await _secret_from_signature(card, protection) for _ in range(2)]
    return wrap(protection, first) if first == second else None


async def _passphrase_protected(wrap: _Wrap, access: KeyAccess, *, can_skip: bool) -> KeyFile:
    if not isinstance(access.passphrase, Passphrase):
        raise PassphraseNeeded(is_new=True, can_skip=can_skip)
    identity = access.card.identity
    forbidden = (identity.card_number, identity.organisation_code)
    if weakness := passphrase_weakness(access.passphrase.text, (access.pin.reveal(), *forbidden)):
        raise PassphraseNeeded(is_new=True, can_skip=can_skip, cause=PassphraseWeak(weakness))
    protection = new_passphrase_protection()
    return wrap(protection, await asyncio.to_thread(protection.secret, access.passphrase.text))


async def _key(file: KeyFile, access: KeyAccess) -> CacheKey:
    match file.protection:
        case CardProtection() as protection:
            await _check_signature(file, protection.signature, access.card)
            try:
                return file.unwrap(await access.card.decrypt_secret(protection.encrypted_secret))
            except DecryptionFailed:
                raise KeyUnwrapFailed from None
        case SignatureProtection() as protection:
            if access.card.identity.key_type is not KeyType.RSA:
                raise KeyUnwrapFailed
            return file.unwrap(await _secret_from_signature(access.card, protection))
        case PassphraseProtection() as protection:
            return await _key_by_passphrase(file, protection, access.passphrase)


async def _check_signature(file: KeyFile, signature: str, card: OpenCard) -> None:
    """Raises KeyFileForged. Before the card is asked to decrypt anything."""
    try:
        await asyncio.to_thread(verify, card.identity.certificate, file.signed_text, signature)
    except SignatureMismatch:
        raise KeyFileForged from None


async def _secret_from_signature(card: OpenCard, protection: SignatureProtection) -> bytes:
    signature = await card.sign(text_for_secret(card.identity.card_number, protection))
    return secret_from_signature(base64.b64decode(signature), protection)


async def _key_by_passphrase(
    file: KeyFile, protection: PassphraseProtection, choice: PassphraseChoice | None
) -> CacheKey:
    if not isinstance(choice, Passphrase):
        raise PassphraseNeeded(is_new=False, can_skip=True)
    secret = await asyncio.to_thread(protection.secret, choice.text)
    try:
        return file.unwrap(secret)
    except KeyUnwrapFailed:
        raise PassphraseNeeded(is_new=False, can_skip=True, cause=PassphraseWrong()) from None


async def _old_key(file: OldKeyFile, access: KeyAccess) -> CacheKey:
    """The key in a file of version 1.

    Anybody can have written one that the card opens, and whoever has tried PINs on a copy, one that the PIN opens. So
    the operator has to confirm both: KeyFileUnsigned for the one, `UpgradedFrom.PIN_UNCONFIRMED` for the other.
    """
    if file.needs_pin:
        try:
            return await _key_by_pin(file, access.pin)
        except KeyFileForOtherPin:
            if not isinstance(access.recovery, PreviousPin):
                raise
        return await _key_by_previous_pin(file, access.recovery)
    try:
        key = decrypted_key(await access.card.decrypt_secret(file.encrypted_key))
    except DecryptionFailed:
        raise KeyUnwrapFailed from None
    if not isinstance(access.recovery, TrustKeyFile):
        raise KeyFileUnsigned
    return key


async def _key_by_pin(file: OldKeyFile, pin: Pin) -> CacheKey:
    return await asyncio.to_thread(file.unwrap_with_pin, lambda: pin.reveal().encode())


async def _key_by_previous_pin(file: OldKeyFile, given: PreviousPin) -> CacheKey:
    previous = Pin.parse(given.text)
    try:
        return await _key_by_pin(file, previous)
    except KeyFileForOtherPin:
        raise PreviousPinWrong from None
    finally:
        previous.clear()
