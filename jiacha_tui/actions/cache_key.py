"""The key of the cache: which way leads to it for the card that was opened, and how its key file is written.

The best way that the card offers is taken: the card decrypts a secret; else a signature that is the same each time
gives the secret; else a passphrase does. The PIN is never one of them. docs/card.md says what a thief of the files can
try.
"""

import asyncio
import base64
from dataclasses import dataclass
from pathlib import Path

from db.key import CacheKey
from db.key_file import (
    CardProtection,
    KeyFile,
    KeyFileOwner,
    PassphraseProtection,
    SignatureProtection,
    new_passphrase_protection,
    new_secret,
    new_signature_protection,
    read_key_file,
    secret_from_signature,
    text_for_secret,
    wrap_key,
)
from db.old_key_file import OldKeyFile, decrypted_key
from db.problems import (
    CacheProblem,
    KeyFileForged,
    KeyFileForOtherPin,
    KeyFileUnsigned,
    KeyMemoryShort,
    KeyUnwrapFailed,
)
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
from jiacha_tui.private_files import FileProblem, file_problems, read_private, replace_and_destroy, replace_private

PIN_PROTECTION_ENDED = (
    "本机缓存的密钥以前由卡的密码保护，现已改掉。密钥文件可能被人复制过的，请改卡的密码；不是刚升级本程序的，请另建缓存"
)
UNSIGNED_ACCEPTED = "按您的确认采用了旧版本的密钥文件，已由这张卡签名"


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """What a login has to reach the key with: the open card with its PIN, and what the operator has added."""

    card: OpenCard
    pin: Pin
    recovery: CacheRecovery | None = None
    passphrase: PassphraseChoice | None = None


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """`warning` is what the operator has to know about the key file, "" if there is nothing."""

    key: CacheKey
    warning: str = ""


async def open_key(path: Path, archives: Path, access: KeyAccess) -> OpenedKey:
    """The key in the file `path`. The file is written again if it is of version 1 or the certificate has changed.

    If the PIN opened it, so are those of archived caches in the folder `archives` that the PIN opens too.

    Raises the problems of key files (`db.problems`), PassphraseNeeded, PreviousPinWrong, and any problem of the card or
    of the files. The file is then unchanged.
    """
    file, key = await _read(path, access)
    if isinstance(file, OldKeyFile):
        content = await protect_key(key, access, can_skip=False)
        # The archives first: if that fails or is interrupted, the next login repeats it.
        warning = await _end_pin_protection(archives, access) if file.needs_pin else UNSIGNED_ACCEPTED
        await asyncio.to_thread(replace_and_destroy, path, content)
        return OpenedKey(key, warning)
    if file.certificate_serial != access.card.identity.certificate_serial:
        await asyncio.to_thread(replace_private, path, await protect_key(key, access, can_skip=False))
    return OpenedKey(key)


async def read_key(path: Path, access: KeyAccess) -> CacheKey:
    """The key in the file `path`, which stays as it is. Raises as `open_key`, except for what only writing needs."""
    return (await _read(path, access))[1]


async def _read(path: Path, access: KeyAccess) -> tuple[KeyFile | OldKeyFile, CacheKey]:
    file = read_key_file(await asyncio.to_thread(read_private, path))
    file.check_card(access.card.identity.card_number)
    return file, await (_old_key(file, access) if isinstance(file, OldKeyFile) else _key(file, access))


async def _end_pin_protection(archives: Path, access: KeyAccess) -> str:
    """Protects the keys of the card's archived caches too, where the PIN opens them. Returns the warning.

    Key files that another PIN opens stay: only the operator can decide to delete those caches.
    """
    left = 0
    for path in await asyncio.to_thread(_archived_key_files, archives, access.card.identity.card_number):
        try:
            file = read_key_file(await asyncio.to_thread(read_private, path))
            if not isinstance(file, OldKeyFile) or not file.needs_pin:
                continue
            key = await _old_key(file, access)
        except (KeyFileForOtherPin, KeyMemoryShort, PreviousPinWrong):
            left += 1
        except (CacheProblem, FileProblem):
            continue  # it was archived because it cannot be read
        else:
            await asyncio.to_thread(replace_and_destroy, path, await protect_key(key, access, can_skip=False))
    if not left:
        return PIN_PROTECTION_ENDED
    return f"{PIN_PROTECTION_ENDED}。旧缓存中有 {left} 个的密钥还由更换前的密码保护，不再需要就请删除：{archives}"


def _archived_key_files(archives: Path, card_number: str) -> list[Path]:
    with file_problems(archives):
        return sorted(archives.glob(f"{card_number}-*/{KEY_FILE}"))


async def protect_key(key: CacheKey, access: KeyAccess, *, can_skip: bool = True) -> bytes:
    """The content of a new key file, by the best way that the card offers.

    Raises PassphraseNeeded if there is none and no passphrase was given, or a weak one; `can_skip` says whether the
    operator may do without a lasting cache. Also raises what the card raises.
    """
    identity = access.card.identity
    owner = KeyFileOwner(identity.card_number, identity.certificate_serial)
    file = await _card_protected(key, owner, access.card)
    if file is None and identity.key_type is KeyType.RSA:
        file = await _signature_protected(key, owner, access.card)
    if file is None:
        file = await _passphrase_protected(key, owner, access, can_skip=can_skip)
    return file.encode()


async def _card_protected(key: CacheKey, owner: KeyFileOwner, card: OpenCard) -> KeyFile | None:
    secret = new_secret()
    try:
        encrypted = await card.encrypt_secret(secret)
    except CannotDecrypt:
        return None
    file = wrap_key(key, owner, CardProtection(encrypted.scheme, encrypted.ciphertext, ""), secret)
    return file.signed(await card.sign(file.signed_text))


async def _signature_protected(key: CacheKey, owner: KeyFileOwner, card: OpenCard) -> KeyFile | None:
    """None if two signatures over the same text differ: the next login could not derive the secret again."""
    protection = new_signature_protection()
    first, second = [await _secret_from_signature(card, protection) for _ in range(2)]
    return wrap_key(key, owner, protection, first) if first == second else None


async def _passphrase_protected(key: CacheKey, owner: KeyFileOwner, access: KeyAccess, *, can_skip: bool) -> KeyFile:
    if not isinstance(access.passphrase, Passphrase):
        raise PassphraseNeeded(is_new=True, can_skip=can_skip)
    identity = access.card.identity
    forbidden = (identity.card_number, identity.organisation_code)
    if weakness := passphrase_weakness(access.passphrase.text, (access.pin.reveal(), *forbidden)):
        raise PassphraseNeeded(is_new=True, can_skip=can_skip, cause=PassphraseWeak(weakness))
    protection = new_passphrase_protection()
    return wrap_key(key, owner, protection, await asyncio.to_thread(protection.secret, access.passphrase.text))


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

    Only somebody who knows the PIN can have written a file that the PIN opens. One that the card opens may be
    anybody's, so the operator has to confirm it: KeyFileUnsigned.
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
