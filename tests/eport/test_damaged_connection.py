"""What arrives damaged, or cannot be used by the layers below, becomes a PortProblem at every kind of call."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
from starlette.requests import Request
from starlette.responses import Response

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.http_transport import HttpRequest, HttpTransport
from jiacha_tui.eport.problems import (
    InvalidPortResponse,
    NotLoggedIn,
    OutcomeUnknown,
    PortProblem,
    ResponseLost,
)
from jiacha_tui.eport.settings import PortSettings, Timeouts
from tests.eport.calls import CALLS, ENTRY_ID, SUMMARY
from tests.eport.cards import FakeCard
from tests.eport.damaging_relay import DamagingRelay
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
    enveloped,
    respond_bytes,
    respond_with,
)
from tests.eport.tls import ServerFiles, serve

NO_RETRY_DELAY = Timeouts(retry_delays=(0.0, 0.0))


@pytest.fixture
def relay(fake_port: FakePort) -> DamagingRelay:
    fake_port.handlers[LIST] = respond_with(enveloped({"total": 0, "rows": []}))
    fake_port.handlers[DETAIL] = respond_with(enveloped({"cardHeadVo": {"entryId": SUMMARY.entry_id}, "cardList": []}))
    fake_port.handlers[RESEND] = respond_bytes(b'{"responseCode":100}', "application/json")
    fake_port.handlers[PREVIEW] = respond_bytes(b"%PDF-1.4 print", "application/pdf")
    fake_port.handlers[DOWNLOAD] = respond_bytes(b"<x/>", "application/xml")
    return DamagingRelay(fake_port.application)


@pytest.fixture
def address(relay: DamagingRelay, files: ServerFiles) -> Iterator[str]:
    with serve(relay, files) as root, relay.relay(root) as address:
        yield address


@pytest.fixture
async def client(address: str, files: ServerFiles) -> AsyncIterator[PortClient]:
    client = PortClient(replace(PortSettings.under_root(address, files.ca), timeouts=NO_RETRY_DELAY))
    yield client
    await client.aclose()


@pytest.mark.parametrize("path", list(CALLS), ids=lambda path: path.rpartition("/")[2])
async def test_a_damaged_record_costs_one_call_at_most(
    client: PortClient, relay: DamagingRelay, card: FakeCard, path: str
) -> None:
    await client.log_in(card)
    relay.requests.clear()
    relay.path, relay.times = path, 1
    if path in (LIST, DETAIL):
        await CALLS[path](client)
    else:
        with pytest.raises(OutcomeUnknown if path == RESEND else ResponseLost):
            await CALLS[path](client)
    sent = [one for one in relay.requests if one.startswith(path)]
    assert len(sent) == (2 if path in (LIST, DETAIL) else 1), "only what changes nothing is repeated"
    await CALLS[path](client)


@pytest.mark.parametrize("path", [LIST, DETAIL, SESSION], ids=["list", "detail", "session before a resend"])
async def test_a_connection_that_always_damages_is_a_lost_response(
    client: PortClient, relay: DamagingRelay, card: FakeCard, path: str
) -> None:
    await client.log_in(card)
    relay.requests.clear()
    relay.path, relay.times = path, 99
    with pytest.raises(ResponseLost):
        await CALLS[RESEND if path == SESSION else path](client)
    assert relay.requests == [path] * 3, "nothing was resent"


@pytest.mark.parametrize("path", [LOGIN, SESSION, MENU], ids=["page", "session", "script"])
async def test_a_damaged_login_is_a_problem_and_the_next_one_works(
    client: PortClient, relay: DamagingRelay, card: FakeCard, path: str
) -> None:
    relay.path, relay.times = path, 99
    with pytest.raises(ResponseLost):
        await client.log_in(card)
    relay.times = 0
    await client.log_in(card)


async def test_a_damaged_response_to_the_form_is_not_repeated(
    client: PortClient, relay: DamagingRelay, card: FakeCard
) -> None:
    class SpoilingCard(FakeCard):
        """Signs, and from then on the port's login is damaged."""

        async def sign(self, text: str) -> str:
            relay.path, relay.times = LOGIN, 99
            return await super().sign(text)

    with pytest.raises(ResponseLost):
        await client.log_in(SpoilingCard())
    assert relay.requests.count(LOGIN) == 2, "the page and the form"


HEADERS = [
    {"location": "https://xn--a/", "status": "302"},
    {"location": "https://xn--/x", "status": "302"},
    {"location": "https://[/", "status": "302"},
    {"retry-after": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "status": "503"},
    {"retry-after": "Mon, 01 Jan 2026 00:00:00 +999999999999999999999", "status": "429"},
    {
        "retry-after": "Mon, 01 Jan 2027 00:00:00 GMT",
        "date": "1 Jan 99999999999999999999 00:00:00 GMT",
        "status": "503",
    },
    {"content-encoding": "gzip"},
    {"content-encoding": "deflate"},
    {"content-type": "text/html; charset=\u00e9"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=",".join)
@pytest.mark.parametrize("path", [LIST, RESEND, DOWNLOAD, LOGIN], ids=["list", "resend", "download", "login"])
async def test_headers_that_cannot_be_used_are_problems(
    client: PortClient, fake_port: FakePort, card: FakeCard, path: str, headers: dict[str, str]
) -> None:
    await client.log_in(card)
    fields = {name: value for name, value in headers.items() if name != "status"}
    fake_port.handlers = {path: respond_with(Response(b"no gzip", int(headers.get("status", "200")), fields))}
    with pytest.raises(PortProblem):
        await (client.log_in(card) if path == LOGIN else CALLS[path](client))


async def test_a_cookie_that_cannot_be_sent_back_is_a_problem(
    client: PortClient, fake_port: FakePort, card: FakeCard
) -> None:
    await client.log_in(card)

    async def handle(_request: Request) -> Response:
        response = Response(b"{}")
        response.raw_headers.append((b"set-cookie", "a=会话; Path=/".encode()))
        return response

    fake_port.handlers[LIST] = handle
    for _ in range(2):
        with pytest.raises(InvalidPortResponse):
            await CALLS[LIST](client)
    with pytest.raises(PortProblem):
        await client.resend([ENTRY_ID])
    await client.log_in(card)


async def test_a_closed_client_sends_nothing(address: str, files: ServerFiles, relay: DamagingRelay) -> None:
    transport = HttpTransport(PortSettings.under_root(address, files.ca))
    await transport.aclose()
    with pytest.raises(NotLoggedIn):
        await transport.send(HttpRequest("GET", address), max_bytes=1000, max_seconds=5.0)
    assert relay.requests == []
