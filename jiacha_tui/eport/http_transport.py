"""One HTTP request and its whole answer: over TLS that was verified, within limits of time and size, without a trace.

Redirects are never followed here. What fails is raised as a PortProblem that no httpx exception hangs on: those carry
the request, with its cookies and its form.
"""

import asyncio
import ipaddress
import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx

from jiacha_tui import __version__
from jiacha_tui.eport.problems import (
    BadAddress,
    BadCaFile,
    InvalidPortResponse,
    PortProblem,
    PortUnreachable,
    ResponseLost,
    TlsFailed,
)
from jiacha_tui.eport.settings import PortSettings

_CONNECTIONS = 8
_DIGITS_OF_A_LENGTH = 18
_HOST = re.compile(r"[0-9A-Za-z.:-]+")
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpBody:
    """What a request carries. It may hold a PIN, so it does not show itself."""

    content_type: str
    content: bytes = field(repr=False)

    @classmethod
    def form(cls, fields: Mapping[str, str]) -> "HttpBody":
        return cls("application/x-www-form-urlencoded", urlencode(fields).encode("ascii"))

    @classmethod
    def json(cls, content: bytes) -> "HttpBody":
        return cls("application/json", content)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. Its address may hold a ticket and its headers a session, so they do not show themselves."""

    method: str
    url: str | httpx.URL = field(repr=False)
    body: HttpBody | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A whole answer. `location` is where a redirect leads, absolute; like the content it may hold a session."""

    status: int
    content_type: str
    location: httpx.URL | None = field(repr=False)
    content: bytes = field(repr=False)


class HttpTransport:
    """The connections to one port; cookies live in here and nowhere else.

    Raises BadAddress unless both addresses are https, or http on loopback or over a transport within this process;
    BadCaFile.
    """

    def __init__(self, settings: PortSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        in_process = transport is not None
        self._origins = frozenset(
            _origin(_checked(address, in_process=in_process)) for address in (settings.login_url, settings.service_url)
        )
        _silence_the_library()
        patience = settings.timeouts
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=True if in_process else _trust(settings.ca_file),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(patience.read, connect=patience.connect),
            limits=httpx.Limits(max_connections=_CONNECTIONS),
            # What the port wraps does not compress, and nothing can then grow on arrival.
            headers={"user-agent": f"jiacha/{__version__}", "accept-encoding": "identity"},
        )

    def knows(self, url: httpx.URL) -> bool:
        """Whether `url` is at one of the two hosts of the settings, by their scheme and port."""
        return _origin(url) in self._origins

    def clear_cookies(self) -> None:
        self._client.cookies.clear()

    async def aclose(self) -> None:
        self.clear_cookies()
        await self._client.aclose()

    async def send(self, request: HttpRequest, *, limit: int, within: float) -> HttpResponse:
        """Sends once. The answer has to be `limit` bytes at most and whole `within` seconds.

        Raises PortUnreachable when nothing was sent, ResponseLost when something may have been, TlsFailed, InvalidPortResponse.
        """
        problem: PortProblem
        try:
            async with asyncio.timeout(within):
                return await self._send(request, limit)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            problem = TlsFailed() if _is_distrust(error) else PortUnreachable()
        except httpx.DecodingError:
            problem = InvalidPortResponse("未压缩的答复")
        except (httpx.TransportError, TimeoutError):
            problem = ResponseLost()
        except _TooLarge:
            problem = InvalidPortResponse(f"不超过 {limit // _MEBIBYTE} MiB 的答复")
        raise problem

    async def _send(self, request: HttpRequest, limit: int) -> HttpResponse:
        async with self._client.stream(
            request.method,
            request.url,
            content=None if request.body is None else request.body.content,
            headers={**request.headers, **({"content-type": request.body.content_type} if request.body else {})},
        ) as response:
            announced = response.headers.get("content-length", "")
            if announced.isdecimal() and int(announced[:_DIGITS_OF_A_LENGTH]) > limit:
                raise _TooLarge
            received = bytearray()
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > limit:
                    raise _TooLarge
            return HttpResponse(
                status=response.status_code,
                content_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
                location=_location(response),
                content=bytes(received),
            )


class _TooLarge(Exception):
    """The answer grew over its limit."""


def _location(response: httpx.Response) -> httpx.URL | None:
    if not response.has_redirect_location:
        return None
    try:
        return response.url.join(response.headers["location"])
    except (httpx.InvalidURL, ValueError):
        raise httpx.RemoteProtocolError("bad redirect") from None


def _checked(address: str, *, in_process: bool) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise BadAddress(address) from None
    if url.userinfo:
        raise BadAddress(str(url.copy_with(username=None, password=None)))
    plain_is_safe = in_process or _is_loopback(url.host)
    if not _HOST.fullmatch(url.host) or not (url.scheme == "https" or (url.scheme == "http" and plain_is_safe)):
        raise BadAddress(address)
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError):
        raise BadCaFile(ca_file) from None


# The handshake of a server that does not answer ends in a timeout with “want read” behind it.
_OF_THE_LINE = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def _is_distrust(error: BaseException) -> bool:
    """Whether TLS failed for another reason than a cut line or a server that stands still."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _OF_THE_LINE):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _silence_the_library() -> None:
    """httpx logs every address, with the login's ticket in it; httpcore logs headers, with the cookies."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
