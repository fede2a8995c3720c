"""Finding the print server, and what happens where it does not respond properly."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from jiacha_tui.printing.cups import Address, Cups, find_server
from jiacha_tui.printing.ipp import Operation
from jiacha_tui.printing.printers import list_printers
from jiacha_tui.printing.problems import NoPrinter, PrintFailed


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("/run/other.sock", Address("http://localhost", "/run/other.sock")),
        ("print.example.com", Address("http://print.example.com:631")),
        ("print.example.com:8631", Address("http://print.example.com:8631")),
        ("print.example.com/version=1.1", Address("http://print.example.com:631")),
        ("192.0.2.7", Address("http://192.0.2.7:631")),
        ("[::1]", Address("http://[::1]:631")),
        ("[::1]:8631", Address("http://[::1]:8631")),
        ("::1", Address("http://[::1]:631")),
    ],
)
def test_cups_server_names_the_server(variable: str, address: Address) -> None:
    assert find_server({"CUPS_SERVER": variable}) == address


def test_otherwise_it_is_the_local_socket_or_the_local_port(short_folder: Path) -> None:
    path = short_folder / "cups.sock"
    assert find_server({}, [path]) == Address("http://localhost:631")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        assert find_server({}, [short_folder / "missing", path]) == Address("http://localhost", str(path))


@asynccontextmanager
async def fake_server(folder: Path, response: bytes) -> AsyncIterator[Address]:
    """A server that sends `response` to every request."""

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response)
        await writer.drain()
        writer.close()

    path = str(folder / "fake.sock")
    server = await asyncio.start_unix_server(respond, path)
    async with server:
        yield Address("http://localhost", path)


FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
NOT_IPP = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
NOT_HTTP = b"220 smtp ready\r\n"


@pytest.mark.parametrize(
    ("response", "problem", "message"),
    [
        (FORBIDDEN, PrintFailed, "HTTP 403"),
        (NOT_IPP, PrintFailed, "无法识别"),
        (NOT_HTTP, NoPrinter, "连接不上"),
        (b"", NoPrinter, "连接不上"),
    ],
    ids=["forbidden", "not ipp", "not http", "closes"],
)
async def test_a_server_that_does_not_respond_properly(
    short_folder: Path, response: bytes, problem: Callable[[str], Exception], message: str
) -> None:
    async with fake_server(short_folder, response) as address, Cups(address) as cups:
        with pytest.raises(problem, match=message):  # type: ignore[call-overload]  # one of two classes
            await cups.request("/", Operation.CUPS_GET_PRINTERS, [])


@pytest.mark.parametrize("response", [FORBIDDEN, NOT_IPP, NOT_HTTP])
async def test_such_a_server_has_no_printers(
    short_folder: Path, response: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fake_server(short_folder, response) as address:
        monkeypatch.setenv("CUPS_SERVER", str(address.socket))
        assert await list_printers() == ()


async def test_without_a_server_there_are_no_printers(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(short_folder / "missing.sock"))
    assert await list_printers() == ()
