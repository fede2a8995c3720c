"""Sends over TLS what needs a connection, and all other requests to the port in the same process."""

import httpx

from jiacha_tui.demo.faults import CallKind, PortFault

_AROUND = 8
"""Calls of a kind that run at the same time, fewer than this, may arrive in another order than they were sent in."""


class MixedTransport(httpx.AsyncBaseTransport):
    """The calls with the fault, and those of the kind right before and after them, go over `tls`.

    A request takes several times as long over TLS as in the process.
    """

    def __init__(self, fault: PortFault, tls: httpx.AsyncBaseTransport, in_process: httpx.AsyncBaseTransport) -> None:
        self._fault = fault
        self._tls = tls
        self._in_process = in_process
        self._sent = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if CallKind.of(request.method, request.url.path) is not self._fault.call:
            return await self._in_process.handle_async_request(request)
        self._sent += 1
        is_near = self._fault.first - _AROUND < self._sent
        if self._fault.last is not None and self._sent > self._fault.last + _AROUND:
            is_near = False
        return await (self._tls if is_near else self._in_process).handle_async_request(request)

    async def aclose(self) -> None:
        await self._tls.aclose()
        await self._in_process.aclose()
