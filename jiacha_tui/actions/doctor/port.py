"""Checks that the port can be reached and proves its identity: a TLS handshake, after which not a byte is sent."""

import base64
import contextlib
import errno
import http.client
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import DoctorContext
from jiacha_tui.actions.port_settings import port_settings
from jiacha_tui.clock import utc_now
from jiacha_tui.eport.http_transport import tls_context
from jiacha_tui.eport.problems import BadAddress, PortUnreachable, TlsFailed
from jiacha_tui.eport.proxy import Proxy, bracketed, find_proxy
from jiacha_tui.eport.session_info import SESSION_PATH
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.os_errors import describe

_TIMEOUT_SECONDS: Final = 5.0
"""For each connection and each handshake."""

_HTTPS_PORT: Final = 443
_EXPIRY_WARNING: Final = timedelta(days=30)

# X509_V_ERR_ codes of OpenSSL.
_NOT_YET_VALID, _EXPIRED = 9, 10
_WRONG_NAME: Final = frozenset({62, 64})
_UNTRUSTED_ISSUER: Final = frozenset({2, 7, 18, 19, 20, 21})
"""The chain ends at an authority that is not trusted here, or at a different one of the same name."""


@dataclass(frozen=True, slots=True)
class _Certificate:
    name: str
    issuer: str
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    proxy: Proxy | None

    @property
    def place(self) -> str:
        """The server as it is shown: with its proxy, and without the usual port."""
        port = f":{self.port}" if self.port != _HTTPS_PORT else ""
        return f"{bracketed(self.host)}{port}" + (f"（经代理 {self.proxy.place}）" if self.proxy else "")


async def check_port(context: DoctorContext) -> Sequence[Finding]:
    """A finding for each host of the port, and one for how it is spoken to. Raises BadCaFile, BadAddress, BadProxy."""
    if context.options.demo:
        return (Finding.good(Area.PORT, "演示用内置口岸，不用网络"),)
    settings = port_settings(context.options, context.config())
    tls = tls_context(settings.ca_file)
    hosts = dict.fromkeys(_host(address) for address in (settings.login_url, settings.service_url))
    servers = [_Server(host, port, find_proxy(settings.proxy, "https", host)) for host, port in hosts]
    return (*(_check_server(server, tls) for server in servers), _describe(settings, servers))


def _describe(settings: PortSettings, servers: Sequence[_Server]) -> Finding:
    proxies = "、".join(dict.fromkeys(server.proxy.place for server in servers if server.proxy is not None))
    service = settings.login_page_service or settings.service_address(SESSION_PATH)
    return Finding.good(
        Area.PORT, f"代理 {proxies or '无'}；User-Agent {settings.user_agent}；登录页面的 service {service}"
    )


def _host(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        if parts.hostname:
            return parts.hostname, parts.port or _HTTPS_PORT
    except ValueError:
        pass  # the port number is too large
    raise BadAddress(address)


def _check_server(server: _Server, tls: ssl.SSLContext) -> Finding:
    place, host = server.place, server.host
    try:
        return _trusted(place, _fetch_certificate(server, tls))
    except ssl.SSLCertVerificationError as error:
        return _distrusted(place, error.verify_code, _fetch_unverified(server))
    except ssl.SSLError as error:
        failed = TlsFailed()
        return _broken(f"{place} 不能建立加密连接（{error.reason or 'TLS'}）", failed.hint, failed.code)
    except socket.gaierror:
        unreachable = PortUnreachable()
        return _broken(
            f"找不到主机 {server.proxy.host if server.proxy else host}",
            "请检查网络、DNS 和口岸的地址",
            unreachable.code,
        )
    except OSError as error:
        reason = "超时" if isinstance(error, TimeoutError) else describe(error)
        hint = "请检查网络和地址；已缓存的报关单可离线浏览"
        return _broken(f"连接不上 {place}（{reason}）", hint, PortUnreachable().code)


def _trusted(place: str, certificate: _Certificate) -> Finding:
    message = f"{place}，证书 {certificate.name}，{certificate.issuer} 签发，至 {_day(certificate.valid_until)}"
    if certificate.valid_until - utc_now() < _EXPIRY_WARNING:
        return Finding.good(Area.PORT, message, "口岸的证书快要到期", "port.certificate-expires-soon")
    return Finding.good(Area.PORT, message)


def _distrusted(place: str, verify_code: int, certificate: _Certificate | None) -> Finding:
    if certificate is None:
        return _broken(f"{place} 的证书没有通过验证", TlsFailed().hint, TlsFailed().code)
    today = f"请检查本机日期（现在是 {_day(utc_now())}）"
    if verify_code == _EXPIRED:
        message, code = f"{place} 的证书 {_day(certificate.valid_until)} 已过期", "port.certificate-expired"
        return _broken(message, f"{today}；日期没有错时请联系口岸", code)
    if verify_code == _NOT_YET_VALID:
        message, code = f"{place} 的证书从 {_day(certificate.valid_from)} 起才有效", "port.certificate-not-yet-valid"
        return _broken(message, today, code)
    if verify_code in _WRONG_NAME:
        message, code = f"{place} 的证书是给 {certificate.name} 的", "port.certificate-wrong-name"
        return _broken(message, "请检查 --port-url 或配置 [port] 里的地址；地址没有错时不要登录", code)
    if verify_code in _UNTRUSTED_ISSUER:
        message, code = f"{place} 的证书由 {certificate.issuer} 签发，不受信任", "port.certificate-foreign"
        return _broken(message, "口岸用自有证书时，用 --ca 或 [port] ca 指定其 CA 文件；否则不要登录", code)
    return _broken(f"{place} 的证书没有通过验证（{verify_code}）", TlsFailed().hint, TlsFailed().code)


def _connect(server: _Server) -> socket.socket:
    """A connection to the server, through its proxy if there is one. Raises OSError."""
    if server.proxy is None:
        return socket.create_connection((server.host, server.port), timeout=_TIMEOUT_SECONDS)
    proxy = http.client.HTTPConnection(server.proxy.host, server.proxy.port, timeout=_TIMEOUT_SECONDS)
    login = f"{server.proxy.username}:{server.proxy.password}".encode()
    headers = {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"} if login != b":" else {}
    proxy.set_tunnel(bracketed(server.host), server.port, headers)
    try:
        proxy.connect()
    except http.client.HTTPException:
        proxy.close()
        raise OSError(errno.EPROTO, "the proxy does not speak HTTP") from None
    return proxy.sock


def _fetch_certificate(server: _Server, tls: ssl.SSLContext) -> _Certificate:
    """Raises OSError; ssl.SSLError is a subclass of it."""
    with (
        _connect(server) as connection,
        tls.wrap_socket(connection, server_hostname=server.host) as tls_connection,
    ):
        der = tls_connection.getpeercert(binary_form=True)
    try:
        certificate = x509.load_der_x509_certificate(der or b"")
    except (ValueError, x509.InvalidVersion):
        raise ssl.SSLError(0, "the certificate cannot be read") from None
    return _Certificate(
        _name(certificate.subject) or server.host,
        _name(certificate.issuer),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _fetch_unverified(server: _Server) -> _Certificate | None:
    """The certificate of a server that is not trusted, to explain why it is not; None if it cannot be fetched."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError):
        return _fetch_certificate(server, tls)
    return None


def _name(name: x509.Name) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            return str(attribute.value)
    return name.rfc4514_string()


def _day(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d}"


def _broken(message: str, hint: str, code: str) -> Finding:
    return Finding(Area.PORT, FindingState.BROKEN, message, hint, code, blocking=True)
