"""A connection to an embedded port that answers the call for some prints with something else."""

from collections.abc import Callable, Mapping

import httpx

from tests.recording_transport import PREVIEW, RecordingTransport

Answer = Callable[[], httpx.Response]

REFUSAL = '{"responseCode":700,"responseMsg":"该报关单暂不能打印","responseData":null}'.encode()


def pdf(content: bytes) -> Answer:
    """An answer that the port calls a PDF, whatever it is."""
    return lambda: httpx.Response(200, headers={"content-type": "application/pdf"}, stream=httpx.ByteStream(content))


def status(code: int, **headers: str) -> Answer:
    return lambda: httpx.Response(code, headers=headers, stream=httpx.ByteStream(b""))


def lost() -> httpx.Response:
    """The connection is lost after the request was sent."""
    raise httpx.ReadError("the connection was lost")


def unreachable() -> httpx.Response:
    """There is no connection."""
    raise httpx.ConnectError("no route")


class ReplacedPrints(httpx.AsyncBaseTransport):
    """`answers` are for single declarations, `every` is for all others; the port answers what has neither."""

    def __init__(self, transport: RecordingTransport) -> None:
        self._port, transport.port = transport.port, self
        self.answers: Mapping[str, Answer] = {}
        self.every: Answer | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        _, is_preview, which = request.url.path.partition(PREVIEW)
        answer = self.answers.get(which.partition(",")[0], self.every) if is_preview else None
        return await self._port.handle_async_request(request) if answer is None else answer()


def count_prints(transport: RecordingTransport) -> int:
    """How many prints were asked for."""
    return sum(PREVIEW in path for path in transport.calls)
