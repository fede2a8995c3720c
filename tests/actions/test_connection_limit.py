"""The connections of a sync: more while the port answers as fast as before, few again at the first sign of trouble."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from jiacha_tui.actions.connection_limit import CALLS_BEFORE_GROWTH, FEWEST, MOST, ConnectionLimit


def succeed(limit: ConnectionLimit, seconds: float) -> int:
    """As many successful calls as decide once. Returns how many connections are allowed then."""
    for _ in range(CALLS_BEFORE_GROWTH * limit.allowed):
        limit.record_success(seconds)
    return limit.allowed


def test_a_port_that_answers_as_fast_as_before_gets_more_connections_up_to_a_limit() -> None:
    limit = ConnectionLimit()
    assert [succeed(limit, 0.1) for _ in range(5)] == [8, 12, 16, 16, 16]


def test_a_port_that_only_answers_later_gets_fewer_again() -> None:
    limit = ConnectionLimit()
    assert succeed(limit, 0.01) == 8
    assert succeed(limit, 0.02) == FEWEST
    assert succeed(limit, 0.01) == FEWEST, "it does not try again"


def test_a_failure_leads_back_to_the_fewest_connections() -> None:
    limit = ConnectionLimit()
    assert [succeed(limit, 0.1) for _ in range(2)] == [8, 12]
    limit.record_failure()
    assert limit.allowed == FEWEST
    assert succeed(limit, 0.1) == FEWEST


@given(st.lists(st.one_of(st.none(), st.floats(0, 10)), max_size=400))
def test_the_limit_stays_between_its_bounds(calls: list[float | None]) -> None:
    limit = ConnectionLimit()
    for seconds in calls:
        if seconds is None:
            limit.record_failure()
        else:
            limit.record_success(seconds)
        assert FEWEST <= limit.allowed <= MOST


async def test_no_more_connections_are_used_than_allowed() -> None:
    limit = ConnectionLimit()
    used = most = 0
    connected, release = asyncio.Semaphore(0), asyncio.Event()

    async def call() -> None:
        nonlocal used, most
        async with limit.connection():
            used += 1
            most = max(most, used)
            connected.release()
            await release.wait()
            used -= 1

    async with asyncio.TaskGroup() as group:
        for _ in range(3 * FEWEST):
            group.create_task(call())
        for _ in range(FEWEST):
            await connected.acquire()
        succeed(limit, 0.1)
        for _ in range(FEWEST):
            await connected.acquire()
        assert most == 2 * FEWEST
        limit.record_failure()
        release.set()
    assert (used, most) == (0, 2 * FEWEST)
