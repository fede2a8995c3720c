"""The HTTP transport over real sockets: TLS, time and size limits, retries, logs."""

import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from jiacha_tui.clock import utc_now
from jiacha_tui.demo.card_issuing import make_ca
from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.http_transport import HttpBody, HttpTransport
from jiacha_tui.eport.http_transport import HttpRequest as OutgoingRequest
from jiacha_tui.eport.problems import (
    BadAddress,
    BadCaFile,
    InvalidPortResponse,
    OutcomeUnknown,
    PortProblem,
    PortUnreachable,
    ResponseLost,
    TlsFailed,
)
from jiacha_tui.eport.settings import PortSettings, SizeLimits, Timeouts
from tests.eport.calls import ENTRY_ID, JUNE
from tests.eport.cards import FakeCard
from tests.eport.fake_port import (
    DOWNLOAD,
    LIST,
    LOGIN,
    MENU,
    RESEND,
    SESSION,
    FakePort,
    Handler,
    enveloped,
    respond_bytes,
    respond_with,
)
from tests.eport.tls import ServerFiles, make_server_files, serve, serve_connections

NO_RETRY_DELAY = Timeouts(retry_delays=(0.0, 0.0))
SHORT_READ_TIMEOUT = Timeouts(read=0.2)


@pytest.fixture
async def tls_client(root: str, files: ServerFiles, card: FakeCard, fake_port: FakePort) -> AsyncIterator[PortClient]:
    """A client that is logged in over a real TLS socket."""
    client = PortClient(replace(PortSettings.under_root(root, files.ca), timeouts=NO_RETRY_DELAY))
    await client.log_in(card)
    fake_port.requests.clear()
    yield client
    await client.aclose()


def _cut_off(times: int, then: Handler, content: bytes = b"half a resp") -> Handler:
    """A handler whose first `times` responses end too early; `then` handles the later requests."""
    left = times

    async def handle(request: Request) -> Response:
        nonlocal left
        if not left:
            return await then(request)
        left -= 1

        async def body() -> AsyncIterator[bytes]:
            yield content

        return StreamingResponse(body(), headers={"content-length": "1000"})

    return handle


EMPTY_LIST = respond_with(enveloped({"total": 0, "rows": []}))


