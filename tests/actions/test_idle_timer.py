"""The idle timer: it calls back once, a given time after the last key."""

import asyncio
from collections.abc import Callable

import pytest

from jiacha_tui.actions.idle_timer import IdleTimer, LoopScheduler
from tests.manual_scheduler import ManualScheduler

LIMIT = 900.0


class Calls:
    """Counts how often it is called."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def scheduler() -> ManualScheduler:
    return ManualScheduler()


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def timer(scheduler: ManualScheduler, calls: Calls) -> IdleTimer:
    started = IdleTimer(LIMIT, calls, scheduler)
    started.start()
    return started


def test_it_calls_back_once_when_the_time_is_over(timer: IdleTimer, scheduler: ManualScheduler, calls: Calls) -> None:
    scheduler.advance(LIMIT - 1)
    assert calls.count == 0
    scheduler.advance(1)
    assert calls.count == 1
    scheduler.advance(10 * LIMIT)
    assert calls.count == 1


def test_each_key_restarts_the_time(timer: IdleTimer, scheduler: ManualScheduler, calls: Calls) -> None:
    for _ in range(5):
        scheduler.advance(LIMIT - 1)
        assert timer.key_pressed()
    assert calls.count == 0
    scheduler.advance(LIMIT)
    assert calls.count == 1


def test_the_first_key_after_a_long_sleep_of_the_machine_calls_back_and_is_rejected(
    timer: IdleTimer, scheduler: ManualScheduler, calls: Calls
) -> None:
    scheduler.suspend(LIMIT)
    assert not timer.key_pressed()
    assert calls.count == 1
    assert timer.key_pressed(), "it has stopped, so it accepts keys"
    scheduler.advance(LIMIT)
    assert calls.count == 1


@pytest.mark.parametrize("action", [IdleTimer.stop, IdleTimer.start])
def test_stop_and_start_cancel_the_running_time(
    timer: IdleTimer, scheduler: ManualScheduler, calls: Calls, action: Callable[[IdleTimer], None]
) -> None:
    scheduler.advance(LIMIT - 1)
    action(timer)
    scheduler.advance(1)
    assert calls.count == 0


async def test_the_loop_scheduler_calls_back_in_the_event_loop() -> None:
    called = asyncio.Event()
    timer = IdleTimer(0.01, called.set, LoopScheduler())
    timer.start()
    await asyncio.wait_for(called.wait(), 10)
