"""The cache opens for its card: also after the PIN was changed or the certificate renewed, and for no other."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.cache import Cache
from db.journal import Journal
from db.key import KeyNotUnsealed, read_key_file
from jiacha_tui.actions.open_cache import open_cache
from jiacha_tui.card.issue import Authority, Holder, IssuedCard, issue_card, issue_certificate, make_ca, save_card
from jiacha_tui.card.medium import OpenCard
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.softcard import OpenSoftCard, SoftCard
from jiacha_tui.declaration.journal import JournalKind, Outcome
from jiacha_tui.locations import Locations
from tests.workplaces import NOW

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
    def sealing_certificate(self) -> None:  # type: ignore[override]  # a protocol's None, where the base always has one
        return None


Kind = Callable[[OpenSoftCard], OpenCard]


def decrypting(card: OpenSoftCard) -> OpenCard:
    return card


def not_decrypting(card: OpenSoftCard) -> OpenCard:
    card.__class__ = CannotDecryptCard
    return card


both_kinds = pytest.mark.parametrize("kind", [decrypting, not_decrypting])


@asynccontextmanager
async def opened(here: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind) -> AsyncIterator[Cache]:
    """The cache, with the card put into the slot under `pin`."""
    save_card(issued, Pin(pin), slot)
    held = Pin(pin)
    card = await SoftCard(slot, clock=lambda: NOW + timedelta(days=1)).open(held)
    cache = await open_cache(here, kind(card), held)
    try:
        yield cache
    finally:
        cache.close()


async def leave_a_sign(here: Locations, slot: Path, issued: IssuedCard, kind: Kind) -> None:
    async with opened(here, slot, issued, PIN, kind) as cache:
        Journal(cache, lambda: NOW).write(JournalKind.QUERY, (), Outcome.DONE, SIGN)


async def is_the_same_cache(here: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind) -> bool:
    async with opened(here, slot, issued, pin, kind) as cache:
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


async def test_a_changed_pin_does_not_open_what_was_locked_with_the_earlier_one(
    here: Locations, slot: Path, issued: IssuedCard
) -> None:
    await leave_a_sign(here, slot, issued, not_decrypting)
    before = key_file(here).read_bytes()
    with pytest.raises(KeyNotUnsealed) as refused:
        await is_the_same_cache(here, slot, issued, NEW_PIN, not_decrypting)
    assert "移到别处" in refused.value.todo
    assert key_file(here).read_bytes() == before
    assert await is_the_same_cache(here, slot, issued, PIN, not_decrypting), "the earlier PIN still opens it"


async def test_a_renewal_with_another_key_pair_opens_nothing_until_the_old_cache_is_moved_away(
    here: Locations, slot: Path, authority: Authority, issued: IssuedCard
) -> None:
    await leave_a_sign(here, slot, issued, decrypting)
    replaced = issue_card(authority, HOLDER, valid_from=NOW, serial=9)
    with pytest.raises(KeyNotUnsealed):
        await is_the_same_cache(here, slot, replaced, PIN, decrypting)
    folder = here.cache(HOLDER.card_number)
    folder.rename(folder.with_name("lost"))
    assert not await is_the_same_cache(here, slot, replaced, PIN, decrypting), "a new one, for a new sync"
