"""A socket in front of a print server, on which a test decides when the server answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path


@contextlib.asynccontextmanager
async def gated_socket(path: Path, server: str | None) -> AsyncIterator[asyncio.Event]:
    """Listens on the socket `path`. Connections wait for the event, and then lead to the socket `server`.

    Without a `server` they are closed then, as if the print service had gone.
    """
    gate = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        with contextlib.closing(writer):
            if server is not None:
                to_client = writer
                from_server, to_server = await asyncio.open_unix_connection(server)
                with contextlib.closing(to_server):
                    await asyncio.gather(_copy(reader, to_server), _copy(from_server, to_client))

    listener = await asyncio.start_unix_server(serve, path)
    try:
        yield gate
    finally:
        listener.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies everything, then closes the writing end."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.write_eof()
