"""The cache opens for its card: also after the PIN was changed or the certificate renewed, and for no other."""

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
SIGN = "was here"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_ca(NOW)


@pytest.fixture(scope="module")
def issued(authority: Authority) -> IssuedCard:
    return issue_card(authority, HOLDER, valid_from=NOW, serial=7)


@pytest.fixture
def here(tmp_path: Path) -> Locations:
    return Locations(tmp_path / "home")


@pytest.fixture
def slot(tmp_path: Path) -> Path:
    return tmp_path / "card.p12"


class CannotDecryptCard(OpenSoftCard):
    """What the client control's cards are to a cache."""

    @property
    def encryption_certificate(self) -> None:  # type: ignore[override]  # a protocol's None, where the base always has one
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
    here: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind, *, recovery: CacheRecovery | None = None
) -> AsyncIterator[Cache]:
    """The cache, with the card put into the slot under `pin`."""
    save_card(issued, Pin(pin), slot)
    held = Pin(pin)
    card = await SoftCard(slot, clock=lambda: NOW + timedelta(days=1)).open(held)
    own = await open_cache(here, kind(card), held, NOW, recovery)
    try:
        yield own.cache
    finally:
        own.cache.close()


async def leave_a_sign(here: Locations, slot: Path, issued: IssuedCard, kind: Kind) -> None:
    async with opened(here, slot, issued, PIN, kind) as cache:
        Journal(cache, lambda: NOW).write(JournalKind.QUERY, (), Outcome.DONE, SIGN)


async def is_the_same_cache(
    here: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind, *, recovery: CacheRecovery | None = None
) -> bool:
    async with opened(here, slot, issued, pin, kind, recovery=recovery) as cache:
        return [one.message for one in Journal(cache, lambda: NOW).recent(1)] == [SIGN]


def renewed(authority: Authority, issued: IssuedCard) -> IssuedCard:
    """The same card, its key pair kept, with a certificate of another serial."""
    key = issued.key.public_key()
    return replace(issued, certificate=issue_certificate(authority, HOLDER, key, valid_from=NOW, serial=8))


def key_file(here: Locations) -> Path:
    return here.cache(HOLDER.card_number) / "key.json"


async def test_a_changed_pin_opens_what_was_sealed_to_the_card(here: Locations, slot: Path, issued: IssuedCard) -> None:
    await leave_a_sign(here, slot, issued, decrypting)
    before = key_file(here).read_bytes()
    assert await is_the_same_cache(here, slot, issued, NEW_PIN, decrypting)
    assert key_file(here).read_bytes() == before, "the PIN has no part in it"


@both_kinds
async def test_a_renewed_certificate_opens_the_cache_and_has_it_sealed_anew(
    here: Locations, slot: Path, authority: Authority, issued: IssuedCard, kind: Kind
) -> None:
    await leave_a_sign(here, slot, issued, kind)
    later = renewed(authority, issued)
    for _ in range(2):
        assert await is_the_same_cache(here, slot, later, PIN, kind)
    assert read_key_file(key_file(here).read_bytes()).owner.certificate_serial == later.identity.certificate_serial
    assert key_file(here).stat().st_mode & 0o777 == 0o600


async def test_a_changed_pin_opens_what_the_earlier_one_locked_once_that_is_given(
    here: Locations, slot: Path, issued: IssuedCard
) -> None:
    await leave_a_sign(here, slot, issued, not_decrypting)
    before = key_file(here).read_bytes()
    for recovery, code in ((None, "key.other-pin"), (PreviousPin("99999999"), "key.earlier-pin-wrong")):
        with pytest.raises(CacheRecoveryNeeded) as refused:
            await is_the_same_cache(here, slot, issued, NEW_PIN, not_decrypting, recovery=recovery)
        assert (refused.value.code, refused.value.previous_pin_helps) == (code, True)
        assert key_file(here).read_bytes() == before
    assert await is_the_same_cache(here, slot, issued, NEW_PIN, not_decrypting, recovery=PreviousPin(PIN))
    assert await is_the_same_cache(here, slot, issued, NEW_PIN, not_decrypting), "from now on without it"
    with pytest.raises(CacheRecoveryNeeded):
        await is_the_same_cache(here, slot, issued, PIN, not_decrypting)
    assert key_file(here).stat().st_mode & 0o777 == 0o600