async def test_login_and_call_over_tls(tls_client: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[LIST] = EMPTY_LIST
    assert (await tls_client.list_page(JUNE, 1)).total == 0
    assert fake_port.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("cuts", [1, 2])
async def test_a_list_request_is_repeated_if_the_connection_fails(
    tls_client: PortClient, fake_port: FakePort, cuts: int
) -> None:
    fake_port.handlers[LIST] = _cut_off(cuts, EMPTY_LIST)
    assert (await tls_client.list_page(JUNE, 1)).total == 0
    assert len(fake_port.requests) == cuts + 1


async def test_a_list_is_requested_at_most_three_times(tls_client: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[LIST] = _cut_off(99, EMPTY_LIST)
    with pytest.raises(PortUnreachable):
        await tls_client.list_page(JUNE, 1)
    assert len(fake_port.requests) == 3


async def test_a_signed_list_request_is_not_repeated(tls_client: PortClient, fake_port: FakePort) -> None:
    lost = _cut_off(99, EMPTY_LIST)

    async def handle(request: Request) -> Response:
        if request.headers.get("isverify") == "1":
            return await lost(request)
        return JSONResponse({"responseCode": 30001})

    fake_port.handlers[LIST] = handle
    with pytest.raises(ResponseLost):
        await tls_client.list_page(JUNE, 1)
    assert sum("sign" in request.headers for request in fake_port.requests) == 1


async def test_a_resend_with_a_lost_response_is_unknown_and_not_repeated(
    tls_client: PortClient, fake_port: FakePort
) -> None:
    fake_port.handlers[RESEND] = _cut_off(1, respond_bytes(b'{"responseCode":100}'))
    with pytest.raises(OutcomeUnknown):
        await tls_client.resend([ENTRY_ID])
    assert [request.path for request in fake_port.requests] == [SESSION, RESEND]


async def test_a_download_that_ends_too_early_returns_no_file(tls_client: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[DOWNLOAD] = _cut_off(1, respond_bytes(b"<x/>", "application/xml"), b"<half")
    with pytest.raises(ResponseLost):
        await tls_client.download(JUNE)
    assert len(fake_port.requests) == 1


@pytest.mark.parametrize("has_begun", [False, True], ids=["silent", "silent after the first bytes"])
async def test_a_response_that_does_not_come_ends_in_the_read_timeout(
    root: str, files: ServerFiles, fake_port: FakePort, *, has_begun: bool
) -> None:
    async def handle(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            if has_begun:
                yield b"some"
            while not await request.is_disconnected():
                pass
            yield b"late"

        return StreamingResponse(body())

    fake_port.handlers["/"] = handle
    transport = HttpTransport(replace(PortSettings.under_root(root, files.ca), timeouts=SHORT_READ_TIMEOUT))
    with pytest.raises(ResponseLost):
        await transport.send(OutgoingRequest("GET", f"{root}/x"), max_bytes=1000, max_seconds=30.0)
    await transport.aclose()


async def test_an_endless_response_ends_in_the_total_timeout(
    root: str, files: ServerFiles, fake_port: FakePort
) -> None:
    """Bytes keep coming, so the read timeout never passes."""

    async def handle(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            while not await request.is_disconnected():
                yield b" "

        return StreamingResponse(body())

    fake_port.handlers["/"] = handle
    transport = HttpTransport(PortSettings.under_root(root, files.ca))
    with pytest.raises(ResponseLost):
        await transport.send(OutgoingRequest("GET", f"{root}/x"), max_bytes=2**40, max_seconds=0.3)
    await transport.aclose()


@pytest.mark.parametrize("with_length", [True, False])
async def test_a_response_over_the_size_limit_is_refused(
    root: str, files: ServerFiles, fake_port: FakePort, *, with_length: bool
) -> None:
    """With a content-length the body is not read at all; without one it would never end."""

    async def handle(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            while not await request.is_disconnected():
                yield b"" if with_length else b"x" * 100_000

        return StreamingResponse(body(), headers={"content-length": "1048577"} if with_length else {})

    fake_port.handlers["/"] = handle
    transport = HttpTransport(PortSettings.under_root(root, files.ca))
    with pytest.raises(InvalidPortResponse, match="1 MiB"):
        await transport.send(OutgoingRequest("GET", f"{root}/x"), max_bytes=1024 * 1024, max_seconds=10.0)
    await transport.aclose()


async def test_the_size_limits_of_the_settings_apply(fake_port: FakePort, card: FakeCard) -> None:
    limits = SizeLimits(login=4096, response=4096, pdf=4096, download=8192)
    settings = replace(PortSettings.under_root("https://port.test"), limits=limits)
    client = PortClient(settings, httpx.ASGITransport(fake_port.application))
    await client.log_in(card)
    fake_port.handlers[LIST] = respond_bytes(b"A" * 4097)
    with pytest.raises(InvalidPortResponse, match="不超过"):
        await client.list_page(JUNE, 1)
    fake_port.handlers[DOWNLOAD] = respond_bytes(b"<x>".ljust(8192), "application/xml")
    assert len(await client.download(JUNE)) == 8192
    fake_port.handlers[LOGIN] = respond_bytes(b"<" * 4097)
    with pytest.raises(InvalidPortResponse, match="不超过"):
        await client.log_in(card)
    await client.aclose()


async def test_a_compressed_response_is_refused(root: str, files: ServerFiles, fake_port: FakePort) -> None:
    async def handle(_request: Request) -> Response:
        return Response(b"no gzip", headers={"content-encoding": "gzip"})

    fake_port.handlers["/"] = handle
    transport = HttpTransport(PortSettings.under_root(root, files.ca))
    with pytest.raises(InvalidPortResponse):
        await transport.send(OutgoingRequest("GET", f"{root}/x"), max_bytes=1000, max_seconds=5.0)
    await transport.aclose()


async def test_a_certificate_of_an_untrusted_ca_is_refused(
    root: str, fake_port: FakePort, card: FakeCard, tmp_path: Path
) -> None:
    other_ca = make_server_files(tmp_path, make_ca(utc_now())).ca
    for ca_file in (other_ca, None):
        client = PortClient(PortSettings.under_root(root, ca_file))
        with pytest.raises(TlsFailed):
            await client.log_in(card)
        await client.aclose()
    assert fake_port.requests == []


@pytest.mark.parametrize("fault", [{"days": -1}, {"host": "127.0.0.2"}], ids=["expired", "another host"])
async def test_an_expired_certificate_or_one_of_another_host_is_refused(
    fake_port: FakePort, card: FakeCard, tmp_path: Path, fault: dict[str, int]
) -> None:
    files = make_server_files(tmp_path, **fault)  # type: ignore[arg-type] # one of two keywords, each of its own type
    with serve(fake_port.application, files) as address:
        client = PortClient(PortSettings.under_root(address, files.ca))
        with pytest.raises(TlsFailed):
            await client.log_in(card)
        await client.aclose()
    assert fake_port.requests == []


async def test_a_closed_port_is_unreachable(files: ServerFiles, card: FakeCard) -> None:
    with serve_connections(lambda connection: None, files) as address:
        pass
    client = PortClient(replace(PortSettings.under_root(address, files.ca), timeouts=NO_RETRY_DELAY))
    with pytest.raises(PortUnreachable) as problem:
        await client.log_in(card)
    assert not isinstance(problem.value, ResponseLost)
    await client.aclose()


async def test_a_server_that_does_not_answer_the_handshake_is_unreachable(files: ServerFiles, card: FakeCard) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = PortSettings.under_root(f"https://127.0.0.1:{listener.getsockname()[1]}", files.ca)
        client = PortClient(replace(settings, timeouts=Timeouts(connect=0.2, retry_delays=())))
        with pytest.raises(PortUnreachable) as problem:
            await client.log_in(card)
        assert not isinstance(problem.value, ResponseLost)
        await client.aclose()


async def test_a_resend_that_was_not_sent_is_unreachable_and_not_unknown(
    fake_port: FakePort, files: ServerFiles, card: FakeCard, tmp_path: Path
) -> None:
    """The server has stopped listening, so the request cannot have arrived."""
    with serve(fake_port.application, files) as address:
        client = PortClient(replace(PortSettings.under_root(address, files.ca), timeouts=NO_RETRY_DELAY))
        await client.log_in(card)
    with pytest.raises(PortUnreachable) as problem:
        await client.resend([ENTRY_ID])
    assert not isinstance(problem.value, ResponseLost)
    assert fake_port.requests_to(RESEND) == []
    await client.aclose()


@pytest.mark.parametrize(
    "behaviour",
    [
        lambda connection: None,
        lambda connection: connection.recv(65536),
        lambda connection: (connection.recv(65536), connection.sendall(b"HTTP/1.1 200 O")),
        lambda connection: (
            connection.recv(65536),
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"),
        ),
        lambda connection: (connection.recv(65536), connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")),
        lambda connection: (
            connection.recv(65536),
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ),
    ],
)
async def test_a_login_is_not_repeated_if_the_connection_fails(
    files: ServerFiles, card: FakeCard, behaviour: Callable[[ssl.SSLSocket], object]
) -> None:
    connected = 0

    def handle(connection: ssl.SSLSocket) -> None:
        nonlocal connected
        connected += 1
        behaviour(connection)

    with serve_connections(handle, files) as address:
        client = PortClient(replace(PortSettings.under_root(address, files.ca), timeouts=NO_RETRY_DELAY))
        with pytest.raises(PortUnreachable):
            await client.log_in(card)
        await client.aclose()
    assert connected == 1
    assert card.calls == []


@pytest.mark.parametrize(
    "address",
    [
        "http://i.chinaport.gov.cn/rtxwebserver/",
        "http://127.0.0.1.example.com/",
        "ftp://127.0.0.1/",
        "https://user:secret@i.chinaport.gov.cn/",
        "https:///rtxwebserver/",
        "i.chinaport.gov.cn",
        "",
        "https://[",
    ],
)
@pytest.mark.parametrize("which", ["login_url", "service_url"])
def test_an_unsafe_address_is_refused(address: str, which: str) -> None:
    settings = replace(PortSettings.under_root("https://port.test"), **{which: address})  # type: ignore[arg-type] # both are str
    with pytest.raises(BadAddress) as problem:
        PortClient(settings)
    assert "secret" not in problem.value.message


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080", "https://x.test"]
)
def test_https_and_http_on_loopback_are_accepted(address: str) -> None:
    PortClient(PortSettings.under_root(address))


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_bad_ca_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadCaFile, match=r"ca\.pem"):
        PortClient(PortSettings.under_root("https://port.test", path))


async def test_no_secret_of_a_session_is_logged(
    root: str, files: ServerFiles, card: FakeCard, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = PortClient(PortSettings.under_root(root, files.ca))
    await client.log_in(card)
    await client.aclose()
    ours = [record for record in caplog.records if not record.name.startswith("uvicorn")]
    logged = "\n".join(f"{record.name} {record.getMessage()} {record.args}" for record in ours)
    assert "httpx" not in logged
    assert "httpcore" not in logged
    for secret in ("ticket", "ST-1", "TGT-secret", "session-secret", "rd-55"):
        assert secret not in logged


async def test_a_failure_has_no_exception_of_httpx(tls_client: PortClient, fake_port: FakePort) -> None:
    fake_port.handlers[LIST] = _cut_off(99, EMPTY_LIST)
    with pytest.raises(PortProblem) as problem:
        await tls_client.list_page(JUNE, 1)
    chain: list[BaseException] = []
    error: BaseException | None = problem.value
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    assert all(isinstance(error, PortProblem) for error in chain)


def test_the_repr_of_a_body_has_no_content() -> None:
    assert "12345678" not in repr(HttpBody.form({"userPin": "12345678"}))


def test_form_fields_are_escaped() -> None:
    assert HttpBody.form({"a": "中 &=+", "b": ""}).content == b"a=%E4%B8%AD+%26%3D%2B&b="
    assert MENU.endswith("menuType")
