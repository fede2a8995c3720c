"""The embedded port over a TLS socket, with faults that a test orders for single calls."""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.demo.demo import Demo
from jiacha_tui.eport.settings import PortSettings, Timeouts
from tests.app_contexts import NO_DELAYS, demo_context
from tests.eport.tls import make_server_files, serve

_LONGEST_HANG_SECONDS = 60.0
"""A limit for threads of a test that has failed."""

Fault = Callable[[Request], Awaitable[Response | None]]
"""Gives the response to a request instead of the port; None leaves it to the port."""


@dataclass
class FaultyPort:
    """`faults` are by the end of the path. `calls` counts the requests by the last part of their path, `signed` those
    that came with a signature.
    """

    port: ASGIApp
    faults: dict[str, Fault] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    signed: Counter[str] = field(default_factory=Counter)
    released: threading.Event = field(default_factory=threading.Event)
    """Ends the calls that hang."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].rpartition("/")[2]
        request = Request(scope, receive)
        self.calls[name] += 1
        self.signed[name] += "sign" in request.headers
        fault = self.faults.get(name)
        if fault is not None and (response := await fault(request)) is not None:
            await response(scope, receive, send)
        else:
            await self.port(scope, _replay(await request.body(), receive), send)

    async def hang(self, _request: Request) -> None:
        """A fault: the port gives no response until `released` is set."""
        await asyncio.to_thread(self.released.wait, _LONGEST_HANG_SECONDS)


def _replay(body: bytes, receive: Receive) -> Receive:
    is_read = False

    async def replay() -> dict[str, object]:
        nonlocal is_read
        if is_read:
            return dict(await receive())
        is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


@contextmanager
def faulty_port(demo: Demo, home: Path, timeouts: Timeouts = NO_DELAYS) -> Iterator[tuple[FaultyPort, AppContext]]:
    """Serves `demo` over TLS, and gives a context that reaches it there."""
    port = FaultyPort(demo.application)
    folder = home / "tls"
    folder.mkdir(parents=True)
    files = make_server_files(folder)
    with serve(port, files) as address:
        yield port, demo_context(demo, home, settings=PortSettings.under_root(address, files.ca), timeouts=timeouts)
        port.released.set()


def always(response: Response) -> Fault:
    """A fault: each request gets this response."""

    async def fault(_request: Request) -> Response:
        return response

    return fault


def sometimes(response: Response, when: Callable[[bytes], bool]) -> Fault:
    """A fault: requests whose body fits `when` get this response."""

    async def fault(request: Request) -> Response | None:
        return response if when(await request.body()) else None

    return fault
