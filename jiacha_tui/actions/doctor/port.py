"""Checks that the port can be reached and proves its identity: a TLS handshake, after which not a byte is sent."""

import contextlib
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
from jiacha_tui.eport.problems import BadAddress, BadCaFile, PortUnreachable, TlsFailed
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


async def check_port(context: DoctorContext) -> Sequence[Finding]:
    """A finding for each host of the port. Raises BadCaFile and BadAddress."""
    if context.options.demo:
        return (Finding.good(Area.PORT, "演示用内置口岸，不用网络"),)
    settings = port_settings(context.options, context.config())
    try:
        tls = ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError):
        raise BadCaFile(settings.ca_file) from None
    hosts = dict.fromkeys(_host(address) for address in (settings.login_url, settings.service_url))
    return tuple(_check_host(host, port, tls) for host, port in hosts)


def _host(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        if parts.hostname:
            return parts.hostname, parts.port or _HTTPS_PORT
    except ValueError:
        pass  # the port number is too large
    raise BadAddress(address)


def _check_host(host: str, port: int, tls: ssl.SSLContext) -> Finding:
    place = f"{host}:{port}" if port != _HTTPS_PORT else host
    try:
        return _trusted(place, _fetch_certificate(host, port, tls))
    except ssl.SSLCertVerificationError as error:
        return _distrusted(place, error.verify_code, _fetch_unverified(host, port))
    except ssl.SSLError as error:
        failed = TlsFailed()
        return _broken(f"{place} 不能建立加密连接（{error.reason or 'TLS'}）", failed.hint, failed.code)
    except socket.gaierror:
        unreachable = PortUnreachable()
        return _broken(f"找不到主机 {host}", "请检查网络、DNS 和口岸的地址", unreachable.code)
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


def _fetch_certificate(host: str, port: int, tls: ssl.SSLContext) -> _Certificate:
    """Raises OSError; ssl.SSLError is a subclass of it."""
    with (
        socket.create_connection((host, port), timeout=_TIMEOUT_SECONDS) as connection,
        tls.wrap_socket(connection, server_hostname=host) as tls_connection,
    ):
        der = tls_connection.getpeercert(binary_form=True)
    try:
        certificate = x509.load_der_x509_certificate(der or b"")
    except (ValueError, x509.InvalidVersion):
        raise ssl.SSLError(0, "the certificate cannot be read") from None
    return _Certificate(
        _name(certificate.subject) or host,
        _name(certificate.issuer),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _fetch_unverified(host: str, port: int) -> _Certificate | None:
    """The certificate of a server that is not trusted, to explain why it is not; None where it cannot be fetched."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError):
        return _fetch_certificate(host, port, tls)
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
