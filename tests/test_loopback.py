"""The protection of the tests against network access."""

import asyncio
import socket

import pytest

from tests.loopback import OutsideLoopback


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("10.0.0.1", 80)])
def test_a_connection_to_another_machine_fails(address: tuple[str, int]) -> None:
    with socket.socket() as client, pytest.raises(OutsideLoopback):
        client.connect(address)


def test_a_name_lookup_fails() -> None:
    with pytest.raises(OutsideLoopback):
        socket.getaddrinfo("example.org", 443)


async def test_an_asyncio_connection_to_another_machine_fails() -> None:
    with pytest.raises(OutsideLoopback):
        await asyncio.open_connection("2001:db8::1", 443)


def test_a_datagram_to_another_machine_fails() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(OutsideLoopback):
        sender.sendto(b"?", ("192.0.2.1", 53))


async def test_a_connection_to_loopback_works() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
