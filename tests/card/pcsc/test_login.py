"""The whole login to the embedded port with a card in a reader, and the cache that only this card opens."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.cards import scan_media, watch_media
from jiacha_tui.actions.login import log_in
from jiacha_tui.actions.session import Session
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.problems import CardRemoved, WrongPin
from jiacha_tui.declaration.model import Kind
from jiacha_tui.declaration.query import DateRange, DateRangeQuery
from jiacha_tui.demo.demo import Demo, make_demo
from jiacha_tui.demo.pin import DEMO_PIN
from tests.app_contexts import TODAY, demo_context
from tests.card.cards import WAIT_SECONDS
from tests.card.pcsc.known_cards import demo_card, new_p256_card
from tests.card.pcsc.pcscd import VirtualSlot
from tests.card.pcsc.virtual_piv import KeyPair, VirtualPiv
from tests.needs import needs

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = make_demo(tmp_path / "home", 20, today=TODAY)
    yield made
    made.close()


@pytest.fixture
def app_context(demo: Demo, tmp_path: Path, medium: PcscMedium) -> AppContext:
    return replace(demo_context(demo, tmp_path / "home"), media=lambda: (medium,))


async def log_in_with(app_context: AppContext, pin: str = DEMO_PIN, *, offline: bool = False) -> Session:
    (found,) = await scan_media(app_context)
    assert found.card is not None
    assert found.pin_retries_left == 3
    return await log_in(app_context, found.medium_id, pin, offline=offline, on_stage=lambda _stage: None)


def key_protections(home: Path) -> list[str]:
    """The way to the key of each cache."""
    return [json.loads(path.read_bytes())["protection"]["protected_by"] for path in home.rglob("key.json")]


@pytest.mark.parametrize("kind", ["rsa", "p256"])
async def test_a_card_in_a_reader_logs_in_and_signs(
    slot: VirtualSlot, app_context: AppContext, demo: Demo, rsa_pairs: tuple[KeyPair, KeyPair], kind: str
) -> None:
    card = demo_card(demo, rsa_pairs[1]) if kind == "rsa" else new_p256_card(demo)
    real_clock = PcscMedium()  # with the real clock, because the port issues its cards today
    with slot.with_card(card):
        session = await log_in_with(replace(app_context, media=lambda: (real_clock,)))
        assert session.online
        # The port requires a signature for the first list of a session.
        june = DateRangeQuery(DateRange.month(TODAY.year, TODAY.month), Kind.CLEARED)
        await session.call_port(lambda port: port.list_page(june, 1))
        assert card.pins_tried() == 1
    with pytest.raises(CardRemoved):
        await session.card.check_present()
    await session.close()


async def test_scanning_after_each_change_finds_inserted_and_removed_cards(
    slot: VirtualSlot, app_context: AppContext, rsa_card: VirtualPiv
) -> None:
    async def wait_until_found(changes: AsyncGenerator[frozenset[str], None], *, found_card: bool) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            async for _ in changes:
                (found,) = await scan_media(app_context)
                if (found.card is not None) is found_card:
                    return

    async with contextlib.aclosing(watch_media(app_context)) as changes:
        await wait_until_found(changes, found_card=False)
        with slot.with_card(rsa_card):
            await wait_until_found(changes, found_card=True)
        await wait_until_found(changes, found_card=False)


@pytest.mark.parametrize("kind", ["rsa", "p256", "one-key"])
async def test_the_same_card_opens_the_cache_again(
    slot: VirtualSlot, app_context: AppContext, request: pytest.FixtureRequest, kind: str
) -> None:
    card: VirtualPiv = request.getfixturevalue("p256_card" if kind == "p256" else "rsa_card")
    card.pin = DEMO_PIN
    if kind == "one-key":
        del card.keys[0x9D]
    with slot.with_card(card):
        for _ in range(2):
            await (await log_in_with(app_context, offline=True)).close()
            assert key_protections(app_context.locations.home) == ["signature" if kind == "one-key" else "card"]
        with pytest.raises(WrongPin):
            await log_in_with(app_context, "87654321", offline=True)
        assert card.retries_left == 2
