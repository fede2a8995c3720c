"""Work that a cancellation must not cut short: what was sent has to be written down."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def run_to_completion(work: Coroutine[Any, Any, _Result] | asyncio.Task[_Result]) -> _Result:
    """Runs `work` to its end however often the caller is cancelled meanwhile, and then lets the cancellation go on.

    Raises what `work` raises; to a caller that was cancelled that is the cause of the cancellation, never in its place.
    """
    task = work if isinstance(work, asyncio.Task) else asyncio.ensure_future(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is None:
        return task.result()
    raise cancellation from None if task.cancelled() else task.exception()
