"""Readers and cards that are added and removed. pcscd itself notices a card within 0.4 s."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from jiacha_tui.card.pcsc import watch
from jiacha_tui.card.pcsc.medium import PcscMedium
from jiacha_tui.card.pcsc.problems import ServiceDenied, ServiceStopped
from jiacha_tui.card.pcsc.watch import ReaderSnapshot, watch_readers
from jiacha_tui.card.pin import Pin
from jiacha_tui.card.problems import CardRemoved
from tests.card.cards import PIN, WAIT_SECONDS
from tests.card.pcsc.pcscd import Pcscd, VirtualSlot, linked, running_pcscd
from tests.card.pcsc.virtual_piv import VirtualPiv
from tests.needs import needs

pytestmark = needs("pcscd", "vpcd", "libpcsclite-dev")


async def next_of(snapshots: AsyncGenerator[ReaderSnapshot, None]) -> ReaderSnapshot:
    async with asyncio.timeout(WAIT_SECONDS):
        return await anext(snapshots)


@pytest.fixture
def _without_listing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only an event can report a change."""
    monkeypatch.setattr(watch, "_LIST_AGAIN_MILLISECONDS", 1000 * 3600)


@pytest.mark.usefixtures("_without_listing_again")
async def test_an_inserted_and_a_removed_card_are_reported(slot: VirtualSlot, rsa_card: VirtualPiv) -> None:
    async with contextlib.aclosing(watch_readers()) as snapshots:
        assert (await next_of(snapshots)).readers[slot.name] is False
        await asyncio.to_thread(slot.insert, rsa_card)
        assert (await next_of(snapshots)).readers[slot.name] is True
        await asyncio.to_thread(slot.pull)
        assert (await next_of(snapshots)).readers[slot.name] is False


async def test_using_a_card_is_not_reported_as_a_change(
    slot: VirtualSlot, medium: PcscMedium, rsa_card: VirtualPiv
) -> None:
    """Otherwise each time that the identity is read would cause the next one."""
    with slot.with_card(rsa_card):
        async with contextlib.aclosing(watch_readers()) as snapshots:
            await next_of(snapshots)
            next_snapshot = asyncio.create_task(anext(snapshots))
            await medium.read_identity()
            card = await medium.open(Pin(PIN))
            await card.sign("text")
            await card.close()
            await medium.read_identity()
            slot.pull()
            seen = await next_snapshot
            assert seen.readers[slot.name] is False, "the first change is the removal"


async def test_a_replaced_card_is_reported_although_it_looks_the_same(
    slot: VirtualSlot, rsa_card: VirtualPiv, other_card: VirtualPiv
) -> None:
    """Nothing reads the snapshots meanwhile, so it is left to chance whether there is one of the empty reader."""
    with slot.with_card(rsa_card):
        async with contextlib.aclosing(watch_readers()) as snapshots:
            first = await next_of(snapshots)
            slot.pull()
            with slot.with_card(other_card):
                seen = await next_of(snapshots)
                if not seen.readers[slot.name]:
                    seen = await next_of(snapshots)
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


async def wait_until_stopped(snapshots: AsyncGenerator[ReaderSnapshot, None]) -> None:
    """Waits until the service is reported as stopped. While it ends or starts, it may close the connection instead."""
    while not isinstance(problem := (await next_of(snapshots)).problem, ServiceStopped):
        assert isinstance(problem, ServiceDenied)


async def test_a_service_that_ends_and_starts_again_is_reported(socket_link: Path, tmp_path: Path) -> None:
    async with contextlib.aclosing(watch_readers()) as snapshots:
        await wait_until_stopped(snapshots)
        for _ in range(2):
            with running_pcscd(tmp_path) as pcscd, linked(socket_link, pcscd.socket):
                while (seen := await next_of(snapshots)).problem is not None:
                    assert isinstance(seen.problem, ServiceDenied)
                assert set(seen.readers) == {slot.name for slot in pcscd.slots}
            await wait_until_stopped(snapshots)


async def test_a_closed_watch_leaves_no_thread(linked_pcscd: Pcscd) -> None:
    for _ in range(20):
        snapshots = watch_readers()
        await next_of(snapshots)
        await snapshots.aclose()
    assert [thread.name for thread in threading.enumerate() if thread.name == "readers"] == []
