"""Sends one HTTP request over verified TLS and receives the whole response, within limits of time and size.

It does not follow redirects and logs nothing. A failure is raised as a PortProblem without the httpx exception as its
cause: that exception would hold the request with its cookies and its form.
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import anyio
import httpx

from jiacha_tui.clock import utc_now
from jiacha_tui.eport.content_coding import Expander, NotExpandable
from jiacha_tui.eport.cookie_jar import BoundedCookieJar
from jiacha_tui.eport.problems import (
    BadAddress,
    BadCaFile,
    InvalidPortResponse,
    NotLoggedIn,
    PortProblem,
    PortUnreachable,
    ResponseLost,
    ResponseTooLarge,
    TlsFailed,
)
from jiacha_tui.eport.proxy import bracketed, find_proxy
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.eport.slow_calls import OnSlowCall, PendingCall, SlowCallMonitor, ignore_slow_calls
from jiacha_tui.loopback import is_loopback
from jiacha_tui.private_files import FileProblem, read_whole

_MAX_CONNECTIONS = 20
"""A sync uses up to 16; the others are for what the operator does meanwhile."""
_MAX_LENGTH_DIGITS = 18
_HOST = re.compile(r"[0-9A-Za-z.:-]+")


@dataclass(frozen=True, slots=True)
class HttpBody:
    """The body of a request. It may hold a PIN, so its `repr` does not contain the content."""

    content_type: str
    content: bytes = field(repr=False)

    @classmethod
    def form(cls, fields: Mapping[str, str]) -> "HttpBody":
        """The fields of a web form. Their names and values may be any text."""
        return cls("application/x-www-form-urlencoded", urlencode(fields).encode("ascii"))

    @classmethod
    def json(cls, content: bytes) -> "HttpBody":
        """A body that is JSON already, in UTF-8."""
        return cls("application/json", content)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. Its address may hold a ticket and its headers a session, so its `repr` contains neither."""

    method: str
    url: str | httpx.URL = field(repr=False)
    body: HttpBody | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A whole response. `url` is the address that sent it; `location` is that of a redirect, absolute, or None.

    `retry_after` is the pause in seconds that the port asks for, or None. Addresses and content may hold a session, so
    the `repr` contains none of them.
    """

    status: int
    content_type: str
    url: httpx.URL = field(repr=False)
    location: httpx.URL | None = field(repr=False)
    content: bytes = field(repr=False)
    retry_after: float | None = None


class HttpTransport:
    """The connections to one port, and its cookies, which are stored nowhere else.

    Raises BadCaFile, BadProxy, and BadAddress unless both addresses are https. Plain http is allowed on loopback and
    over a transport within this process.

    `on_slow_call` is called while a call waits long for its response, as `SlowCallMonitor` describes.
    """

    def __init__(
        self,
        settings: PortSettings,
        transport: httpx.AsyncBaseTransport | None = None,
        on_slow_call: OnSlowCall = ignore_slow_calls,
    ) -> None:
        self._slow_calls = SlowCallMonitor(settings.timeouts, on_slow_call)
        in_process = transport is not None
        addresses = [
            _checked_address(address, in_process=in_process) for address in (settings.login_url, settings.service_url)
        ]
        self._origins = frozenset(_origin(address) for address in addresses)
        _silence_http_logs()
        limits = httpx.Limits(max_connections=_MAX_CONNECTIONS)
        tls = True if in_process else tls_context(settings.ca_file)
        self._client = httpx.AsyncClient(
            transport=transport,
            verify=tls,
            mounts={} if in_process else _proxied(addresses, settings.proxy, tls, limits),
            trust_env=False,
            cookies=BoundedCookieJar(),
            follow_redirects=False,
            timeout=httpx.Timeout(settings.timeouts.read, connect=settings.timeouts.connect),
            limits=limits,
            # Encrypted responses do not compress.
            headers={"user-agent": settings.user_agent, "accept-encoding": "identity"},
        )

    def is_port_address(self, url: httpx.URL) -> bool:
        """Whether scheme, host and port of `url` are those of one of the two addresses in the settings."""
        return _origin(url) in self._origins

    def clear_cookies(self) -> None:
        """Deletes all cookies, and with them the session."""
        self._client.cookies.clear()

    async def aclose(self) -> None:
        """Deletes all cookies and closes the connections."""
        self.clear_cookies()
        await self._client.aclose()

    def open_call(self, max_seconds: float) -> AbstractContextManager[PendingCall]:
        """A call of one or more requests within `max_seconds`, for `send_once`."""
        return self._slow_calls.open_call(max_seconds)

    def opening(self, seconds_of_a_try: float) -> AbstractContextManager[PendingCall]:
        """The time in which the port's script starts or opens a response: it is reported as slow calls are."""
        return self._slow_calls.open_call(seconds_of_a_try, is_opening=True)

    async def send(self, request: HttpRequest, *, max_bytes: int, max_seconds: float) -> HttpResponse:
        """A call of one request: sends it once and waits for the whole response. Raises as `send_once`."""
        with self.open_call(max_seconds) as call:
            return await self.send_once(request, call, max_bytes=max_bytes, max_seconds=max_seconds)

    async def send_once(
        self, request: HttpRequest, call: PendingCall, *, max_bytes: int, max_seconds: float
    ) -> HttpResponse:
        """Sends a request of `call` once and waits for the whole response.

        Raises PortUnreachable or TlsFailed if nothing was sent, ResponseLost if something may have been sent but the
        response did not arrive whole and in time, ResponseTooLarge if it is larger than allowed, also once it is
        expanded, InvalidPortResponse if it cannot be read as HTTP, and NotLoggedIn after `aclose`. Nothing else: httpx
        lets some errors of the layers below it through, such as that of a TLS record that was damaged on its way.
        """
        if self._client.is_closed:
            raise NotLoggedIn
        problem: PortProblem
        try:
            async with asyncio.timeout(max_seconds):
                return await self._receive(request, call, max_bytes)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            problem = TlsFailed() if _is_tls_failure(error) else PortUnreachable()
        except httpx.ProxyError as error:  # the proxy did not connect, so nothing reached the port
            problem = PortUnreachable(_proxy_hint(error))
        except NotExpandable:
            problem = InvalidPortResponse("未压缩的答复")
        except (httpx.TransportError, *_BROKEN_CONNECTION):
            problem = ResponseLost()
        except _UNREADABLE:
            problem = InvalidPortResponse("HTTP 答复")
        except _TooLarge:
            problem = ResponseTooLarge(max_bytes)
        raise problem

    async def _receive(self, request: HttpRequest, call: PendingCall, max_bytes: int) -> HttpResponse:
        async with self._client.stream(
            request.method,
            request.url,
            content=None if request.body is None else request.body.content,
            headers={**request.headers, **({"content-type": request.body.content_type} if request.body else {})},
        ) as response:
            content_length = response.headers.get("content-length", "")
            if content_length.isdecimal() and int(content_length[:_MAX_LENGTH_DIGITS]) > max_bytes:
                raise _TooLarge
            expander = Expander(response.headers.get("content-encoding", ""))
            received = bytearray()
            async for chunk in response.aiter_raw():
                received += expander.expand(chunk, max_bytes + 1 - len(received))
                call.received = len(received)
                if len(received) > max_bytes:
                    raise _TooLarge
            expander.finish()
            return HttpResponse(
                status=response.status_code,
                content_type=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
                url=response.url,
                location=_location(response),
                content=bytes(received),
                retry_after=_retry_after(response.headers),
            )


