import asyncio

import pytest

from jiacha_tui.actions.run_to_completion import run_to_completion


class Work:
    """Something that ends when it is let go, and says whether it came to its end."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.begun, self.let_go = asyncio.Event(), asyncio.Event()
        self.done = False
        self._failure = failure

    async def run(self) -> str:
        self.begun.set()
        await self.let_go.wait()
        self.done = True
        if self._failure is not None:
            raise self._failure
        return "written"


async def _cancelled(work: Work, times: int) -> asyncio.Task[str]:
    """A caller of `work` that was cancelled so many times while it was under way."""
    caller = asyncio.create_task(run_to_completion(work.run()))
    await work.begun.wait()
    for _ in range(times):
        caller.cancel()
        # The caller takes each in before the next one comes.
        await asyncio.wait([caller], timeout=0)
    return caller


async def test_without_a_cancellation_it_gives_what_the_work_gives_or_raises() -> None:
    work = Work()
    work.let_go.set()
    assert await run_to_completion(work.run()) == "written"
    failing = Work(OSError("full"))
    failing.let_go.set()
    with pytest.raises(OSError, match="full"):
        await run_to_completion(failing.run())


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_cancelled_caller_waits_for_the_work_and_is_cancelled_then(times: int) -> None:
    work = Work()
    caller = await _cancelled(work, times)
    assert not caller.done()
    work.let_go.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert work.done


async def test_work_that_fails_does_not_swallow_the_cancellation() -> None:
    work = Work(OSError("full"))
    caller = await _cancelled(work, 1)
    work.let_go.set()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await caller
    assert isinstance(cancelled.value.__cause__, OSError)


async def test_work_that_is_itself_cancelled_cancels_the_caller() -> None:
    work = Work()
    task = asyncio.create_task(work.run())
    caller = asyncio.create_task(run_to_completion(task))
    await work.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
