"""A line to the control that a test can cut, and that counts who comes along it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

_AT_ONCE = 65536


class Relay:
    """Carries connections on, each counted in `came`, until it is `cut`: then it ends them as soon as they are made.

    So does `ssh -R` behind whose far end nothing listens.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._whole = True
        self.connections = 0

    def cut(self) -> None:
        self._whole = False
        for writer in self._writers:
            writer.transport.abort()

    def repair(self) -> None:
        self._whole = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if not self._whole:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        self._writers -= {writer, far_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_AT_ONCE):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def relaying(url: str) -> AsyncIterator[tuple[str, Relay]]:
    """An address that leads to `url`, and the line in between."""
    relay = Relay(int(url.rpartition(":")[2]))
    server = await asyncio.start_server(relay.carry, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", relay
    finally:
        relay.cut()
        server.close()
