"""Caches of a soft card, which decrypts or only signs: opened, marked and found again."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.cache import Cache
from db.journal import Journal
from jiacha_tui.actions.cache_key import KeyAccess
from jiacha_tui.actions.cache_recovery import CacheRecovery
from jiacha_tui.actions.open_cache import open_cache
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
from tests.actions.signing_card import signing_only
from tests.app_contexts import NOW

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


Kind = Callable[[OpenSoftCard], OpenCard]


def decrypting(card: OpenSoftCard) -> OpenCard:
    return card


def not_decrypting(card: OpenSoftCard) -> OpenCard:
    return signing_only(card)


@asynccontextmanager
async def opened(
    locations: Locations, slot: Path, issued: IssuedCard, pin: str, kind: Kind, *, recovery: CacheRecovery | None = None
) -> AsyncIterator[Cache]:
    """The cache of the card, which is inserted into the slot with `pin` as its PIN."""
    save_card(issued, Pin(pin), slot)
    held = Pin(pin)
    card = await SoftCard(slot, clock=lambda: NOW + timedelta(days=1)).open(held)
    own = await open_cache(locations, KeyAccess(kind(card), held, recovery), NOW)
    try:
        yield own.cache
    finally:
        own.close()


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