_BROKEN_CONNECTION = (
    OSError,  # ssl.SSLError and TimeoutError too
    anyio.EndOfStream,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    RuntimeError,  # a connection or client that was closed meanwhile
)
"""Errors after which something may have been sent. httpx raises none of them itself."""

_UNREADABLE = (ValueError, httpx.InvalidURL, httpx.CookieConflict)
"""A header or a cookie that cannot be used. ValueError is also that of texts that are not ASCII."""


class _TooLarge(Exception):
    """The response is larger than allowed."""


def _location(response: httpx.Response) -> httpx.URL | None:
    if not response.has_redirect_location:
        return None
    try:
        location = response.url.join(response.headers["location"])
        location.host  # noqa: B018 - decoding an international name may fail
    except (httpx.InvalidURL, ValueError):
        raise httpx.RemoteProtocolError("bad redirect") from None
    return location


def _retry_after(headers: httpx.Headers) -> float | None:
    """The pause in seconds that `Retry-After` asks for, in seconds or as a date (RFC 9110, 10.2.3), or None."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:_MAX_LENGTH_DIGITS])
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - _server_time(headers)).total_seconds())


def _server_time(headers: httpx.Headers) -> datetime:
    """The time of the response by the server's clock, which may differ from ours."""
    try:
        time = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, OverflowError):
        return utc_now()
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _checked_address(address: str, *, in_process: bool) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise BadAddress(address) from None
    if url.userinfo:
        raise BadAddress(str(url.copy_with(username=None, password=None)))
    plain_http_is_safe = in_process or is_loopback(url.host)
    if not _HOST.fullmatch(url.host) or not (url.scheme == "https" or (url.scheme == "http" and plain_http_is_safe)):
        raise BadAddress(address)
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Trusts the CAs of the system and those in the file. Raises BadCaFile."""
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(cadata=read_whole(ca_file).decode("ascii", "replace"))
        except (FileProblem, ssl.SSLError, ValueError):
            raise BadCaFile(ca_file) from None
    return context


def _proxied(
    addresses: Iterable[httpx.URL], configured: str, tls: ssl.SSLContext | bool, limits: httpx.Limits
) -> dict[str, httpx.AsyncBaseTransport]:
    """The transports for the addresses that are reached through a proxy, by the pattern of their addresses."""
    transports: dict[str, httpx.AsyncBaseTransport] = {}
    for url in addresses:
        proxy = find_proxy(configured, url.scheme, url.host)
        if proxy is not None:
            auth = (proxy.username, proxy.password) if proxy.username or proxy.password else None
            transports[f"{url.scheme}://{bracketed(url.host)}"] = httpx.AsyncHTTPTransport(
                verify=tls, limits=limits, proxy=httpx.Proxy(f"http://{proxy.place}", auth=auth)
            )
    return transports


# These mean a broken connection, not a certificate that is not trusted. If the server never answers the handshake, the
# timeout has an SSLWantReadError as its context.
_CONNECTION_ERRORS = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def _proxy_hint(error: httpx.ProxyError) -> str:
    status = str(error)[:3]
    if status == str(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value):
        return "代理服务器要求用户名和密码，请在配置 [port] 的 proxy 或环境变量 https_proxy 中填写"
    reason = f"（{status}）" if status.isdecimal() else ""
    return f"代理服务器没有接通口岸{reason}，请检查配置 [port] 的 proxy 或环境变量 https_proxy"


def _is_tls_failure(error: BaseException) -> bool:
    """Whether TLS itself failed, for a reason other than a broken connection or a server that does not answer."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _CONNECTION_ERRORS):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _silence_http_logs() -> None:
    """Turns off logs with secrets: httpx logs addresses (login ticket), httpcore logs headers (cookies)."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