async def test_an_earlier_pin_is_not_used_where_the_present_one_opens(
    here: Locations, slot: Path, issued: IssuedCard
) -> None:
    await leave_a_sign(here, slot, issued, not_decrypting)
    before = key_file(here).read_bytes()
    assert await is_the_same_cache(here, slot, issued, PIN, not_decrypting, recovery=PreviousPin(NEW_PIN))
    assert key_file(here).read_bytes() == before


async def test_a_renewal_with_another_key_pair_opens_nothing_until_a_new_cache_is_begun(
    here: Locations, slot: Path, authority: Authority, issued: IssuedCard
) -> None:
    await leave_a_sign(here, slot, issued, decrypting)
    replaced = issue_card(authority, HOLDER, valid_from=NOW, serial=9)
    with pytest.raises(CacheRecoveryNeeded) as refused:
        await is_the_same_cache(here, slot, replaced, PIN, decrypting)
    assert not refused.value.previous_pin_helps
    assert not await is_the_same_cache(here, slot, replaced, PIN, decrypting, recovery=NewCache()), (
        "a new one, for a new sync"
    )
    assert await has_a_cache(here, slot, replaced, PIN, decrypting)


async def has_a_cache(here: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind) -> bool:
    """Whether it opens as it is."""
    async with opened(here, slot, issued, pin, kind) as cache:
        return cache.path.is_file()


def damage_key_file(folder: Path) -> None:
    (folder / "key.json").write_text("{}")


def lose_key_file(folder: Path) -> None:
    (folder / "key.json").unlink()


def damage_cache(folder: Path) -> None:
    (folder / "cache.duckdb").write_bytes(b"\0" * 20_000)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("harm", [damage_key_file, lose_key_file, damage_cache])
async def test_a_new_cache_leaves_the_old_one_aside_as_it_was(
    here: Locations, slot: Path, issued: IssuedCard, harm: Callable[[Path], None]
) -> None:
    await leave_a_sign(here, slot, issued, decrypting)
    folder = here.cache(HOLDER.card_number)
    harm(folder)
    left = contents(folder)
    with pytest.raises(CacheRecoveryNeeded):
        await is_the_same_cache(here, slot, issued, PIN, decrypting)
    assert contents(folder) == left
    assert not await is_the_same_cache(here, slot, issued, PIN, decrypting, recovery=NewCache())
    (old,) = here.old_caches.iterdir()
    assert old.name == f"{HOLDER.card_number}-{NOW:%Y%m%d-%H%M%S}"
    assert contents(old) == left
    assert here.old_caches.stat().st_mode & 0o777 == 0o700


async def test_what_opens_is_never_put_aside(here: Locations, slot: Path, issued: IssuedCard) -> None:
    await leave_a_sign(here, slot, issued, decrypting)
    assert await is_the_same_cache(here, slot, issued, PIN, decrypting, recovery=NewCache())
    assert not here.old_caches.exists()


async def test_a_cache_that_another_program_has_open_stays_where_it_is(
    here: Locations, slot: Path, issued: IssuedCard, child_environment: dict[str, str]
) -> None:
    await leave_a_sign(here, slot, issued, not_decrypting)
    path = here.cache(HOLDER.card_number) / "cache.duckdb"
    path.unlink()
    with other_program("hold", path, child_environment) as child:
        assert read_line(child) == "open"
        with pytest.raises(CacheBusy) as busy:
            await is_the_same_cache(here, slot, issued, NEW_PIN, not_decrypting, recovery=NewCache())
        assert busy.value.pid == child.pid
        assert path.is_file()
