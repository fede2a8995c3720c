"""The way from a workplace to a port in this process, on which things happen at moments that a test chooses."""

import asyncio
from collections.abc import Callable, Coroutine

import httpx

from jiacha_tui.demo.demo import Demo

LIST, DETAIL, DOWNLOAD = "queryEntryIdBill", "viewDetail", "downloadXml"
"""What the paths of these calls end in."""


class RecordingTransport(httpx.AsyncBaseTransport):
    """`calls` lists the paths that were asked for, `answered` those that were answered too.

    `before` and `after` are called with each path, before the port sees the request and after it has answered: what
    they raise is a cut line. `port` may be exchanged for one that answers otherwise.
    """

    def __init__(self, demo: Demo) -> None:
        self.port: httpx.AsyncBaseTransport = httpx.ASGITransport(demo.application)
        self.calls: list[str] = []
        self.answered: list[str] = []
        self.before: Callable[[str], None] = lambda path: None
        self.after: Callable[[str], None] = lambda path: None
        self._ending, self._number = "", 0
        self._happen: Callable[[], Coroutine[None, None, object]]
        self._happening: asyncio.Task[object] | None = None
        self._on_the_way = 0
        self._empty = asyncio.Event()

    def run_at_request(self, ending: str, number: int, happen: Callable[[], Coroutine[None, None, object]]) -> None:
        """Something happens at the request `number` of this kind; it and later ones of the kind wait for its end."""
        self._ending, self._number, self._happen = ending, number, happen

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.before(path)
        self.calls.append(path)
        self._on_the_way += 1
        try:
            if self._ending and path.endswith(self._ending):
                await self._has_happened()
            response = await self.port.handle_async_request(request)
            self.after(path)
        finally:
            self._on_the_way -= 1
            if not self._on_the_way:
                self._empty.set()
        self.answered.append(path)
        return response

    async def wait_until_idle(self) -> None:
        """Returns when nothing that was sent is without an answer."""
        while self._on_the_way:
            self._empty.clear()
            await self._empty.wait()

    def count(self, ending: str) -> int:
        return _count(self.calls, ending)

    def count_answered(self, ending: str) -> int:
        return _count(self.answered, ending)

    async def _has_happened(self) -> None:
        self._number -= 1
        if self._number == 0:
            self._happening = asyncio.create_task(self._happen())
        if self._happening is not None:
            await asyncio.shield(self._happening)


def lose_connection(ending: str, after: int = 0) -> Callable[[str], None]:
    """For `before` or `after`: lets `after` requests of this kind through, then none."""
    seen = 0

    def check(path: str) -> None:
        nonlocal seen
        if path.endswith(ending):
            seen += 1
            if seen > after:
                raise httpx.ReadError("cut")

    return check


def _count(paths: list[str], ending: str) -> int:
    return sum(path.endswith(ending) for path in paths)
