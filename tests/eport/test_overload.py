"""An overloaded or slow port, over TLS sockets: pauses, Retry-After, the shared time limit, notices."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.http_transport import HttpRequest as OutgoingRequest
from jiacha_tui.eport.http_transport import HttpTransport
from jiacha_tui.eport.problems import OutcomeUnknown, PortBusy, ServerError
from jiacha_tui.eport.settings import PortSettings, Timeouts
from tests.eport.calls import CALLS, JUNE
from tests.eport.cards import FakeCard
from tests.eport.fake_port import (
    DETAIL,
    DOWNLOAD,
    LIST,
    MENU,
    PREVIEW,
    RESEND,
    SESSION,
    FakePort,
    Handler,
    enveloped,
    menu_script,
    respond_bytes,
    respond_with,
)
from tests.eport.tls import ServerFiles, make_server_files, serve

NO_DELAY = Timeouts(retry_delays=(0.0, 0.0))
EMPTY_LIST = respond_with(enveloped({"total": 0, "rows": []}))
StartClient = Callable[[Timeouts], PortClient]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ServerFiles:
    return make_server_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def root(fake_port: FakePort, files: ServerFiles) -> Iterator[str]:
    with serve(fake_port.application, files) as address:
        yield address


@pytest.fixture
async def start_client(root: str, files: ServerFiles) -> AsyncIterator[StartClient]:
    """Makes a client with its own time limits; it is closed after the test."""
    clients: list[PortClient] = []

    def start(timeouts: Timeouts) -> PortClient:
        clients.append(PortClient(replace(PortSettings.under_root(root, files.ca), timeouts=timeouts)))
        return clients[-1]

    yield start
    for client in clients:
        await client.aclose()


def _overloaded(times: int, status: int, then: Handler, retry_after: str | None = None) -> Handler:
    """A handler whose first `times` responses are of this status; `then` handles the later requests."""
    left = times

    async def handle(request: Request) -> Response:
        nonlocal left
        if not left:
            return await then(request)
        left -= 1
        return Response(status_code=status, headers={} if retry_after is None else {"retry-after": retry_after})

    return handle


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_list_request_is_repeated_if_the_port_is_overloaded(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, status: int
) -> None:
    client = start_client(NO_DELAY)
    await client.log_in(card)
    fake_port.handlers[LIST] = _overloaded(2, status, EMPTY_LIST)
    assert (await client.list_page(JUNE, 1)).rows == ()
    assert len(fake_port.requests_to(LIST)) == 3


@pytest.mark.parametrize("path", [SESSION, MENU])
async def test_a_login_survives_an_overload(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, path: str
) -> None:
    async def usual(request: Request) -> Response:
        if path == MENU:
            return Response(menu_script())
        del fake_port.handlers[SESSION]
        return await fake_port._usual_response(request, SESSION)

    async def overloaded_post(request: Request) -> Response:
        if request.method == "GET" and path == SESSION:
            return await fake_port._usual_response(request, SESSION)
        return await overloaded(request)

    overloaded = _overloaded(1, 503, usual)
    fake_port.handlers[path] = overloaded_post
    await start_client(NO_DELAY).log_in(card)
    assert sum(request.method == ("GET" if path == MENU else "POST") for request in fake_port.requests_to(path)) == 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("path", [LIST, DETAIL])
async def test_the_retries_end(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, path: str, status: int
) -> None:
    client = start_client(NO_DELAY)
    await client.log_in(card)
    fake_port.handlers[path] = respond_bytes(b"", status=status)
    with pytest.raises(PortBusy if status == 429 else ServerError):
        await CALLS[path](client)
    assert len(fake_port.requests_to(path)) == 3


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("path", [PREVIEW, DOWNLOAD, RESEND])
async def test_other_calls_are_not_repeated(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, path: str, status: int
) -> None:
    client = start_client(NO_DELAY)
    await client.log_in(card)
    fake_port.handlers[path] = respond_bytes(b"", status=status)
    with pytest.raises((PortBusy, ServerError, OutcomeUnknown)):
        await CALLS[path](client)
    assert len(fake_port.requests_to(path)) == 1


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
async def test_the_pause_that_the_port_asks_for_is_kept(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, *, as_date: bool
) -> None:
    client = start_client(NO_DELAY)
    await client.log_in(card)
    loop = asyncio.get_running_loop()
    times: list[float] = []
    overloaded = _overloaded(1, 429, EMPTY_LIST, "1")

    async def handle(request: Request) -> Response:
        times.append(loop.time())
        response = await overloaded(request)
        if as_date and response.status_code == 429:
            response.headers["retry-after"] = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        return response

    fake_port.handlers[LIST] = handle
    await client.list_page(JUNE, 1)
    first, second = times
    assert second - first >= 0.9


@pytest.mark.parametrize("retry_after", ["61", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_a_pause_over_the_limit_ends_the_call_at_once(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, retry_after: str
) -> None:
    client = start_client(NO_DELAY)
    await client.log_in(card)
    fake_port.handlers[LIST] = _overloaded(1, 429, EMPTY_LIST, retry_after)
    with pytest.raises(PortBusy) as problem:
        await client.list_page(JUNE, 1)
    assert problem.value.retry_after is not None
    assert "请等待" in problem.value.hint
    assert len(fake_port.requests_to(LIST)) == 1


@pytest.mark.parametrize("retry_after", ["soon", "-1", "", "Fri, 31 Dec 1999 23:59:59 GMT", "１"])
async def test_a_pause_that_makes_no_sense_is_ignored(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, retry_after: str
) -> None:
    client = start_client(NO_DELAY)
    await client.log_in(card)

    async def handle(_request: Request) -> Response:
        response = Response(status_code=503)
        response.raw_headers.append((b"retry-after", retry_after.encode()))
        return response

    fake_port.handlers[LIST] = handle
    with pytest.raises(ServerError):
        await client.list_page(JUNE, 1)
    assert len(fake_port.requests_to(LIST)) == 3


async def test_all_requests_of_a_call_share_one_time_limit(
    start_client: StartClient, fake_port: FakePort, card: FakeCard
) -> None:
    client = start_client(Timeouts(retry_delays=(1000.0, 1000.0)))
    await client.log_in(card)
    fake_port.handlers[LIST] = respond_bytes(b"", status=503)
    with pytest.raises(ServerError):
        await client.list_page(JUNE, 1)
    assert len(fake_port.requests_to(LIST)) == 1, "the second would come after the limit"


async def test_a_slow_response_is_announced_while_it_comes(root: str, files: ServerFiles, fake_port: FakePort) -> None:
    waited: list[float] = []

    async def handle(_request: Request) -> Response:
        async def drip() -> AsyncIterator[bytes]:
            while len(waited) < 3:
                yield b" "
                await asyncio.sleep(0.01)
            yield b"end"

        return StreamingResponse(drip())

    fake_port.handlers["/"] = handle
    settings = replace(PortSettings.under_root(root, files.ca), timeouts=Timeouts(notice=0.05))
    transport = HttpTransport(settings, on_waiting=waited.append)
    response = await transport.send(OutgoingRequest("GET", f"{root}/x"), max_bytes=2**20, max_seconds=30.0)
    assert response.content.endswith(b"end")
    assert waited == sorted(waited)
    assert waited[0] >= 0.05
    await transport.aclose()
