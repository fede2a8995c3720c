"""Work that a cancellation must not cut short: what was sent has to be written down."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def to_its_end(work: Coroutine[Any, Any, _Result] | asyncio.Task[_Result]) -> _Result:
    """Runs `work` to its end also when the caller is cancelled meanwhile, and then lets the cancellation go on."""
    task = work if isinstance(work, asyncio.Task) else asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
