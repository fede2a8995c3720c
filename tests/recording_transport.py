"""An HTTP transport to a port in this process that records requests and can fail or act at a chosen one."""

import asyncio
from collections.abc import Callable, Coroutine

import httpx

from jiacha_tui.demo.demo import Demo

LIST, DETAIL, DOWNLOAD, SCRIPT = "queryEntryIdBill", "viewDetail", "downloadXml", "menuType"
"""The ends of the paths of these calls."""

PREVIEW = "/sw/rtx/decDetail/preview/"
"""Part of the path of the call for an official print. The number of the declaration follows."""


class RecordingTransport(httpx.AsyncBaseTransport):
    """`calls` lists the paths of all requests, `answered` the paths of those that were answered.

    `before` is called with each path before the port gets the request, `after` once the port has answered. If they
    raise an httpx error, the connection is lost at that moment. `port` can be replaced to change the answers.
    """

    def __init__(self, demo: Demo) -> None:
        self.port: httpx.AsyncBaseTransport = httpx.ASGITransport(demo.application)
        self.calls: list[str] = []
        self.answered: list[str] = []
        self.before: Callable[[str], None] = lambda path: None
        self.after: Callable[[str], None] = lambda path: None
        self._ending, self._number = "", 0
        self._action: Callable[[], Coroutine[None, None, object]]
        self._running_action: asyncio.Task[object] | None = None
        self._pending = 0
        self._idle = asyncio.Event()

    def run_at_request(self, ending: str, number: int, action: Callable[[], Coroutine[None, None, object]]) -> None:
        """Runs `action` at request `number` of this kind. It and later requests of the kind wait until it has ended."""
        self._ending, self._number, self._action = ending, number, action

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.before(path)
        self.calls.append(path)
        self._pending += 1
        try:
            if self._ending and path.endswith(self._ending):
                await self._wait_for_action()
            response = await self.port.handle_async_request(request)
            self.after(path)
        finally:
            self._pending -= 1
            if not self._pending:
                self._idle.set()
        self.answered.append(path)
        return response

    async def wait_until_idle(self) -> None:
        """Waits until every request that was sent has been answered."""
        while self._pending:
            self._idle.clear()
            await self._idle.wait()

    def count(self, ending: str) -> int:
        """How many requests of this kind were sent."""
        return _count(self.calls, ending)

    def count_answered(self, ending: str) -> int:
        """How many requests of this kind were answered."""
        return _count(self.answered, ending)

    async def _wait_for_action(self) -> None:
        self._number -= 1
        if self._number == 0:
            self._running_action = asyncio.create_task(self._action())
        if self._running_action is not None:
            await asyncio.shield(self._running_action)


def lose_connection(ending: str, after: int = 0) -> Callable[[str], None]:
    """For `before` or `after`: the connection is lost at each request of this kind except the first `after` ones."""
    seen = 0

    def check(path: str) -> None:
        nonlocal seen
        if path.endswith(ending):
            seen += 1
            if seen > after:
                raise httpx.ReadError("the connection was lost")

    return check


def _count(paths: list[str], ending: str) -> int:
    return sum(path.endswith(ending) for path in paths)
