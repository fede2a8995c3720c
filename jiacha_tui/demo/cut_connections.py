"""uvicorn's HTTP protocol with a way for the application to abort the connection."""

from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from jiacha_tui.demo.faulty_port import ABORT


class CuttableProtocol(H11Protocol):
    """Offers the ASGI extension `ABORT`, a callable that aborts the connection without telling the other side."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._application = self.app
        self.app = self._run

    async def _run(self, scope: Any, receive: Any, send: Any) -> None:
        extensions: MutableMapping[str, object] = scope.setdefault("extensions", {})
        extensions[ABORT] = self.transport.abort
        await self._application(scope, receive, send)
