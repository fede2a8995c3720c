"""The port: whether it can be reached and proves who it is. A TLS handshake, and not a byte after it."""

import contextlib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.port_settings import port_settings
from jiacha_tui.eport.problems import BadAddress, BadCaFile, PortUnreachable, TlsFailed
from jiacha_tui.os_errors import describe

_SECONDS: Final = 5.0
"""For each connection and each handshake."""

_HTTPS: Final = 443
_SOON: Final = timedelta(days=30)

_EXPIRED, _NOT_YET_VALID = 10, 9
_WRONG_NAMES: Final = frozenset({62, 64})
_FOREIGN: Final = frozenset({2, 7, 18, 19, 20, 21})
"""OpenSSL's X509_V_ERR_: a chain that ends at no authority which is trusted here, or at one of the same name."""


@dataclass(frozen=True, slots=True)
class _Certificate:
    name: str
    issuer: str
    valid_from: datetime
    valid_until: datetime


async def look(surroundings: DoctorContext) -> Sequence[Finding]:
    """A finding for each host that the port is at. Raises BadCaFile, BadAddress."""
    if surroundings.options.demo:
        return (Finding.good(Area.PORT, "演示用内置口岸，不用网络"),)
    settings = port_settings(surroundings.options, surroundings.config())
    try:
        trusting = ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError):
        raise BadCaFile(settings.ca_file) from None
    hosts = dict.fromkeys(_host(address) for address in (settings.login_url, settings.service_url))
    return tuple(_look_at(host, port, trusting) for host, port in hosts)


def _host(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        if parts.hostname:
            return parts.hostname, parts.port or _HTTPS
    except ValueError:
        pass  # a port beyond the last one
    raise BadAddress(address)


def _look_at(host: str, port: int, trusting: ssl.SSLContext) -> Finding:
    place = f"{host}:{port}" if port != _HTTPS else host
    try:
        return _trusted(place, _certificate_of(host, port, trusting))
    except ssl.SSLCertVerificationError as error:
        return _distrusted(place, error.verify_code, _shown_anyway(host, port))
    except ssl.SSLError as error:
        failed = TlsFailed()
        return _broken(f"{place} 不能建立加密连接（{error.reason or 'TLS'}）", failed.hint, failed.code)
    except socket.gaierror:
        unreachable = PortUnreachable()
        return _broken(f"找不到主机 {host}", "请检查网络、DNS 和口岸的地址", unreachable.code)
    except OSError as error:
        why = "超时" if isinstance(error, TimeoutError) else describe(error)
        return _broken(
            f"连接不上 {place}（{why}）", "请检查网络和地址；已缓存的报关单可离线浏览", PortUnreachable().code
        )


def _trusted(place: str, certificate: _Certificate) -> Finding:
    message = f"{place}，证书 {certificate.name}，{certificate.issuer} 签发，至 {_day(certificate.valid_until)}"
    if certificate.valid_until - datetime.now(UTC) < _SOON:
        return Finding.good(Area.PORT, message, "口岸的证书快要到期", "port.certificate-expires-soon")
    return Finding.good(Area.PORT, message)


def _distrusted(place: str, verify_code: int, certificate: _Certificate | None) -> Finding:
    if certificate is None:
        return _broken(f"{place} 的证书没有通过验证", TlsFailed().hint, TlsFailed().code)
    today = f"请检查本机日期（现在是 {_day(datetime.now(UTC))}）"
    if verify_code == _EXPIRED:
        message, code = f"{place} 的证书 {_day(certificate.valid_until)} 已过期", "port.certificate-expired"
        return _broken(message, f"{today}；日期没有错时请联系口岸", code)
    if verify_code == _NOT_YET_VALID:
        message, code = f"{place} 的证书从 {_day(certificate.valid_from)} 起才有效", "port.certificate-not-yet-valid"
        return _broken(message, today, code)
    if verify_code in _WRONG_NAMES:
        message, code = f"{place} 的证书是给 {certificate.name} 的", "port.certificate-wrong-name"
        return _broken(message, "请检查 --port-url 或配置 [port] 里的地址；地址没有错时不要登录", code)
    if verify_code in _FOREIGN:
        message, code = f"{place} 的证书由 {certificate.issuer} 签发，不受信任", "port.certificate-foreign"
        return _broken(message, "口岸用自有证书时，用 --ca 或 [port] ca 指定其 CA 文件；否则不要登录", code)
    return _broken(f"{place} 的证书没有通过验证（{verify_code}）", TlsFailed().hint, TlsFailed().code)


def _certificate_of(host: str, port: int, context: ssl.SSLContext) -> _Certificate:
    """Raises OSError, of which an ssl.SSLError is one."""
    with (
        socket.create_connection((host, port), timeout=_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as line,
    ):
        der = line.getpeercert(binary_form=True)
    try:
        certificate = x509.load_der_x509_certificate(der or b"")
    except (ValueError, x509.InvalidVersion):
        raise ssl.SSLError(0, "no certificate that can be read") from None
    return _Certificate(
        _name(certificate.subject) or host,
        _name(certificate.issuer),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _shown_anyway(host: str, port: int) -> _Certificate | None:
    """What the server shows of itself, so that it can be told why nobody believes it; None where it shows no more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(OSError):
        return _certificate_of(host, port, context)
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
