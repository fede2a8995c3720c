"""Clients that connect to the embedded port over TLS and send their request slowly, or not at all."""

import asyncio
import socket
import ssl
from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from jiacha_tui.demo.http_protocol import PortHttpProtocol
from tests.eport.tls import ServerFiles, make_server_files, serve

_WAIT_SECONDS = 30.0
_DRIPPED_BYTES = 400


class _Impatient(PortHttpProtocol):
    request_seconds = 0.5


async def _answer_slowly(scope: Scope, receive: Receive, send: Send) -> None:
    await Request(scope, receive).body()
    await asyncio.sleep(2 * _Impatient.request_seconds)
    await Response(b"whole")(scope, receive, send)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> ServerFiles:
    return make_server_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def client(files: ServerFiles) -> Iterator[ssl.SSLSocket]:
    with serve(_answer_slowly, files, _Impatient) as root:
        host, _, port = root.removeprefix("https://").partition(":")
        context = ssl.create_default_context(cafile=files.ca)
        with (
            socket.create_connection((host, int(port)), _WAIT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as client,
        ):
            yield client


def _ended(client: ssl.SSLSocket) -> bool:
    """Whether the server has ended the connection. Waits for that, and fails after _WAIT_SECONDS."""
    try:
        return client.recv(1) == b""
    except (ConnectionError, ssl.SSLEOFError):
        return True


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET /", b"GET / HTTP/1.1\r\nHost: a\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1234"],
    ids=["nothing", "half a line", "half the headers", "half the body"],
)
def test_a_request_that_stands_still_is_ended(client: ssl.SSLSocket, beginning: bytes) -> None:
    client.sendall(beginning)
    assert _ended(client)


def test_a_byte_now_and_then_does_not_hold_a_connection(client: ssl.SSLSocket) -> None:
    client.sendall(b"GET / HTTP/1.1\r\nX: ")
    client.settimeout(0.05)
    for _ in range(_DRIPPED_BYTES):
        try:
            client.sendall(b"x")
            assert client.recv(1) == b""
        except TimeoutError:
            continue
        except (ConnectionError, ssl.SSLError):
            pass
        return
    pytest.fail("the connection is still open")


def test_a_slow_answer_to_a_whole_request_is_not_cut(client: ssl.SSLSocket) -> None:
    for _ in range(2):
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        received = b""
        while not received.endswith(b"whole"):
            chunk = client.recv(4096)
            assert chunk, received
            received += chunk
