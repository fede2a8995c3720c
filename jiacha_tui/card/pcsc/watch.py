"""Watches the readers, without using a card.

Reports within half a second that a reader or a card was added or removed.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from jiacha_tui.card.pcsc import scard
from jiacha_tui.card.pcsc.blocking_runner import BlockingRunner
from jiacha_tui.card.pcsc.problems import CardConnectionLost, LibraryMissing, PcscProblem, PyscardMissing, ReaderTimeout
from jiacha_tui.card.pcsc.readers import Readers

_ANY_READER: Final = r"\\?PnP?\Notification"
"""PC/SC's name for the event that a reader was plugged in or out."""

_LIST_AGAIN_MILLISECONDS: Final = 2_000
"""How often the readers are listed again, because one that is added between two waits is not reported."""

_RETRY_SECONDS: Final = 0.4
"""How often a service that does not run is looked for again, because nothing reports that it was started."""

_CANCEL_SECONDS: Final = 0.05
"""Seconds between two attempts to cancel the wait."""

_STOP_SECONDS: Final = 2.0
"""How long to wait for the thread to stop. A thread that hangs in a dead connection is left running."""


@dataclass(frozen=True, slots=True)
class ReaderSnapshot:
    """The readers, each with whether it contains a card, or the `problem` that prevents listing them."""

    readers: Mapping[str, bool]
    problem: PcscProblem | None = None


async def watch_readers() -> AsyncGenerator[ReaderSnapshot, None]:
    """Yields the state of the readers, then again after each change. Changes that happen together are one snapshot.

    A replaced card gives a new snapshot although it looks the same. On a machine without pyscard or its library there
    is only the first snapshot. The caller closes the generator (`contextlib.aclosing`).
    """
    latest = _Latest()
    watcher = _Watcher(latest.put)
    watcher.start()
    try:
        while True:
            yield await latest.get()
    finally:
        with contextlib.suppress(ReaderTimeout):
            await BlockingRunner().run(watcher.stop, _STOP_SECONDS)


class _Latest:
    """Passes snapshots from a thread to the event loop, which only gets the latest of those that it has not read."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[ReaderSnapshot] = asyncio.Queue()

    def put(self, snapshot: ReaderSnapshot) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop was closed, so nothing reads any more
            self._loop.call_soon_threadsafe(self._queue.put_nowait, snapshot)

    async def get(self) -> ReaderSnapshot:
        snapshot = await self._queue.get()
        while not self._queue.empty():
            snapshot = self._queue.get_nowait()
        return snapshot


class _Watcher:
    """The thread that waits for changes and calls `report` after each."""

    def __init__(self, report: Callable[[ReaderSnapshot], None]) -> None:
        self._report = report
        self._thread = threading.Thread(target=self._run, name="readers", daemon=True)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._waiting: Readers | None = None
        self._reported_problem: type[PcscProblem] | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended. Cancels repeatedly: a wait can only be cancelled after it has begun."""
        self._stopping.set()
        while self._thread.is_alive():
            with self._lock:
                if self._waiting is not None:
                    self._waiting.cancel()
            self._thread.join(_CANCEL_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with Readers() as readers, self._cancellable(readers):
                    self._report_changes(readers)
            except PcscProblem as problem:
                self._report_problem(problem)
                if isinstance(problem, PyscardMissing | LibraryMissing):
                    return
            self._stopping.wait(_RETRY_SECONDS)

    def _report_changes(self, readers: Readers) -> None:
        """Reports the state of the readers until `stop`. Raises PcscProblem when the service ends."""
        known: dict[str, int] = {}
        reported: dict[str, int] | None = None
        while not self._stopping.is_set():
            names = readers.names()
            states = [(name, known.get(name, scard.UNAWARE)) for name in (*names, _ANY_READER)]
            try:
                known = dict(readers.wait_for_change(states, _LIST_AGAIN_MILLISECONDS if reported is not None else 0))
            except CardConnectionLost:  # a reader was removed after the readers were listed
                known = {}
                continue
            known = {name: state & ~scard.CHANGED for name, state in known.items()}
            current = {name: known[name] & (scard.CARD_COUNT_MASK | scard.PRESENT) for name in names}
            if current != reported:
                reported, self._reported_problem = current, None
                self._report(ReaderSnapshot({name: bool(state & scard.PRESENT) for name, state in current.items()}))

    def _report_problem(self, problem: PcscProblem) -> None:
        """Reports a problem once, and not one that `stop` itself causes."""
        if not self._stopping.is_set() and type(problem) is not self._reported_problem:
            self._reported_problem = type(problem)
            self._report(ReaderSnapshot({}, problem))

    @contextlib.contextmanager
    def _cancellable(self, readers: Readers) -> Iterator[None]:
        with self._lock:
            self._waiting = readers
        try:
            yield
        finally:
            with self._lock:
                self._waiting = None
