"""Connects to the print server of this machine: CUPS on its socket, or the server that CUPS_SERVER names."""

import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from jiacha_tui.printing.ipp import Attribute, InvalidIppMessage, Operation, Response, decode_response, encode_request
from jiacha_tui.printing.problems import NoPrinter, PrintFailed

_SOCKETS = (Path("/run/cups/cups.sock"), Path("/var/run/cups/cups.sock"))
_PORT = 631
_TIME_LIMIT = httpx.Timeout(10.0, connect=3.0)
_IPP = "application/ipp"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens: on `socket` or, if that is None, on the host and port of `url`."""

    url: str
    socket: str | None = None


def find_server(environ: Mapping[str, str], sockets: Sequence[Path] = _SOCKETS) -> Address:
    """Returns the server that CUPS itself would use: CUPS_SERVER, else the local socket, else the local port."""
    # CUPS_SERVER may name a version too: print.example.com/version=1.1
    server = environ.get("CUPS_SERVER", "").split("/version=")[0].strip()
    if server.startswith("/"):
        return Address("http://localhost", server)
    if server:
        host_has_port = server.rpartition("]")[2].count(":") == 1
        host = f"[{server}]" if server.count(":") > 1 and "[" not in server else server
        return Address(f"http://{host}" if host_has_port else f"http://{host}:{_PORT}")
    for socket in sockets:
        if socket.is_socket():
            return Address("http://localhost", str(socket))
    return Address(f"http://localhost:{_PORT}")


class Cups:
    """A connection to a print server. Use it in `async with`, which closes it."""

    def __init__(self, address: Address) -> None:
        transport = httpx.AsyncHTTPTransport(uds=address.socket)
        self._client = httpx.AsyncClient(
            transport=transport, base_url=address.url, timeout=_TIME_LIMIT, trust_env=False, follow_redirects=False
        )
        self._request_ids = itertools.count(1)

    @classmethod
    def from_environment(cls) -> Self:
        """A connection to the server that `find_server` returns."""
        return cls(find_server(os.environ))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def request(
        self, path: str, operation: Operation, attributes: Sequence[Attribute], document: bytes = b""
    ) -> Response:
        """Sends a request to `path` and returns the response, whatever its status.

        Raises NoPrinter if no server can be reached, PrintFailed if its response is not a valid IPP response.
        """
        message = encode_request(operation, next(self._request_ids), attributes)
        try:
            response = await self._client.post(path, content=message + document, headers={"content-type": _IPP})
            if response.status_code != httpx.codes.OK:
                raise PrintFailed(f"打印服务拒绝了请求（HTTP {response.status_code}）")
            return decode_response(response.content)
        except httpx.TransportError as error:
            raise NoPrinter("连接不上打印服务") from error
        except InvalidIppMessage as error:
            raise PrintFailed("打印服务的应答无法识别") from error
