"""Runs functions that block, and may block for ever: a service behind a dead connection never answers."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from jiacha_tui.card.pcsc.problems import ReaderTimeout

_Result = TypeVar("_Result")


class BlockingRunner:
    """Runs one function at a time, each in a daemon thread.

    A thread of `asyncio.to_thread` would keep the program from exiting while it blocks; a daemon thread does not.
    """

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()

    async def run(
        self, function: Callable[[], _Result], seconds: float, discard: Callable[[_Result], None] | None = None
    ) -> _Result:
        """Returns what `function` returns. Raises ReaderTimeout after `seconds`, and what `function` raises.

        If the caller is cancelled or the time runs out, a function that has not started is not started any more. The
        result of one that has started is passed to `discard`.
        """
        call = _Call(function, discard, self._one_at_a_time)
        threading.Thread(target=call.run, name="card", daemon=True).start()
        try:
            async with asyncio.timeout(seconds):
                await call.done
            return call.take_result()
        except TimeoutError:
            self._one_at_a_time = threading.Lock()  # later functions do not wait for the one that hangs
            raise ReaderTimeout(seconds) from None
        finally:
            call.abandon()


class _Call(Generic[_Result]):
    """One function, between the thread that runs it and the coroutine that waits for it and may stop waiting."""

    def __init__(
        self, function: Callable[[], _Result], discard: Callable[[_Result], None] | None, one_at_a_time: threading.Lock
    ) -> None:
        self._function = function
        self._discard = discard
        self._one_at_a_time = one_at_a_time
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._results: list[_Result] = []
        self._abandoned = False
        self.done: asyncio.Future[None] = self._loop.create_future()

    def run(self) -> None:
        failure: Exception | None = None
        with self._one_at_a_time:
            if self._abandoned:
                return
            try:
                result = self._function()
            except Exception as error:  # noqa: BLE001 - the coroutine that waits raises it
                failure = error
            else:
                with self._lock:
                    self._results.append(result)
                    abandoned = self._abandoned
                if abandoned:
                    self._discard_results()
        with contextlib.suppress(RuntimeError):  # the event loop was closed, so nothing waits any more
            self._loop.call_soon_threadsafe(self._finish, failure)

    def take_result(self) -> _Result:
        with self._lock:
            return self._results.pop()

    def abandon(self) -> None:
        """Says that nothing will take the result any more. Has no effect if it was taken."""
        with self._lock:
            self._abandoned = True
            untaken = bool(self._results)
        if untaken:
            threading.Thread(target=self._discard_results, name="card", daemon=True).start()

    def _discard_results(self) -> None:
        with self._lock:
            results, self._results = self._results, []
        for result in results:
            if self._discard is not None:
                self._discard(result)

    def _finish(self, failure: Exception | None) -> None:
        if self.done.done():
            return
        if failure is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(failure)
