"""What went over the wire: every request, and every file that the port itself made."""

from collections import Counter
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jiacha_tui.demo.faults import CallKind


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it arrived: its kind, and all its bytes."""

    call: CallKind | None
    content: bytes = field(repr=False)


class RequestRecorder:
    """Records every request before it reaches the port."""

    def __init__(self, port: ASGIApp) -> None:
        self._port = port
        self.requests: list[RecordedRequest] = []

    @property
    def counts(self) -> Counter[CallKind]:
        """How many requests of each kind there were."""
        return Counter(request.call for request in self.requests if request.call is not None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body: list[bytes] = []

        async def watch() -> Message:
            message = await receive()
            body.append(message.get("body", b""))
            return message

        headers = b"\n".join(name + b": " + value for name, value in scope["headers"])
        target = scope["raw_path"] + b"?" + scope["query_string"]
        try:
            await self._port(scope, watch, send)
        finally:
            content = b"\n".join((target, headers, b"".join(body)))
            self.requests.append(RecordedRequest(CallKind.of(scope["method"], scope["path"]), content))


class FileRecorder:
    """Records the files that the port makes, before any fault can spoil them."""

    def __init__(self, port: ASGIApp) -> None:
        self._port = port
        self.files: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_file = False
        body = bytearray()

        async def watch(message: Message) -> None:
            nonlocal is_file
            if message["type"] == "http.response.start":
                types = [value for name, value in message["headers"] if name == b"content-type"]
                is_file = types in ([b"application/xml"], [b"application/pdf"])
            elif is_file:
                body.extend(message.get("body", b""))
            await send(message)

        await self._port(scope, receive, watch)
        if is_file:
            self.files.append(bytes(body))
