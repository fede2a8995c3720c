"""Readers and cards that come and go are told of while it matters: pcscd itself looks every 0.4 s."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.pcsc.problems import ServiceDenied, ServiceStopped
from jiacha_tui.card.pcsc.watch import ReaderSnapshot, watch_readers
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardRemoved
from tests.card.cards import PIN
from tests.card.pcsc.pcscd import Pcscd, VirtualSlot, linked, running_pcscd
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.needs import needs

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")

HALF_A_SECOND = 0.5


async def after(news: AsyncGenerator[ReaderSnapshot, None], *, within: float = 10.0) -> ReaderSnapshot:
    async with asyncio.timeout(within):
        return await anext(news)


async def test_an_inserted_and_a_removed_card_are_reported(slot: VirtualSlot, rsa_card: VirtualPiv) -> None:
    async with contextlib.aclosing(watch_readers()) as news:
        assert (await after(news)).readers[slot.name] is False
        for wanted, change in ((True, lambda: slot.insert(rsa_card)), (False, slot.pull)):
            start = time.monotonic()
            await asyncio.to_thread(change)
            assert (await after(news)).readers[slot.name] is wanted
            assert time.monotonic() - start < HALF_A_SECOND


async def test_using_a_card_is_not_reported_as_a_change(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    """Or every look would bring about the next one."""
    with slot.with_card(rsa_card):
        async with contextlib.aclosing(watch_readers()) as news:
            await after(news)
            next_news = asyncio.create_task(anext(news))
            await medium.read_identity()
            card = await medium.open(Pin(PIN))
            await card.sign("text")
            await card.close()
            await medium.read_identity()
            slot.pull()
            seen = await next_news
            assert seen.readers[slot.name] is False, "the pulling is the first news"


async def test_a_replaced_card_is_reported_although_it_looks_the_same(
    slot: VirtualSlot, rsa_card: VirtualPiv, other_card: VirtualPiv
) -> None:
    """Nobody listens while it is replaced; whether the empty reader is told of then is left to chance."""
    with slot.with_card(rsa_card):
        async with contextlib.aclosing(watch_readers()) as news:
            first = await after(news)
            slot.pull()
            with slot.with_card(other_card):
                seen = await after(news)
                if not seen.readers[slot.name]:
                    seen = await after(news)
                assert seen == first


async def test_the_medium_reports_changes(slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv) -> None:
    async with contextlib.aclosing(medium.changes()) as changes:
        await anext(changes)
        assert await medium.read_identity() is None
        with slot.with_card(rsa_card):
            await anext(changes)
            card = await medium.open(Pin(PIN))
        await anext(changes)
        with pytest.raises(CardRemoved):
            await card.check_present()
        await card.close()


async def until_stopped(news: AsyncGenerator[ReaderSnapshot, None]) -> None:
    """One that is about to end, or has only just begun, may hang up."""
    while not isinstance(problem := (await after(news)).problem, ServiceStopped):
        assert isinstance(problem, ServiceDenied)


async def test_a_service_that_ends_and_starts_again_is_reported(way: Path, tmp_path: Path) -> None:
    async with contextlib.aclosing(watch_readers()) as news:
        await until_stopped(news)
        for _ in range(2):
            with running_pcscd(tmp_path) as daemon, linked(way, daemon.socket):
                while (seen := await after(news)).problem is not None:
                    assert isinstance(seen.problem, ServiceDenied)
                assert set(seen.readers) == {slot.name for slot in daemon.slots}
            await until_stopped(news)


async def test_a_closed_watch_leaves_no_thread(daemon: Pcscd) -> None:
    for _ in range(20):
        news = watch_readers()
        await after(news)
        start = time.monotonic()
        await news.aclose()
        assert time.monotonic() - start < HALF_A_SECOND
    assert [thread.name for thread in threading.enumerate() if thread.name == "readers"] == []
