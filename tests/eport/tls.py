"""TLS servers in a thread: one that runs a port under uvicorn, and one that hands each connection to a test."""

import contextlib
import functools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from types import FrameType

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.types import ASGIApp

from jiacha_tui.demo.card_issuing import Authority, make_ca
from jiacha_tui.demo.http_protocol import PortHttpProtocol

HOST = "127.0.0.1"


@dataclass(frozen=True)
class ServerFiles:
    """PEM files: a CA, and a server certificate with its key."""

    ca: Path
    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_server_files(
    folder: Path, authority: Authority | None = None, *, host: str = HOST, days: int = 30
) -> ServerFiles:
    """Writes the files for a server at `host`. The certificate expires in `days` days; a negative number is past.

    Without `authority` all certificates have the same one.
    """
    now = datetime.now(UTC)
    authority = authority or _authority()
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    files = ServerFiles(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    files.ca.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@functools.cache
def _authority() -> Authority:
    return make_ca(datetime.now(UTC) - timedelta(days=400))


class _ThreadedServer(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Leaves signals to pytest."""


@contextlib.contextmanager
def serve(
    application: ASGIApp,
    files: ServerFiles,
    protocol: type[PortHttpProtocol] = PortHttpProtocol,
    *,
    host: str = HOST,
) -> Iterator[str]:
    """Serves `application` over TLS at the IP address `host` and yields its root address."""
    config = uvicorn.Config(
        application,
        http=protocol,
        ssl_certfile=files.certificate,
        ssl_keyfile=files.key,
        log_config=None,
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = _ThreadedServer(config)
    is_ipv6 = ":" in host
    with socket.create_server((host, 0), family=socket.AF_INET6 if is_ipv6 else socket.AF_INET) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert server.is_up.wait(10)
        yield f"https://{f'[{host}]' if is_ipv6 else host}:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@contextlib.contextmanager
def serve_connections(handle: Callable[[ssl.SSLSocket], None], files: ServerFiles) -> Iterator[str]:
    """Calls `handle` with each TLS connection and then closes it without a TLS closing message. Yields the address."""
    context = files.context()
    with socket.create_server((HOST, 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    plain, _address = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                    handle(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"https://{HOST}:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    assert not thread.is_alive()
