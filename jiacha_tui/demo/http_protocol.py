"""uvicorn's HTTP protocol, with a time limit for requests and a way for the application to abort the connection."""

import asyncio
from collections.abc import MutableMapping
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from jiacha_tui.demo.faulty_port import ABORT

REQUEST_SECONDS = 15.0
"""How long a request may take to arrive whole, from the connection or its first byte on."""


class PortHttpProtocol(H11Protocol):
    """Aborts a connection on which a request stands still, and offers the ASGI extension `ABORT`.

    uvicorn itself closes connections without any byte only: one byte now and then would hold one for ever. The
    extension is a callable that aborts the connection without telling the other side.
    """

    request_seconds: ClassVar[float] = REQUEST_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._application = self.app
        self.app = self._run
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._wait_for_request()

    def data_received(self, data: bytes) -> None:
        self._wait_for_request()
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_request(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.request_seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    async def _run(self, scope: Any, receive: Any, send: Any) -> None:
        extensions: MutableMapping[str, object] = scope.setdefault("extensions", {})
        extensions[ABORT] = self.transport.abort
        await self._application(scope, receive, send)
