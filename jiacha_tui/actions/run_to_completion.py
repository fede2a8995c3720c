"""Runs work that must not be cancelled half-way, such as storing the answer to a request that was sent."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def run_to_completion(work: Coroutine[Any, Any, _Result] | asyncio.Task[_Result]) -> _Result:
    """Waits until `work` has ended, even if the caller is cancelled meanwhile; the CancelledError is raised afterwards.

    Raises what `work` raises. If the caller was cancelled, that exception is the cause of the CancelledError.
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
