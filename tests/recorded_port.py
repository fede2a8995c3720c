"""An embedded port for a real socket that records what it receives and can change between two requests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGIN, LIST, DETAIL, MENU = "/cas/login", "queryEntryIdBill", "viewDetail", "menuType"
"""The ends of the paths of these requests."""


@dataclass(frozen=True)
class RecordedRequest:
    """`body` is what the client sent, inside TLS."""

    method: str
    path: str
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a web form."""
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


@dataclass
class RecordedPort:
    """ASGI. `before` is called with the end of a path and how many requests to it there were, this one included."""

    application: ASGIApp
    requests: list[RecordedRequest] = field(default_factory=list)
    before: Callable[[str, int], None] = lambda path, count: None

    def to(self, ending: str, method: str = "") -> list[RecordedRequest]:
        """The requests whose path ends so."""
        return [request for request in self.requests if request.path.endswith(ending) and method in request.method]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.requests.append(RecordedRequest(scope["method"], scope["path"], body))
        ending = scope["path"].rpartition("/")[2]
        self.before(ending, len(self.to(ending)))
        is_read = False

        async def receive_again() -> Message:
            nonlocal is_read
            if is_read:
                return await receive()
            is_read = True
            return {"type": "http.request", "body": body}

        await self.application(scope, receive_again, send)
