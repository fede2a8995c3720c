"""Tells that a reader or a card has come or gone, within half a second and without asking a card."""

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
"""Stands for readers that are plugged in or pulled out."""

_ROUND: Final = 2_000
"""Milliseconds after which the readers are listed anew, since one that came between two calls is not told of."""

_RETRY: Final = 0.4
"""Seconds after which a service that was not there is looked for again; it cannot tell that it has come."""

_CANCELLING: Final = 0.05
"""Seconds between two attempts to end the wait."""

_STOPPING: Final = 2.0
"""Seconds after which a watcher that a dead line holds is left behind."""


@dataclass(frozen=True, slots=True)
class ReaderSnapshot:
    """The readers there are, each with whether it has a card; or the `problem` that keeps them from being seen."""

    readers: Mapping[str, bool]
    problem: PcscProblem | None = None


async def watch_readers() -> AsyncGenerator[ReaderSnapshot, None]:
    """How the readers stand, and again each time that it has changed; changes that came together are told once.

    A card that was replaced is told of though it looks the same. Where the machine lacks pyscard or its library, that
    is all there is to tell. To be closed (`contextlib.aclosing`) when no longer listened to.
    """
    news = _News()
    watcher = _Watcher(news.tell)
    watcher.start()
    try:
        while True:
            yield await news.next()
    finally:
        with contextlib.suppress(ReaderTimeout):
            await BlockingRunner().run(watcher.stop, _STOPPING)


class _News:
    """The newest of what a thread tells, for the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._newest: asyncio.Queue[ReaderSnapshot] = asyncio.Queue()

    def tell(self, seen: ReaderSnapshot) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody listens
            self._loop.call_soon_threadsafe(self._newest.put_nowait, seen)

    async def next(self) -> ReaderSnapshot:
        seen = await self._newest.get()
        while not self._newest.empty():
            seen = self._newest.get_nowait()
        return seen


class _Watcher:
    def __init__(self, tell: Callable[[ReaderSnapshot], None]) -> None:
        self._tell = tell
        self._thread = threading.Thread(target=self._run, name="readers", daemon=True)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._waiting: Readers | None = None
        self._trouble: type[PcscProblem] | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended. What it waits in can only be cancelled while it is in there."""
        self._stopping.set()
        while self._thread.is_alive():
            with self._lock:
                if self._waiting is not None:
                    self._waiting.cancel()
            self._thread.join(_CANCELLING)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with Readers() as readers, self._cancellable(readers):
                    self._follow(readers)
            except PcscProblem as problem:
                self._tell_of(problem)
                if isinstance(problem, PyscardMissing | LibraryMissing):
                    return
            self._stopping.wait(_RETRY)

    def _follow(self, readers: Readers) -> None:
        """Tells how the readers stand, until this is stopped. Raises PcscProblem where the service ends."""
        known: dict[str, int] = {}
        told: dict[str, int] | None = None
        while not self._stopping.is_set():
            names = readers.names()
            asked = [(name, known.get(name, scard.UNAWARE)) for name in (*names, _ANY_READER)]
            try:
                known = dict(readers.wait_for_change(asked, _ROUND if told is not None else 0))
            except CardConnectionLost:  # a reader went before it could be asked about
                known = {}
                continue
            known = {name: state & ~scard.CHANGED for name, state in known.items()}
            now = {name: known[name] & (scard.CARD_COUNT_MASK | scard.PRESENT) for name in names}
            if now != told:
                told, self._trouble = now, None
                self._tell(ReaderSnapshot({name: bool(state & scard.PRESENT) for name, state in now.items()}))

    def _tell_of(self, problem: PcscProblem) -> None:
        """Once, and not of what stopping itself brings about."""
        if not self._stopping.is_set() and type(problem) is not self._trouble:
            self._trouble = type(problem)
            self._tell(ReaderSnapshot({}, problem))

    @contextlib.contextmanager
    def _cancellable(self, readers: Readers) -> Iterator[None]:
        with self._lock:
            self._waiting = readers
        try:
            yield
        finally:
            with self._lock:
                self._waiting = None
