"""Whether an open card is still there. The control tells of no change by itself, so it is asked now and then."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, NoReturn

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.problems import ControlProblem
from jiacha_tui.card.problems import CardRemoved

_DOUBT: Final = 0.5
"""Seconds after which a card that seems to be gone is looked for once more: its contacts may have slipped."""


async def poll_until_removed(
    check: Callable[[RetryPolicy], Awaitable[None]], seconds: float, working: RetryPolicy
) -> NoReturn:
    """Asks with `check` every so many seconds, over the connection that stands; never where `seconds` is 0.

    Raises what `check` raises once that is certain: CardMismatch and CardClosed are at once, CardRemoved when it comes
    again. A control that failed may be restarting. It is given the time that `working` has for connecting, then asked
    once more over at most one new connection: each attempt that SSH forwards to nobody is a line on the terminal of
    whoever sits in front of it.
    """
    standing = replace(working, attempts=0)
    afresh = replace(working, attempts=1, interval=working.connect_timeout)
    if not seconds:
        await asyncio.Event().wait()
    while True:
        await asyncio.sleep(seconds)
        try:
            await check(standing)
        except CardRemoved:
            await asyncio.sleep(_DOUBT)
            await check(afresh)
        except ControlProblem:
            await asyncio.sleep(working.connect_timeout)
            await check(afresh)
