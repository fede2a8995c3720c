"""An overloaded or slow port, over TLS sockets: pauses, Retry-After, the shared time limit, notices."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.http_transport import HttpRequest as OutgoingRequest
from jiacha_tui.eport.http_transport import HttpTransport
from jiacha_tui.eport.problems import OutcomeUnknown, PortBusy, ResponseLost, ScriptFailed, ServerError
from jiacha_tui.eport.settings import PortSettings, ScriptLimits, Timeouts
from jiacha_tui.eport.slow_calls import SlowCall
from tests.eport.calls import CALLS, JUNE, SUMMARY
from tests.eport.cards import FakeCard
from tests.eport.conftest import StartClient
from tests.eport.fake_port import (
    DETAIL,
    DOWNLOAD,
    LIST,
    LOGIN,
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
from tests.eport.tls import ServerFiles

NO_DELAY = Timeouts(retry_delays=(0.0, 0.0))
QUICK_NOTICES = Timeouts(notice=0.05, notice_interval=0.05)
EMPTY_LIST = respond_with(enveloped({"total": 0, "rows": []}))


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
    client = start_client(timeouts=NO_DELAY)
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
    await start_client(timeouts=NO_DELAY).log_in(card)
    assert sum(request.method == ("GET" if path == MENU else "POST") for request in fake_port.requests_to(path)) == 2


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("path", [LIST, DETAIL])
async def test_the_retries_end(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, path: str, status: int
) -> None:
    client = start_client(timeouts=NO_DELAY)
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
    client = start_client(timeouts=NO_DELAY)
    await client.log_in(card)
    fake_port.handlers[path] = respond_bytes(b"", status=status)
    with pytest.raises((PortBusy, ServerError, OutcomeUnknown)):
        await CALLS[path](client)
    assert len(fake_port.requests_to(path)) == 1


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
async def test_the_pause_that_the_port_asks_for_is_kept(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, *, as_date: bool
) -> None:
    client = start_client(timeouts=NO_DELAY)
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
    client = start_client(timeouts=NO_DELAY)
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
    client = start_client(timeouts=NO_DELAY)
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
    client = start_client(timeouts=Timeouts(retry_delays=(1000.0, 1000.0)))
    await client.log_in(card)
    fake_port.handlers[LIST] = respond_bytes(b"", status=503)
    with pytest.raises(ServerError):
        await client.list_page(JUNE, 1)
    assert len(fake_port.requests_to(LIST)) == 1, "the second would come after the limit"


async def test_a_slow_response_is_announced_while_it_comes(root: str, files: ServerFiles, fake_port: FakePort) -> None:
    slow_calls: list[SlowCall | None] = []

    async def handle(_request: Request) -> Response:
        async def drip() -> AsyncIterator[bytes]:
            while len(slow_calls) < 3:
                yield b" "
                await asyncio.sleep(0.01)
            yield b"end"

        return StreamingResponse(drip())

    fake_port.handlers["/"] = handle
    settings = replace(PortSettings.under_root(root, files.ca), timeouts=QUICK_NOTICES)
    transport = HttpTransport(settings, on_slow_call=slow_calls.append)
    response = await transport.send(OutgoingRequest("GET", f"{root}/x"), max_bytes=2**20, max_seconds=30.0)
    assert response.content.endswith(b"end")
    *during, after = slow_calls
    assert after is None
    seconds = [slow_call.seconds for slow_call in during if slow_call is not None]
    assert len(seconds) == len(during)
    assert seconds == sorted(seconds)
    assert seconds[0] >= QUICK_NOTICES.notice
    last = during[-1]
    assert last is not None
    assert (last.limit, last.received > 0, last.is_paused, last.others_answered) == (30.0, True, False, False)
    await transport.aclose()


async def test_a_pause_of_an_overloaded_port_is_announced_and_counts_from_the_first_request(
    root: str, files: ServerFiles, fake_port: FakePort, card: FakeCard
) -> None:
    slow_calls: list[SlowCall | None] = []
    timeouts = replace(QUICK_NOTICES, retry_delays=(0.3,))
    client = PortClient(replace(PortSettings.under_root(root, files.ca), timeouts=timeouts), None, slow_calls.append)
    await client.log_in(card)
    fake_port.handlers[LIST] = _overloaded(1, 503, EMPTY_LIST)
    slow_calls.clear()
    await client.list_page(JUNE, 1)
    assert [slow_call.is_paused for slow_call in slow_calls if slow_call is not None][:1] == [True]
    assert slow_calls[-1] is None
    await client.aclose()


_ENDLESS_SCRIPT = b"function loadAESDecryptStr(text) { while (true) {} }"


async def test_a_response_that_the_script_does_not_open_is_announced(
    root: str, files: ServerFiles, fake_port: FakePort, card: FakeCard
) -> None:
    slow_calls: list[SlowCall | None] = []
    fake_port.handlers[MENU] = respond_bytes(_ENDLESS_SCRIPT)
    fake_port.handlers[LIST] = respond_bytes(b"c2VhbGVk")
    settings = replace(
        PortSettings.under_root(root, files.ca), timeouts=QUICK_NOTICES, script_limits=ScriptLimits(seconds=0.5)
    )
    client = PortClient(settings, None, slow_calls.append)
    await client.log_in(card)
    slow_calls.clear()
    with pytest.raises(ScriptFailed):
        await client.list_page(JUNE, 1)
    *_, last, after = slow_calls
    assert after is None
    assert last is not None
    assert (last.is_opening, last.limit) == (True, 0.5)
    assert last.seconds >= QUICK_NOTICES.notice
    await client.aclose()


async def test_a_call_that_hangs_beside_others_is_told_apart(
    root: str, files: ServerFiles, fake_port: FakePort, card: FakeCard
) -> None:
    slow_calls: list[SlowCall | None] = []
    client = PortClient(
        replace(PortSettings.under_root(root, files.ca), timeouts=QUICK_NOTICES), None, slow_calls.append
    )
    await client.log_in(card)

    async def hang(_request: Request) -> Response:
        for _ in range(3000):
            if any(slow_call is not None and slow_call.others_answered for slow_call in slow_calls):
                break
            await asyncio.sleep(0.01)
        return enveloped({"cardHeadVo": {}, "cardList": []})

    fake_port.handlers[LIST] = EMPTY_LIST
    fake_port.handlers[DETAIL] = hang
    slow_calls.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(client.detail(SUMMARY))
        group.create_task(client.list_page(JUNE, 1))
    assert slow_calls[-1] is None
    await client.aclose()


@pytest.mark.parametrize("path", [LOGIN, SESSION, MENU])
async def test_a_login_has_one_limit_for_all_its_steps(
    start_client: StartClient, fake_port: FakePort, card: FakeCard, path: str
) -> None:
    loop = asyncio.get_running_loop()
    client = start_client(timeouts=Timeouts(total=1000.0, login_total=0.5, retry_delays=(0.0, 0.0)))
    hangs = asyncio.Event()

    async def hang(_request: Request) -> Response:
        await asyncio.wait_for(hangs.wait(), 30)
        return Response()

    fake_port.handlers[path] = hang
    started = loop.time()
    with pytest.raises((ResponseLost, ServerError)):
        await client.log_in(card)
    assert loop.time() - started >= 0.4


@pytest.mark.parametrize("path", [LIST, DETAIL, PREVIEW, DOWNLOAD])
async def test_the_signed_request_of_a_call_shares_its_limit(
    root: str, files: ServerFiles, fake_port: FakePort, card: FakeCard, path: str
) -> None:
    slow_calls: list[SlowCall | None] = []
    timeouts = replace(QUICK_NOTICES, total=1.0, download_total=1.0, retry_delays=())
    client = PortClient(replace(PortSettings.under_root(root, files.ca), timeouts=timeouts), None, slow_calls.append)
    await client.log_in(card)

    async def hang_when_signed(request: Request) -> Response:
        if "sign" not in request.headers:
            await asyncio.sleep(0.5)
            return Response(b'{"responseCode": 30001}')
        await asyncio.sleep(30)
        return Response()

    fake_port.handlers[path] = hang_when_signed
    slow_calls.clear()
    with pytest.raises(ResponseLost):
        await CALLS[path](client)
    limits = sorted({slow_call.limit for slow_call in slow_calls if slow_call is not None})
    assert limits[-1] == pytest.approx(1.0, abs=0.1)
    assert limits[0] <= 0.5
    await client.aclose()
