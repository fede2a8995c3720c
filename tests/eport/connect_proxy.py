"""An HTTP proxy in a thread that connects every client to one server, whatever address the client asks for."""

import base64
import contextlib
import selectors
import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class ConnectProxy:
    """`requests` lists the addresses that were asked for; `credentials` is "user:password", or "" if none is needed."""

    credentials: str = ""
    requests: list[str] = field(default_factory=list)
    address: str = ""

    def accepts(self, head: str) -> bool:
        wanted = base64.b64encode(self.credentials.encode()).decode()
        return not self.credentials or f"proxy-authorization: basic {wanted}".lower() in head.lower()


@contextlib.contextmanager
def run_proxy(server_port: int, credentials: str = "") -> Iterator[ConnectProxy]:
    """A proxy on the way to 127.0.0.1 at `server_port`."""
    proxy = ConnectProxy(credentials)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while (line := self.rfile.readline()) not in {b"\r\n", b""}:
                head += line
            proxy.requests.append(head.split()[1].decode())
            if not proxy.accepts(head.decode()):
                self.connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", server_port)) as server:
                self.connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _copy(self.connection, server)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
        proxy.address = f"127.0.0.1:{listener.server_address[1]}"
        yield proxy
        listener.shutdown()


def _copy(one: socket.socket, other: socket.socket) -> None:
    """Copies in both directions until one side closes."""
    with selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _events in selector.select():
                source, target = key.fileobj, key.data
                assert isinstance(source, socket.socket)
                content = source.recv(65536)
                if not content:
                    return
                target.sendall(content)
