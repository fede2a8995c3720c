"""Work that continues when its caller is cancelled."""

import asyncio

import pytest

from jiacha_tui.actions.run_to_completion import run_to_completion


class Work:
    """Work that waits until `may_end` is set. `done` tells whether it has reached its end."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.started, self.may_end = asyncio.Event(), asyncio.Event()
        self.done = False
        self._failure = failure

    async def run(self) -> str:
        self.started.set()
        await self.may_end.wait()
        self.done = True
        if self._failure is not None:
            raise self._failure
        return "written"


async def _cancelled(work: Work, times: int) -> asyncio.Task[str]:
    """A caller of `work` that was cancelled `times` times while the work was running."""
    caller = asyncio.create_task(run_to_completion(work.run()))
    await work.started.wait()
    for _ in range(times):
        caller.cancel()
        # Let the caller handle each cancellation before the next one.
        await asyncio.wait([caller], timeout=0)
    return caller


async def test_without_a_cancellation_it_returns_or_raises_as_the_work_does() -> None:
    work = Work()
    work.may_end.set()
    assert await run_to_completion(work.run()) == "written"
    failing = Work(OSError("full"))
    failing.may_end.set()
    with pytest.raises(OSError, match="full"):
        await run_to_completion(failing.run())


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_cancelled_caller_waits_for_the_work_before_it_is_cancelled(times: int) -> None:
    work = Work()
    caller = await _cancelled(work, times)
    assert not caller.done()
    work.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert work.done


async def test_a_failure_of_the_work_does_not_replace_the_cancellation() -> None:
    work = Work(OSError("full"))
    caller = await _cancelled(work, 1)
    work.may_end.set()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await caller
    assert isinstance(cancelled.value.__cause__, OSError)


async def test_a_cancellation_of_the_work_cancels_the_caller() -> None:
    work = Work()
    task = asyncio.create_task(work.run())
    caller = asyncio.create_task(run_to_completion(task))
    await work.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
