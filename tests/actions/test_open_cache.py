"""A cache opens only with its card, also after the PIN was changed or the certificate renewed."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.cache import Cache
from db.journal import Journal
from db.key import read_key_file
from db.problems import CacheBusy
from jiacha_tui.actions.cache_recovery import CacheRecovery, NewCache, PreviousPin
from jiacha_tui.actions.open_cache import open_cache
from jiacha_tui.actions.problems import CacheRecoveryNeeded
from jiacha_tui.card.medium import OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import OpenSoftCard, SoftCard
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.demo.card_issuing import (
    Authority,
    Holder,
    IssuedCard,
    issue_card,
    issue_certificate,
    make_ca,
    save_card,
)
from jiacha_tui.locations import Locations
from tests.app_contexts import NOW
from tests.db.other_program import other_program, read_line

PIN, NEW_PIN = "12345678", "23456789"
HOLDER = Holder(card_number="JJ0G900000007", name="张三", company="示例公司", organisation_code="123456789")
MARK = "was here"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_ca(NOW)


@pytest.fixture(scope="module")
def issued(authority: Authority) -> IssuedCard:
    return issue_card(authority, HOLDER, valid_from=NOW, serial=7)


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(tmp_path / "home")


@pytest.fixture
def slot(tmp_path: Path) -> Path:
    return tmp_path / "card.p12"


class CannotDecryptCard(OpenSoftCard):
    """A card that cannot decrypt, like those of the client control."""

    @property
    def encryption_certificate(self) -> None:  # type: ignore[override]  # the base class always has one
        return None


Kind = Callable[[OpenSoftCard], OpenCard]


def decrypting(card: OpenSoftCard) -> OpenCard:
    return card


def not_decrypting(card: OpenSoftCard) -> OpenCard:
    card.__class__ = CannotDecryptCard
    return card


both_kinds = pytest.mark.parametrize("kind", [decrypting, not_decrypting])


@asynccontextmanager
async def opened(
    locations: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind, *, recovery: CacheRecovery | None = None
) -> AsyncIterator[Cache]:
    """The cache of the card, which is inserted into the slot with `pin` as its PIN."""
    save_card(issued, Pin(pin), slot)
    held = Pin(pin)
    card = await SoftCard(slot, clock=lambda: NOW + timedelta(days=1)).open(held)
    own = await open_cache(locations, kind(card), held, NOW, recovery)
    try:
        yield own.cache
    finally:
        own.cache.close()


async def write_mark(locations: Locations, slot: Path, issued: IssuedCard, kind: Kind) -> None:
    async with opened(locations, slot, issued, PIN, kind) as cache:
        Journal(cache, lambda: NOW).write(JournalKind.QUERY, (), Outcome.DONE, MARK)


async def has_mark(
    locations: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind, *, recovery: CacheRecovery | None = None
) -> bool:
    async with opened(locations, slot, issued, pin, kind, recovery=recovery) as cache:
        return [entry.message for entry in Journal(cache, lambda: NOW).recent(1)] == [MARK]


def renewed(authority: Authority, issued: IssuedCard) -> IssuedCard:
    """The same card and key pair, with a new certificate that has another serial number."""
    key = issued.key.public_key()
    return replace(issued, certificate=issue_certificate(authority, HOLDER, key, valid_from=NOW, serial=8))


def key_file(locations: Locations) -> Path:
    return locations.cache(HOLDER.card_number) / "key.json"


async def test_a_cache_that_is_wrapped_for_the_certificate_opens_after_the_pin_was_changed(
    locations: Locations, slot: Path, issued: IssuedCard
) -> None:
    await write_mark(locations, slot, issued, decrypting)
    before = key_file(locations).read_bytes()
    assert await has_mark(locations, slot, issued, NEW_PIN, decrypting)
    assert key_file(locations).read_bytes() == before, "the key file does not depend on the PIN"


@both_kinds
async def test_a_renewed_certificate_opens_the_cache_and_the_key_is_wrapped_again(
    locations: Locations, slot: Path, authority: Authority, issued: IssuedCard, kind: Kind
) -> None:
    await write_mark(locations, slot, issued, kind)
    later = renewed(authority, issued)
    for _ in range(2):
        assert await has_mark(locations, slot, later, PIN, kind)
    assert read_key_file(key_file(locations).read_bytes()).owner.certificate_serial == later.identity.certificate_serial
    assert key_file(locations).stat().st_mode & 0o777 == 0o600


async def test_after_a_pin_change_the_previous_pin_opens_the_cache_and_is_needed_only_once(
    locations: Locations, slot: Path, issued: IssuedCard
) -> None:
    await write_mark(locations, slot, issued, not_decrypting)
    before = key_file(locations).read_bytes()
    for recovery, code in ((None, "key.other-pin"), (PreviousPin("99999999"), "key.earlier-pin-wrong")):
        with pytest.raises(CacheRecoveryNeeded) as refused:
            await has_mark(locations, slot, issued, NEW_PIN, not_decrypting, recovery=recovery)
        assert (refused.value.code, refused.value.previous_pin_helps) == (code, True)
        assert key_file(locations).read_bytes() == before
    assert await has_mark(locations, slot, issued, NEW_PIN, not_decrypting, recovery=PreviousPin(PIN))
    assert await has_mark(locations, slot, issued, NEW_PIN, not_decrypting), "the previous PIN is not needed any more"
    with pytest.raises(CacheRecoveryNeeded):
        await has_mark(locations, slot, issued, PIN, not_decrypting)
    assert key_file(locations).stat().st_mode & 0o777 == 0o600


async def test_the_previous_pin_is_not_used_where_the_current_one_opens_the_cache(
    locations: Locations, slot: Path, issued: IssuedCard
) -> None:
    await write_mark(locations, slot, issued, not_decrypting)
    before = key_file(locations).read_bytes()
    assert await has_mark(locations, slot, issued, PIN, not_decrypting, recovery=PreviousPin(NEW_PIN))
    assert key_file(locations).read_bytes() == before


async def test_a_new_key_pair_does_not_open_the_cache_but_a_new_cache_can_be_started(
    locations: Locations, slot: Path, authority: Authority, issued: IssuedCard
) -> None:
    await write_mark(locations, slot, issued, decrypting)
    replaced = issue_card(authority, HOLDER, valid_from=NOW, serial=9)
    with pytest.raises(CacheRecoveryNeeded) as refused:
        await has_mark(locations, slot, replaced, PIN, decrypting)
    assert not refused.value.previous_pin_helps
    assert not await has_mark(locations, slot, replaced, PIN, decrypting, recovery=NewCache()), "the new cache is empty"
    assert await has_a_cache(locations, slot, replaced, PIN, decrypting)


async def has_a_cache(locations: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind) -> bool:
    """Whether the cache opens without recovery."""
    async with opened(locations, slot, issued, pin, kind) as cache:
        return cache.path.is_file()


def damage_key_file(folder: Path) -> None:
    (folder / "key.json").write_text("{}")


def lose_key_file(folder: Path) -> None:
    (folder / "key.json").unlink()


def damage_cache(folder: Path) -> None:
    (folder / "cache.duckdb").write_bytes(b"\0" * 20_000)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("damage", [damage_key_file, lose_key_file, damage_cache])
async def test_a_new_cache_moves_the_old_one_away_unchanged(
    locations: Locations, slot: Path, issued: IssuedCard, damage: Callable[[Path], None]
) -> None:
    await write_mark(locations, slot, issued, decrypting)
    folder = locations.cache(HOLDER.card_number)
    damage(folder)
    before = contents(folder)
    with pytest.raises(CacheRecoveryNeeded):
        await has_mark(locations, slot, issued, PIN, decrypting)
    assert contents(folder) == before
    assert not await has_mark(locations, slot, issued, PIN, decrypting, recovery=NewCache())
    (old,) = locations.old_caches.iterdir()
    assert old.name == f"{HOLDER.card_number}-{NOW:%Y%m%d-%H%M%S}"
    assert contents(old) == before
    assert locations.old_caches.stat().st_mode & 0o777 == 0o700


async def test_a_cache_that_opens_is_not_moved_away(locations: Locations, slot: Path, issued: IssuedCard) -> None:
    await write_mark(locations, slot, issued, decrypting)
    assert await has_mark(locations, slot, issued, PIN, decrypting, recovery=NewCache())
    assert not locations.old_caches.exists()


async def test_a_cache_that_another_program_has_open_is_not_moved_away(
    locations: Locations, slot: Path, issued: IssuedCard, child_environment: dict[str, str]
) -> None:
    await write_mark(locations, slot, issued, not_decrypting)
    path = locations.cache(HOLDER.card_number) / "cache.duckdb"
    path.unlink()
    with other_program("hold", path, child_environment) as child:
        assert read_line(child) == "open"
        with pytest.raises(CacheBusy) as busy:
            await has_mark(locations, slot, issued, NEW_PIN, not_decrypting, recovery=NewCache())
        assert busy.value.pid == child.pid
        assert path.is_file()
