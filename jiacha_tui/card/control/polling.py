"""Polls the control to find out whether an open card is still inserted, because the control reports no changes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, NoReturn

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.problems import ControlProblem
from jiacha_tui.card.problems import CardRemoved

_CONFIRM_SECONDS: Final = 0.5
"""After this time a card that seems to be removed is checked again: its contacts may have slipped for a moment."""


async def poll_until_removed(
    check: Callable[[RetryPolicy], Awaitable[None]], seconds: float, policy: RetryPolicy
) -> NoReturn:
    """Calls `check` every `seconds` until it fails for certain. If `seconds` is 0, never calls it and never ends.

    Raises what `check` raises: CardMismatch and CardClosed at once, CardRemoved when a second check confirms it.

    A control that fails may be restarting. It gets as much time as `policy` allows for connecting, then one more check
    over at most one new connection. There is only one, because SSH writes a line to the operator's terminal for each
    connection that it cannot forward.
    """
    if not seconds:
        await asyncio.Event().wait()
    existing_connection = replace(policy, attempts=0)
    one_new_connection = replace(policy, attempts=1, interval=policy.connect_timeout)
    while True:
        await asyncio.sleep(seconds)
        try:
            await check(existing_connection)
        except CardRemoved:
            await asyncio.sleep(_CONFIRM_SECONDS)
            await check(one_new_connection)
        except ControlProblem:
            await asyncio.sleep(policy.connect_timeout)
            await check(one_new_connection)
