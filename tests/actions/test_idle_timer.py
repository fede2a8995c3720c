"""The idle clock: it rings once, so many seconds after the last key."""

import asyncio
from collections.abc import Callable

import pytest

from jiacha_tui.actions.idle_timer import IdleTimer, LoopScheduler
from tests.manual_scheduler import ManualScheduler

LIMIT = 900.0


class Rings:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def timer() -> ManualScheduler:
    return ManualScheduler()


@pytest.fixture
def rings() -> Rings:
    return Rings()


@pytest.fixture
def clock(timer: ManualScheduler, rings: Rings) -> IdleTimer:
    made = IdleTimer(LIMIT, rings, timer)
    made.start()
    return made


def test_it_rings_when_the_time_is_over_and_only_once(clock: IdleTimer, timer: ManualScheduler, rings: Rings) -> None:
    timer.advance(LIMIT - 1)
    assert rings.count == 0
    timer.advance(1)
    assert rings.count == 1
    timer.advance(10 * LIMIT)
    assert rings.count == 1


def test_each_key_gives_the_whole_time_again(clock: IdleTimer, timer: ManualScheduler, rings: Rings) -> None:
    for _ in range(5):
        timer.advance(LIMIT - 1)
        assert clock.key_pressed()
    assert rings.count == 0
    timer.advance(LIMIT)
    assert rings.count == 1


def test_the_first_key_after_a_sleep_that_was_too_long_rings_and_is_for_nobody(
    clock: IdleTimer, timer: ManualScheduler, rings: Rings
) -> None:
    timer.suspend(LIMIT)
    assert not clock.key_pressed()
    assert rings.count == 1
    assert clock.key_pressed(), "it stands still now, and whoever locked looks after keys"
    timer.advance(LIMIT)
    assert rings.count == 1


@pytest.mark.parametrize("end", [IdleTimer.stop, IdleTimer.start])
def test_stopped_or_started_anew_it_forgets_what_was(
    clock: IdleTimer, timer: ManualScheduler, rings: Rings, end: Callable[[IdleTimer], None]
) -> None:
    timer.advance(LIMIT - 1)
    end(clock)
    timer.advance(1)
    assert rings.count == 0


async def test_in_the_loop_it_rings_by_itself() -> None:
    rung = asyncio.Event()
    clock = IdleTimer(0.01, rung.set, LoopScheduler())
    clock.start()
    await asyncio.wait_for(rung.wait(), 10)
