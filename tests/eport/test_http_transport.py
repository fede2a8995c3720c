"""The line: TLS, time, size, and what of it is logged."""

import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from jiacha_tui.eport.client import PortClient
from jiacha_tui.eport.http_transport import HttpBody, HttpTransport
from jiacha_tui.eport.http_transport import HttpRequest as Outgoing
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
from tests.eport.cards import PaperCard
from tests.eport.fake_port import DOWNLOAD, LIST, LOGIN, MENU, RESEND, Answer, FakePort, answering, raw, sealed
from tests.eport.tls import ServerFiles, connections, make_server_files, serve

PATIENT = Timeouts(retry_delays=(0.0, 0.0))
IMPATIENT = Timeouts(read=0.2)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ServerFiles:
    return make_server_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def root(stand_in: FakePort, files: ServerFiles) -> Iterator[str]:
    with serve(stand_in.application, files) as address:
        yield address


@pytest.fixture
async def over_tls(root: str, files: ServerFiles, card: PaperCard, stand_in: FakePort) -> AsyncIterator[PortClient]:
    """Logged in over a real socket."""
    client = PortClient(replace(PortSettings.under_root(root, files.ca), timeouts=PATIENT))
    await client.log_in(card)
    stand_in.seen.clear()
    yield client
    await client.aclose()


def _cut(times: int, then: Answer, content: bytes = b"half an ans") -> Answer:
    """The first `times` answers end in the middle."""
    left = [None] * times

    async def answer(request: Request) -> Response:
        if not left:
            return await then(request)
        left.pop()

        async def body() -> AsyncIterator[bytes]:
            yield content

        return StreamingResponse(body(), headers={"content-length": "1000"})

    return answer


NOTHING_FOUND = answering(sealed({"total": 0, "rows": []}))


