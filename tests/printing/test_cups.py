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
    ("said", "address"),
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
def test_cups_server_says_where(said: str, address: Address) -> None:
    assert find_server({"CUPS_SERVER": said}) == address


def test_else_it_is_the_local_socket_or_the_local_port(short_folder: Path) -> None:
    path = short_folder / "cups.sock"
    assert find_server({}, [path]) == Address("http://localhost:631")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        assert find_server({}, [short_folder / "missing", path]) == Address("http://localhost", str(path))


@asynccontextmanager
async def answering(folder: Path, reply: bytes) -> AsyncIterator[Address]:
    """A server that gives every request the same HTTP answer."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        writer.close()

    path = str(folder / "fake.sock")
    server = await asyncio.start_unix_server(answer, path)
    async with server:
        yield Address("http://localhost", path)


FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
GARBAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
NOT_HTTP = b"220 smtp ready\r\n"


@pytest.mark.parametrize(
    ("reply", "problem", "said"),
    [
        (FORBIDDEN, PrintFailed, "HTTP 403"),
        (GARBAGE, PrintFailed, "无法识别"),
        (NOT_HTTP, NoPrinter, "连接不上"),
        (b"", NoPrinter, "连接不上"),
    ],
    ids=["forbidden", "garbage", "no http", "hangs up"],
)
async def test_a_server_that_does_not_answer_properly(
    short_folder: Path, reply: bytes, problem: Callable[[str], Exception], said: str
) -> None:
    async with answering(short_folder, reply) as address, Cups(address) as cups:
        with pytest.raises(problem, match=said):  # type: ignore[call-overload]  # one of two classes
            await cups.ask("/", Operation.CUPS_GET_PRINTERS, [])


@pytest.mark.parametrize("reply", [FORBIDDEN, GARBAGE, NOT_HTTP])
async def test_such_a_server_has_no_printers(short_folder: Path, reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(short_folder, reply) as address:
        monkeypatch.setenv("CUPS_SERVER", str(address.socket))
        assert await list_printers() == ()


async def test_without_a_server_there_are_no_printers(short_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(short_folder / "nobody.sock"))
    assert await list_printers() == ()
