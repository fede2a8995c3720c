"""Calls that block, and may block for ever: a service at the end of a dead line never answers."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from jiacha_tui.card.pcsc.problems import ReaderTimeout

_Answer = TypeVar("_Answer")


class BlockingRunner:
    """Makes one call at a time, in threads that a program does not wait for at its end as it does for asyncio's."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    async def run(
        self, blocking: Callable[[], _Answer], seconds: float, discard: Callable[[_Answer], None] | None = None
    ) -> _Answer:
        """What `blocking` returns. Raises ReaderTimeout after `seconds`, and what it raises.

        A call that nobody waits for any more is not begun; one that was, has its answer given to `discard`.
        """
        call = _Call(blocking, discard, self._turn)
        threading.Thread(target=call.make, name="card", daemon=True).start()
        try:
            async with asyncio.timeout(seconds):
                await call.made
            return call.take()
        except TimeoutError:
            self._turn = threading.Lock()  # later calls do not wait for the one that hangs
            raise ReaderTimeout(seconds) from None
        finally:
            call.abandon()


class _Call(Generic[_Answer]):
    """One call, between the thread that makes it and the coroutine that waits for it and may stop waiting."""

    def __init__(
        self, blocking: Callable[[], _Answer], discard: Callable[[_Answer], None] | None, turn: threading.Lock
    ) -> None:
        self._blocking = blocking
        self._discard = discard
        self._turn = turn
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._answers: list[_Answer] = []
        self._abandoned = False
        self.made: asyncio.Future[None] = self._loop.create_future()

    def make(self) -> None:
        failure: Exception | None = None
        with self._turn:
            if self._abandoned:
                return
            try:
                answer = self._blocking()
            except Exception as error:  # noqa: BLE001 - it is raised where the call is waited for
                failure = error
            else:
                with self._lock:
                    self._answers.append(answer)
                    abandoned = self._abandoned
                if abandoned:
                    self._clear_away()
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits
            self._loop.call_soon_threadsafe(self._tell, failure)

    def take(self) -> _Answer:
        with self._lock:
            return self._answers.pop()

    def abandon(self) -> None:
        """Nobody will take the answer, unless it has been taken."""
        with self._lock:
            self._abandoned = True
            left = bool(self._answers)
        if left:
            threading.Thread(target=self._clear_away, name="card", daemon=True).start()

    def _clear_away(self) -> None:
        with self._lock:
            answers, self._answers = self._answers, []
        for answer in answers:
            if self._discard is not None:
                self._discard(answer)

    def _tell(self, failure: Exception | None) -> None:
        if self.made.done():
            return
        if failure is None:
            self.made.set_result(None)
        else:
            self.made.set_exception(failure)
