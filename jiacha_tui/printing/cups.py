"""The way to the machine's print server: CUPS on its socket, or where CUPS_SERVER says."""

import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from jiacha_tui.printing.ipp import Attribute, NotIpp, Operation, Response, decode_response, encode_request
from jiacha_tui.printing.problems import NoPrinter, PrintFailed

_SOCKETS = (Path("/run/cups/cups.sock"), Path("/var/run/cups/cups.sock"))
_PORT = 631
_TIME_LIMIT = httpx.Timeout(10.0, connect=3.0)
_IPP = "application/ipp"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens: a socket, or a host and port in `url`."""

    url: str
    socket: str | None = None


def find_server(environ: Mapping[str, str], sockets: Sequence[Path] = _SOCKETS) -> Address:
    """The server that CUPS's own programs would use: CUPS_SERVER, else the local socket, else the local port."""
    # A version may follow the host: print.example.com/version=1.1
    said = environ.get("CUPS_SERVER", "").split("/version=")[0].strip()
    if said.startswith("/"):
        return Address("http://localhost", said)
    if said:
        host_has_port = said.rpartition("]")[2].count(":") == 1
        host = f"[{said}]" if said.count(":") > 1 and "[" not in said else said
        return Address(f"http://{host}" if host_has_port else f"http://{host}:{_PORT}")
    for socket in sockets:
        if socket.is_socket():
            return Address("http://localhost", str(socket))
    return Address(f"http://localhost:{_PORT}")


class Cups:
    """A connection to a print server, to be used in `async with`."""

    def __init__(self, address: Address) -> None:
        transport = httpx.AsyncHTTPTransport(uds=address.socket)
        self._client = httpx.AsyncClient(
            transport=transport, base_url=address.url, timeout=_TIME_LIMIT, trust_env=False, follow_redirects=False
        )
        self._request_ids = itertools.count(1)

    @classmethod
    def of_this_machine(cls) -> Self:
        return cls(find_server(os.environ))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def ask(
        self, path: str, operation: Operation, attributes: Sequence[Attribute], document: bytes = b""
    ) -> Response:
        """The server's answer, whatever its status. Raises NoPrinter if there is none, PrintFailed for no answer."""
        request = encode_request(operation, next(self._request_ids), attributes)
        try:
            reply = await self._client.post(path, content=request + document, headers={"content-type": _IPP})
            if reply.status_code != httpx.codes.OK:
                raise PrintFailed(f"打印服务拒绝了请求（HTTP {reply.status_code}）")
            return decode_response(reply.content)
        except httpx.TransportError as error:
            raise NoPrinter("连接不上打印服务") from error
        except NotIpp as error:
            raise PrintFailed("打印服务的应答无法识别") from error
