"""A TCP relay in front of the control, which a test can interrupt and which counts connections."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

_READ_BYTES = 65536


class Relay:
    """Forwards connections to a port of this machine. `connections` counts them.

    After `cut` it accepts connections and ends them at once, like `ssh -R` if nothing listens at its other end. After
    `stop` it does not accept any.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._forwarding = True
        self._server: asyncio.Server | None = None
        self.connections = 0

    async def start(self) -> int:
        """Starts to listen and returns the port."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()

    def cut(self) -> None:
        self._forwarding = False
        for writer in self._writers:
            writer.transport.abort()

    def repair(self) -> None:
        self._forwarding = True

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if not self._forwarding:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers |= {writer, far_writer}
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        self._writers -= {writer, far_writer}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_READ_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def relaying(url: str) -> AsyncIterator[tuple[str, Relay]]:
    """A relay in front of `url`, and the address of the relay."""
    relay = Relay(int(url.rpartition(":")[2]))
    try:
        yield f"ws://127.0.0.1:{await relay.start()}", relay
    finally:
        relay.stop()
