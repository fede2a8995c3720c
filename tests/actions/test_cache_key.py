"""Which way leads to the cache's key, key files of version 1, and key files that somebody else has written."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.cache import Cache
from db.journal import Journal
from db.key import CacheKey, new_key
from db.key_file import CardProtection, KeyFile, KeyFileOwner, SignatureProtection, read_key_file, wrap_key
from db.problems import KeyFileForged, KeyFileForOtherCard
from jiacha_tui.actions.cache_key import (
    ARCHIVES_PROTECTED,
    PIN_PROTECTION_ENDED,
    UNSIGNED_ACCEPTED,
    KeyAccess,
    open_key,
    protect_key,
    read_key,
)
from jiacha_tui.actions.cache_recovery import CacheRecovery, NewCache, PreviousPin, TrustKeyFile
from jiacha_tui.actions.open_cache import OpenedCache, open_cache
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import OpenSoftCard, SoftCard
from jiacha_tui.card_encryption import encrypt_to_key
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.card_issuing import Authority, IssuedCard, issue_card, save_card
from jiacha_tui.locations import Locations
from tests.actions.cache_cards import HOLDER, NEW_PIN, PIN, Kind, decrypting, not_decrypting
from tests.actions.signing_card import SigningSoftCard
from tests.app_contexts import NOW
from tests.db.old_key_files import old_file_for_certificate, old_file_for_pin

both_kinds = pytest.mark.parametrize("kind", [decrypting, not_decrypting])


@dataclass
class Desk:
    """One home and one card, opened anew with each call."""

    locations: Locations
    slot: Path
    issued: IssuedCard

    @property
    def owner(self) -> KeyFileOwner:
        return KeyFileOwner(HOLDER.card_number, self.issued.identity.certificate_serial)

    @property
    def key_file(self) -> Path:
        return self.locations.key_file(HOLDER.card_number)

    async def card(self, pin: str) -> tuple[OpenSoftCard, Pin]:
        save_card(self.issued, Pin(pin), self.slot)
        held = Pin(pin)
        return await SoftCard(self.slot, clock=lambda: NOW + timedelta(days=1)).open(held), held

    @asynccontextmanager
    async def opened(
        self, kind: Kind, pin: str = PIN, recovery: CacheRecovery | None = None
    ) -> AsyncIterator[OpenedCache]:
        card, held = await self.card(pin)
        opened = await open_cache(self.locations, KeyAccess(kind(card), held, recovery), NOW)
        try:
            yield opened
        finally:
            opened.close()

    async def refused(
        self, code: str, kind: Kind, pin: str = PIN, recovery: CacheRecovery | None = None
    ) -> CacheRecoveryNeeded:
        with pytest.raises(CacheRecoveryNeeded) as refused:
            async with self.opened(kind, pin, recovery):
                pass
        assert refused.value.code == code
        return refused.value

    def archive(self, name: str, content: bytes) -> Path:
        """The key file of an archived cache."""
        folder = self.locations.old_caches / f"{HOLDER.card_number}-{name}"
        folder.mkdir(parents=True)
        (folder / "key.json").write_bytes(content)
        return folder / "key.json"

    def make_cache(self, key_file: bytes, key: CacheKey) -> None:
        """A cache of another program or an older version, with its key file."""
        self.locations.cache(HOLDER.card_number).mkdir(parents=True)
        Cache.open(self.locations.cache_file(HOLDER.card_number), key).close()
        self.key_file.write_bytes(key_file)

    def read_key_file(self) -> KeyFile:
        file = read_key_file(self.key_file.read_bytes())
        assert isinstance(file, KeyFile)
        return file

    def everything(self) -> bytes:
        """The content of every file in the home."""
        return b"".join(path.read_bytes() for path in sorted(self.locations.home.rglob("*")) if path.is_file())


@pytest.fixture
def desk(locations: Locations, slot: Path, issued: IssuedCard) -> Desk:
    return Desk(locations, slot, issued)


def told(opened: OpenedCache) -> list[str]:
    """What the operator has to confirm after the login."""
    return [entry.message for entry in Journal(opened.cache, lambda: NOW).unconfirmed()]


def parts_of(old_file: bytes) -> list[bytes]:
    """What a thief needs of an old key file: its salt, nonce and ciphertext, as they stand in the file."""
    fields = json.loads(old_file)["key"]
    return [text.encode() for name in ("salt", "nonce", "ciphertext") if (text := fields.get(name))]


@pytest.mark.parametrize(("kind", "protection"), [(decrypting, CardProtection), (not_decrypting, SignatureProtection)])
async def test_a_new_key_file_is_protected_by_the_best_way(desk: Desk, kind: Kind, protection: type) -> None:
    async with desk.opened(kind) as opened:
        assert told(opened) == []
    assert isinstance(desk.read_key_file().protection, protection)


async def test_neither_the_secret_nor_the_signature_that_gives_it_is_in_a_file(desk: Desk) -> None:
    signatures: list[str] = []

    class Listening(SigningSoftCard):
        async def sign(self, text: str) -> str:
            signatures.append(await super().sign(text))
            return signatures[-1]

    card, held = await desk.card(PIN)
    card.__class__ = Listening
    content = await protect_key(new_key(), KeyAccess(card, held))
    assert len(set(signatures)) == 1, "the same signature each time"
    assert signatures[0].encode() not in content


@both_kinds
@pytest.mark.parametrize("changed_pin", [False, True])
async def test_a_file_that_the_pin_opened_is_replaced_and_nothing_of_it_remains(
    desk: Desk, kind: Kind, *, changed_pin: bool
) -> None:
    key = new_key()
    old_file = old_file_for_pin(key, desk.owner, PIN.encode())
    desk.make_cache(old_file, key)
    before = os.open(desk.key_file, os.O_RDONLY)  # the old file, also after another one has its name
    pin, recovery = (NEW_PIN, PreviousPin(PIN)) if changed_pin else (PIN, None)
    await desk.refused("key.unsigned", kind, pin, recovery)
    assert not any(part in desk.everything() for part in parts_of(old_file)), "also without the confirmation"
    await desk.refused("key.unsigned", kind, pin)
    async with desk.opened(kind, pin, TrustKeyFile()) as opened:
        assert told(opened) == [PIN_PROTECTION_ENDED]
    assert desk.read_key_file().upgraded_from is None
    assert os.pread(before, len(old_file), 0) == bytes(len(old_file)), "the blocks are overwritten"
    os.close(before)
    assert {path.name for path in desk.key_file.parent.iterdir()} <= {"cache.duckdb", "cache.duckdb.spill", "key.json"}
    assert desk.key_file.stat().st_mode & 0o777 == 0o600
    for later_pin in (PIN, NEW_PIN):
        async with desk.opened(kind, later_pin) as opened:
            assert told(opened) == [PIN_PROTECTION_ENDED], "once: it does not depend on the PIN any more"


async def test_the_previous_pin_is_asked_only_for_a_file_of_version_1(desk: Desk) -> None:
    key = new_key()
    desk.make_cache(old_file_for_pin(key, desk.owner, PIN.encode()), key)
    before = desk.key_file.read_bytes()
    card, held = await desk.card(PIN)
    assert (await read_key(desk.key_file, KeyAccess(card, held))).reveal() == key.reveal()
    assert desk.key_file.read_bytes() == before, "reading changes nothing"
    for recovery, code in ((None, "key.other-pin"), (PreviousPin("99999999"), "key.earlier-pin-wrong")):
        with pytest.raises(CacheRecoveryNeeded) as refused:
            async with desk.opened(not_decrypting, NEW_PIN, recovery):
                pass
        assert (refused.value.code, refused.value.previous_pin_helps) == (code, True)
        assert desk.key_file.read_bytes() == before
    await desk.refused("key.unsigned", not_decrypting, NEW_PIN, PreviousPin(PIN))
    async with desk.opened(not_decrypting, NEW_PIN, TrustKeyFile()):
        pass
    for pin in (PIN, NEW_PIN):
        async with desk.opened(not_decrypting, pin):
            pass


async def test_an_unsigned_file_of_version_1_is_opened_only_after_a_confirmation(desk: Desk) -> None:
    key = new_key()
    old_file = old_file_for_certificate(key, desk.owner, desk.issued.identity.certificate)
    desk.make_cache(old_file, key)
    with pytest.raises(CacheRecoveryNeeded) as refused:
        async with desk.opened(decrypting):
            pass
    assert (refused.value.code, refused.value.trust_helps, refused.value.previous_pin_helps) == (
        "key.unsigned",
        True,
        False,
    )
    assert desk.key_file.read_bytes() == old_file
    async with desk.opened(decrypting, recovery=TrustKeyFile()) as opened:
        assert told(opened) == [UNSIGNED_ACCEPTED]
    assert isinstance(desk.read_key_file().protection, CardProtection)
    async with desk.opened(decrypting) as opened:
        assert told(opened) == [UNSIGNED_ACCEPTED], "once"


async def planted_file(desk: Desk, key: CacheKey, signer: IssuedCard | None) -> bytes:
    """A key file for the card that somebody made who has only its certificate, and the card `signer`."""
    secret = b"x" * 32
    encrypted = encrypt_to_key(secret, desk.issued.certificate.public_key())
    file = wrap_key(key, desk.owner, CardProtection(encrypted.scheme, encrypted.ciphertext, ""), secret)
    if signer is None:
        return file.encode()
    card, _pin = await Desk(desk.locations, desk.slot.with_name("other.p12"), signer).card(PIN)
    return file.signed(await card.sign(file.signed_text)).encode()


@pytest.mark.parametrize("trust", [False, True])
@pytest.mark.parametrize("signed", [False, True])
async def test_a_planted_cache_is_refused_and_a_new_one_can_be_made(
    desk: Desk, authority: Authority, *, signed: bool, trust: bool
) -> None:
    key = new_key()
    signer = issue_card(authority, HOLDER, valid_from=NOW, serial=7) if signed else None
    desk.make_cache(await planted_file(desk, key, signer), key)
    with pytest.raises(CacheRecoveryNeeded) as refused:
        async with desk.opened(decrypting, recovery=TrustKeyFile() if trust else None):
            pass
    assert refused.value.code == "key.forged"
    assert not refused.value.trust_helps
    assert "可能被人换过" in refused.value.message
    assert "另建缓存" in refused.value.hint
    async with desk.opened(decrypting, recovery=NewCache()) as opened:
        assert any("旧缓存移到" in entry.message for entry in Journal(opened.cache).unconfirmed())
    async with desk.opened(decrypting):
        pass


async def test_a_file_that_the_card_signed_for_another_purpose_is_refused(desk: Desk) -> None:
    """The card signs what the port asks for; neither that nor a signature of another file helps."""
    card, held = await desk.card(PIN)
    key = new_key()
    own = read_key_file(await protect_key(key, KeyAccess(card, held)))
    assert isinstance(own, KeyFile)
    assert isinstance(own.protection, CardProtection)
    planted = read_key_file(await planted_file(desk, key, None))
    assert isinstance(planted, KeyFile)
    desk.make_cache(b"", key)
    for signature in (own.protection.signature, await card.sign(f"{HOLDER.card_number}||"), "", "?", "报关单"):
        desk.key_file.write_bytes(planted.signed(signature).encode())
        with pytest.raises(KeyFileForged):
            await open_key(desk.key_file, KeyAccess(card, held))


async def test_the_file_of_another_card_is_refused(desk: Desk, authority: Authority) -> None:
    async with desk.opened(decrypting):
        pass
    other_issued = issue_card(authority, HOLDER, valid_from=NOW, serial=7)
    other = Desk(Locations(desk.locations.home.with_name("other")), desk.slot.with_name("other.p12"), other_issued)
    async with other.opened(decrypting):
        pass
    other.key_file.write_bytes(desk.key_file.read_bytes())
    with pytest.raises(CacheRecoveryNeeded) as refused:
        async with other.opened(decrypting):
            pass
    assert refused.value.code == "key.forged"
    fields = json.loads(desk.key_file.read_bytes()) | {"card_number": "JJ0G900000008"}
    desk.key_file.write_bytes(json.dumps(fields).encode())
    card, held = await desk.card(PIN)
    with pytest.raises(KeyFileForOtherCard):
        await open_key(desk.key_file, KeyAccess(card, held))


def paths(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [path]
    return [path, *(found for name, inner in value.items() for found in paths(inner, (*path, name)))][not path :]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(params=[decrypting, not_decrypting])
async def protected(desk: Desk, request: pytest.FixtureRequest) -> tuple[KeyAccess, bytes, bytes]:
    """A card, and two files that it protects for the same key."""
    card, held = await desk.card(PIN)
    access, key = KeyAccess(request.param(card), held), new_key()
    return access, await protect_key(key, access), await protect_key(key, access)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_field_that_is_changed_or_missing_is_a_problem_and_opens_nothing(
    tmp_path: Path, protected: tuple[KeyAccess, bytes, bytes], data: st.DataObject
) -> None:
    access, fields, other = protected[0], *map(json.loads, protected[1:])
    *parents, name = data.draw(st.sampled_from(paths(fields)))
    inner, other_inner = fields, other
    for parent in parents:
        inner, other_inner = inner[parent], other_inner[parent]
    before = inner.pop(name)
    if data.draw(st.booleans(), label="changed"):
        inner[name] = data.draw(st.just(other_inner[name]) | JSON)
        if inner[name] == before and type(inner[name]) is type(before):
            return
    path = tmp_path / "key.json"
    path.write_text(json.dumps(fields))
    with pytest.raises(Problem):
        await open_key(path, access)


@both_kinds
@pytest.mark.parametrize("has_cache", [False, True])
async def test_archived_key_files_that_the_pin_opens_are_replaced_at_each_login(
    desk: Desk, kind: Kind, *, has_cache: bool
) -> None:
    if has_cache:
        async with desk.opened(kind):
            pass
    key = new_key()
    own = old_file_for_pin(key, desk.owner, PIN.encode())
    other = old_file_for_pin(key, desk.owner, b"99999999")
    own_path = desk.archive("own", own)
    others = {desk.archive("other", other): other, desk.archive("damaged", b"{"): b"{"}
    async with desk.opened(kind) as opened:
        assert told(opened) == [ARCHIVES_PROTECTED]
        (left,) = opened.warnings
    assert "旧缓存中有 2 个的密钥" in left
    assert str(desk.locations.old_caches) in left
    assert {path: path.read_bytes() for path in others} == others
    card, held = await desk.card(PIN)
    assert (await read_key(own_path, KeyAccess(kind(card), held))).reveal() == key.reveal()
    assert not any(part in desk.everything() for part in parts_of(own))
    async with desk.opened(kind) as opened:
        assert (told(opened), opened.warnings) == ([ARCHIVES_PROTECTED], (left,)), "the first once, the second always"


async def test_an_archived_key_file_needs_the_confirmation_to_be_used_again(desk: Desk) -> None:
    """Otherwise the archives would be where somebody who has found the PIN lets the card sign a key of his own."""
    key = new_key()
    planted = desk.archive("planted", old_file_for_pin(key, desk.owner, PIN.encode()))
    async with desk.opened(decrypting):
        pass
    desk.key_file.write_bytes(planted.read_bytes())
    assert (await desk.refused("key.unsigned", decrypting)).trust_helps


async def test_a_cache_of_another_pin_that_is_archived_is_told_at_each_login(desk: Desk) -> None:
    key = new_key()
    desk.make_cache(old_file_for_pin(key, desk.owner, NEW_PIN.encode()), key)
    for recovery in (NewCache(), None):
        async with desk.opened(not_decrypting, PIN, recovery) as opened:
            assert "旧缓存中有 1 个的密钥" in opened.warnings[-1]


@pytest.mark.parametrize("recovery", [None, NewCache(), NewCache(although_it_opens=True)])
async def test_the_warning_survives_a_login_that_ends_before_it_is_in_the_journal(
    desk: Desk, recovery: CacheRecovery | None
) -> None:
    key = new_key()
    desk.make_cache(old_file_for_pin(key, desk.owner, PIN.encode()), key)
    file = desk.locations.cache_file(HOLDER.card_number)
    whole = file.read_bytes()
    file.write_bytes(b"x" * len(whole))
    assert (await desk.refused("cache.damaged", decrypting, PIN, TrustKeyFile())).although_it_opens is False
    if recovery != NewCache():
        file.write_bytes(whole)
    async with desk.opened(decrypting, PIN, recovery) as opened:
        assert PIN_PROTECTION_ENDED in told(opened)


async def test_a_card_that_no_longer_decrypts_can_get_a_new_cache(desk: Desk) -> None:
    async with desk.opened(decrypting):
        pass
    problem = await desk.refused("card.cannot-decrypt", not_decrypting)
    assert "另一种介质" in problem.hint
    assert "另建缓存" in problem.hint
    async with desk.opened(not_decrypting, PIN, NewCache()):
        pass