async def test_logs_in_and_asks_over_tls(over_tls: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[LIST] = NOTHING_FOUND
    assert (await over_tls.list_page(JUNE, 1)).total == 0
    assert stand_in.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("cuts", [1, 2])
async def test_a_list_on_a_cut_line_is_asked_for_again(over_tls: PortClient, stand_in: FakePort, cuts: int) -> None:
    stand_in.answers[LIST] = _cut(cuts, NOTHING_FOUND)
    assert (await over_tls.list_page(JUNE, 1)).total == 0
    assert len(stand_in.seen) == cuts + 1


async def test_a_list_is_asked_for_three_times_at_most(over_tls: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[LIST] = _cut(99, NOTHING_FOUND)
    with pytest.raises(PortUnreachable):
        await over_tls.list_page(JUNE, 1)
    assert len(stand_in.seen) == 3


async def test_a_signed_list_is_asked_for_once(over_tls: PortClient, stand_in: FakePort) -> None:
    lost = _cut(99, NOTHING_FOUND)

    async def answer(request: Request) -> Response:
        if request.headers.get("isverify") == "1":
            return await lost(request)
        return JSONResponse({"responseCode": 30001})

    stand_in.answers[LIST] = answer
    with pytest.raises(ResponseLost):
        await over_tls.list_page(JUNE, 1)
    assert sum("sign" in seen.headers for seen in stand_in.seen) == 1


async def test_a_resend_on_a_cut_line_is_unknown_and_never_repeated(over_tls: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[RESEND] = _cut(1, raw(b'{"responseCode":100}'))
    with pytest.raises(OutcomeUnknown):
        await over_tls.resend([ENTRY_ID])
    assert len(stand_in.seen) == 1


async def test_a_download_on_a_cut_line_is_not_half_a_file(over_tls: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[DOWNLOAD] = _cut(1, raw(b"<x/>", "application/xml"), b"<half")
    with pytest.raises(ResponseLost):
        await over_tls.download(JUNE)
    assert len(stand_in.seen) == 1


@pytest.mark.parametrize("begun", [False, True], ids=["silent", "silent after the first bytes"])
async def test_an_answer_that_does_not_come_is_not_waited_for(
    root: str, files: ServerFiles, stand_in: FakePort, *, begun: bool
) -> None:
    async def answer(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            if begun:
                yield b"some"
            while not await request.is_disconnected():
                pass
            yield b"late"

        return StreamingResponse(body())

    stand_in.answers["/"] = answer
    transport = HttpTransport(replace(PortSettings.under_root(root, files.ca), timeouts=IMPATIENT))
    with pytest.raises(ResponseLost):
        await transport.send(Outgoing("GET", f"{root}/x"), max_bytes=1000, max_seconds=30.0)
    await transport.aclose()


async def test_a_trickle_is_not_waited_for_either(root: str, files: ServerFiles, stand_in: FakePort) -> None:
    """Bytes keep coming, so only the time for the whole answer ends it."""

    async def answer(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            while not await request.is_disconnected():
                yield b" "

        return StreamingResponse(body())

    stand_in.answers["/"] = answer
    transport = HttpTransport(PortSettings.under_root(root, files.ca))
    with pytest.raises(ResponseLost):
        await transport.send(Outgoing("GET", f"{root}/x"), max_bytes=2**40, max_seconds=0.3)
    await transport.aclose()


@pytest.mark.parametrize("announced", [True, False])
async def test_an_answer_over_the_limit_is_broken_off(
    root: str, files: ServerFiles, stand_in: FakePort, *, announced: bool
) -> None:
    """What is announced as too long is not even begun; what is not announced would never end."""

    async def answer(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            while not await request.is_disconnected():
                yield b"" if announced else b"x" * 100_000

        return StreamingResponse(body(), headers={"content-length": "1048577"} if announced else {})

    stand_in.answers["/"] = answer
    transport = HttpTransport(PortSettings.under_root(root, files.ca))
    with pytest.raises(InvalidPortResponse, match="1 MiB"):
        await transport.send(Outgoing("GET", f"{root}/x"), max_bytes=1024 * 1024, max_seconds=10.0)
    await transport.aclose()


async def test_the_limits_of_the_settings_hold(stand_in: FakePort, card: PaperCard) -> None:
    small = SizeLimits(login=4096, response=4096, pdf=4096, download=8192)
    settings = replace(PortSettings.under_root("https://port.test"), limits=small)
    client = PortClient(settings, httpx.ASGITransport(stand_in.application))
    await client.log_in(card)
    stand_in.answers[LIST] = raw(b"A" * 4097)
    with pytest.raises(InvalidPortResponse, match="不超过"):
        await client.list_page(JUNE, 1)
    stand_in.answers[DOWNLOAD] = raw(b"<" * 8192, "application/xml")
    assert len(await client.download(JUNE)) == 8192
    stand_in.answers[LOGIN] = raw(b"<" * 4097)
    with pytest.raises(InvalidPortResponse, match="不超过"):
        await client.log_in(card)
    await client.aclose()


async def test_a_compressed_answer_nobody_asked_for_is_garbage(
    root: str, files: ServerFiles, stand_in: FakePort
) -> None:
    async def answer(_request: Request) -> Response:
        return Response(b"no gzip", headers={"content-encoding": "gzip"})

    stand_in.answers["/"] = answer
    transport = HttpTransport(PortSettings.under_root(root, files.ca))
    with pytest.raises(InvalidPortResponse):
        await transport.send(Outgoing("GET", f"{root}/x"), max_bytes=1000, max_seconds=5.0)
    await transport.aclose()


async def test_a_server_that_another_authority_vouches_for_is_not_spoken_to(
    root: str, stand_in: FakePort, card: PaperCard, tmp_path: Path
) -> None:
    stranger = make_server_files(tmp_path).ca
    for ca_file in (stranger, None):
        client = PortClient(PortSettings.under_root(root, ca_file))
        with pytest.raises(TlsFailed):
            await client.log_in(card)
        await client.aclose()
    assert stand_in.seen == []


@pytest.mark.parametrize("fault", [{"days": -1}, {"host": "127.0.0.2"}], ids=["expired", "another host"])
async def test_a_certificate_that_does_not_fit_is_not_trusted(
    stand_in: FakePort, card: PaperCard, tmp_path: Path, fault: dict[str, int]
) -> None:
    files = make_server_files(tmp_path, **fault)  # type: ignore[arg-type] # one of two keywords, each of its own type
    with serve(stand_in.application, files) as address:
        client = PortClient(PortSettings.under_root(address, files.ca))
        with pytest.raises(TlsFailed):
            await client.log_in(card)
        await client.aclose()
    assert stand_in.seen == []


async def test_nobody_there_is_unreachable(files: ServerFiles, card: PaperCard) -> None:
    with connections(lambda line: None, files) as address:
        pass
    client = PortClient(replace(PortSettings.under_root(address, files.ca), timeouts=PATIENT))
    with pytest.raises(PortUnreachable) as problem:
        await client.log_in(card)
    assert not isinstance(problem.value, ResponseLost)
    await client.aclose()


async def test_a_server_that_stands_still_before_the_handshake_is_not_called_a_stranger(
    files: ServerFiles, card: PaperCard
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = PortSettings.under_root(f"https://127.0.0.1:{listener.getsockname()[1]}", files.ca)
        client = PortClient(replace(settings, timeouts=Timeouts(connect=0.2, retry_delays=())))
        with pytest.raises(PortUnreachable) as problem:
            await client.log_in(card)
        assert not isinstance(problem.value, ResponseLost)
        await client.aclose()


async def test_a_resend_that_never_left_is_not_unknown(
    stand_in: FakePort, files: ServerFiles, card: PaperCard, tmp_path: Path
) -> None:
    """Only what may have arrived is unknown; here nothing listens any more."""
    with serve(stand_in.application, files) as address:
        client = PortClient(replace(PortSettings.under_root(address, files.ca), timeouts=PATIENT))
        await client.log_in(card)
    with pytest.raises(PortUnreachable) as problem:
        await client.resend([ENTRY_ID])
    assert not isinstance(problem.value, ResponseLost)
    assert stand_in.calls(RESEND) == []
    await client.aclose()


@pytest.mark.parametrize(
    "line",
    [
        lambda line: None,
        lambda line: line.recv(65536),
        lambda line: (line.recv(65536), line.sendall(b"HTTP/1.1 200 O")),
        lambda line: (line.recv(65536), line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")),
        lambda line: (line.recv(65536), line.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")),
        lambda line: (line.recv(65536), line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")),
    ],
)
async def test_a_login_on_a_broken_line_is_tried_once(
    files: ServerFiles, card: PaperCard, line: Callable[[ssl.SSLSocket], object]
) -> None:
    connected = 0

    def handle(socket: ssl.SSLSocket) -> None:
        nonlocal connected
        connected += 1
        line(socket)

    with connections(handle, files) as address:
        client = PortClient(replace(PortSettings.under_root(address, files.ca), timeouts=PATIENT))
        with pytest.raises(PortUnreachable):
            await client.log_in(card)
        await client.aclose()
    assert connected == 1
    assert card.asked == []


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
def test_an_address_that_is_not_safe_is_refused(address: str, which: str) -> None:
    settings = replace(PortSettings.under_root("https://port.test"), **{which: address})  # type: ignore[arg-type] # both are str
    with pytest.raises(BadAddress) as problem:
        PortClient(settings)
    assert "secret" not in problem.value.message


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080", "https://x.test"]
)
def test_loopback_needs_no_tls(address: str) -> None:
    PortClient(PortSettings.under_root(address))


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_an_authority_file_that_is_none_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadCaFile, match=r"ca\.pem"):
        PortClient(PortSettings.under_root("https://port.test", path))


async def test_nothing_of_a_session_is_logged(
    root: str, files: ServerFiles, card: PaperCard, caplog: pytest.LogCaptureFixture
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


async def test_a_failure_carries_nothing_of_the_library(over_tls: PortClient, stand_in: FakePort) -> None:
    stand_in.answers[LIST] = _cut(99, NOTHING_FOUND)
    with pytest.raises(PortProblem) as problem:
        await over_tls.list_page(JUNE, 1)
    chain: list[BaseException] = []
    link: BaseException | None = problem.value
    while link is not None:
        chain.append(link)
        link = link.__cause__ or link.__context__
    assert all(isinstance(link, PortProblem) for link in chain)


def test_a_body_shows_nothing() -> None:
    assert "12345678" not in repr(HttpBody.form({"userPin": "12345678"}))


def test_form_fields_are_escaped() -> None:
    assert HttpBody.form({"a": "中 &=+", "b": ""}).content == b"a=%E4%B8%AD+%26%3D%2B&b="
    assert MENU.endswith("menuType")
