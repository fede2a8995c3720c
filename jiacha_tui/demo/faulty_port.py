"""An ASGI application around the port that makes chosen calls go wrong."""

import asyncio
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jiacha_tui.demo.content_faults import CONTENT_FAULT
from jiacha_tui.demo.fault_responses import response_of
from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from jiacha_tui.demo.login import COOKIE, SERVICE_PATH

ABORT: Final = "jiacha.abort"
"""The ASGI extension with which `http_protocol.PortHttpProtocol` offers to abort the connection."""

DRIP_SECONDS: Final = 1.0

_CHUNK: Final = b" " * 65536
_MAX_CHUNKS: Final = 16384
"""1 GiB: more than any client should accept."""

_COOKIES: Final = 1_000

_ENDS_SESSION: Final = frozenset({FaultKind.SESSION_ENDED, FaultKind.SESSION_ENDED_CODE, FaultKind.SESSION_ENDED_PAGE})


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Headers
    body: bytes


class FaultyPort:
    """The port with `faults`; of several that are due at one call, the first counts.

    `drip_seconds` is the time between two bytes of a dripping answer. A connection can be cut only if the server offers
    the extension `ABORT`. Requests may come from several threads.
    """

    def __init__(self, port: ASGIApp, faults: Iterable[PortFault] = (), *, drip_seconds: float = DRIP_SECONDS) -> None:
        self._port = port
        self._drip_seconds = drip_seconds
        self._counting = threading.Lock()
        self.set_faults(faults)

    def set_faults(self, faults: Iterable[PortFault]) -> None:
        """Replaces the faults and starts to count calls at 1. Sessions that a fault has ended come back."""
        self._faults = tuple(faults)
        self._calls: Counter[CallKind | None] = Counter()
        self._ended_sessions: set[str] = set()
        self.done: list[PortFault] = []
        """The faults that have happened, in order."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._port(scope, receive, send)
            return
        scope = self._without_ended_session(scope)
        fault = self._fault_due(CallKind.of(scope["method"], scope["path"]))
        if fault is None:
            await self._port(scope, receive, send)
        elif fault.kind.is_about_content:
            await self._port({**scope, CONTENT_FAULT: fault.kind}, receive, send)
        else:
            await self._go_wrong(fault, scope, receive, send)

    def _fault_due(self, call: CallKind | None) -> PortFault | None:
        with self._counting:
            self._calls[call] += 1
            numbers = {call: self._calls[call], None: self._calls.total()}
        for fault in self._faults:
            if fault.is_due(call, numbers[fault.call if fault.call is call else None]):
                self.done.append(fault)
                return fault
        return None

    async def _go_wrong(self, fault: PortFault, scope: Scope, receive: Receive, send: Send) -> None:
        answer: _Answer | None = None
        if fault.applied or fault.kind.needs_answer:
            answer = await self._carry_out(scope, receive)
        if fault.kind in _ENDS_SESSION:
            self._ended_sessions |= _session_tokens(scope)
        response = response_of(fault.kind)
        if response is not None:
            await response(scope, receive, send)
        elif answer is not None and fault.kind.needs_answer:
            await self._spoil(fault.kind, answer, scope, receive, send)
        else:
            if fault.kind is FaultKind.CUT_BEFORE:
                _cut(scope)
            await _wait_until_gone(receive)

    async def _carry_out(self, scope: Scope, receive: Receive) -> _Answer:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._port(scope, receive, keep)
        start, *parts = messages
        return _Answer(
            start["status"], Headers(raw=start["headers"]), b"".join(part.get("body", b"") for part in parts)
        )

    async def _spoil(self, kind: FaultKind, answer: _Answer, scope: Scope, receive: Receive, send: Send) -> None:
        headers = MutableHeaders(raw=list(answer.headers.raw))
        if kind is FaultKind.WRONG_TYPE:
            headers["content-type"] = "text/html; charset=utf-8"
        elif kind is FaultKind.MANY_COOKIES:
            for _ in range(_COOKIES):
                headers.append("set-cookie", f"c{secrets.token_hex(8)}={'x' * 16}; Path=/")
        if kind in (FaultKind.WRONG_TYPE, FaultKind.MANY_COOKIES):
            response = Response(answer.body, answer.status)
            response.raw_headers = headers.raw
            await response(scope, receive, send)
            return
        if kind is FaultKind.GIGANTIC and "content-length" in headers:
            del headers["content-length"]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers.raw})
        gone = asyncio.create_task(_wait_until_gone(receive))
        try:
            if kind is FaultKind.CUT_MIDDLE:
                await send(_part(answer.body[: len(answer.body) // 2]))
                _cut(scope)
                await gone
            elif kind is FaultKind.DRIP:
                await self._drip(answer.body, gone, send)
            else:
                await _flood(answer.body, gone, send)
        finally:
            gone.cancel()

    async def _drip(self, body: bytes, gone: "asyncio.Task[None]", send: Send) -> None:
        for index in range(len(body)):
            await asyncio.wait([gone], timeout=self._drip_seconds)
            if gone.done():
                return
            await send(_part(body[index : index + 1]))
        await send(_part(b"", more=False))

    def _without_ended_session(self, scope: Scope) -> Scope:
        if not _session_tokens(scope) & self._ended_sessions:
            return scope
        return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name != b"cookie"]}


async def _flood(body: bytes, gone: "asyncio.Task[None]", send: Send) -> None:
    await send(_part(body))
    for _ in range(_MAX_CHUNKS):
        await asyncio.sleep(0)
        if gone.done():
            return
        await send(_part(_CHUNK))
    await send(_part(b"", more=False))


def _part(body: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _cut(scope: Scope) -> None:
    """Aborts the connection; does nothing if the server does not offer it."""
    abort: Callable[[], None] | None = scope.get("extensions", {}).get(ABORT)
    if abort is not None:
        abort()


async def _wait_until_gone(receive: Receive) -> None:
    """Reads the rest of the request and waits until the client closes the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _session_tokens(scope: Scope) -> set[str]:
    """The sessions in the cookies of a request."""
    if not scope["path"].startswith(SERVICE_PATH):
        return set()
    tokens: set[str] = set()
    for text in Headers(scope=scope).getlist("cookie"):
        try:
            cookies: SimpleCookie = SimpleCookie(text)
        except CookieError:
            continue
        if COOKIE in cookies:
            tokens.add(cookies[COOKIE].value)
    return tokens
