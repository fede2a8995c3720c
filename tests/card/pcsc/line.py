"""The way to a port in this process, on which something happens at a moment that a test chooses."""

import asyncio
from collections.abc import Callable, Coroutine

import httpx

from jiacha_tui.demo.demo import Demo

LIST, DETAIL, DOWNLOAD = "queryEntryIdBill", "viewDetail", "downloadXml"

_A_WHILE = 0.2
"""Seconds without an answer after which none comes."""


class Line(httpx.AsyncBaseTransport):
    """The way to the port. Something happens at the request `number` of a kind; it and later ones wait for its end."""

    def __init__(self, demo: Demo) -> None:
        self._port = httpx.ASGITransport(demo.application)
        self._kind, self._number = "", 0
        self._happen: Callable[[], Coroutine[None, None, object]]
        self._happening: asyncio.Task[object] | None = None
        self.answered: list[str] = []
        """The kinds of the requests that were."""

    def at(self, kind: str, number: int, happen: Callable[[], Coroutine[None, None, object]]) -> None:
        self._kind, self._number, self._happen = kind, number, happen

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        kind = request.url.path.rpartition("/")[2]
        if kind == self._kind:
            self._number -= 1
            if self._number == 0:
                self._happening = asyncio.create_task(self._happen())
            if self._happening is not None:
                await asyncio.shield(self._happening)
        response = await self._port.handle_async_request(request)
        self.answered.append(kind)
        return response

    async def rests(self) -> None:
        """What was sent is still answered; after that nothing moves."""
        count = -1
        while count != len(self.answered):
            count = len(self.answered)
            await asyncio.sleep(_A_WHILE)
