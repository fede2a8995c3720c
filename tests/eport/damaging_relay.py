"""A TCP relay to a TLS server that flips one bit of what the server sends, when a test says so."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from tests.eport.tls import HOST

_HEADER_BYTES = 5
"""Those of a TLS record. They are left as they are, so that the record is damaged and not the stream."""


@dataclass
class DamagingRelay:
    """An ASGI application around `port`, and the relay to the server that runs it.

    The responses to the next `times` requests whose path begins with `path` arrive damaged. `requests` lists the paths.
    """

    port: ASGIApp
    path: str = ""
    times: int = 0
    requests: list[str] = field(default_factory=list)
    _armed: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests.append(scope["path"])
        if self.times and scope["path"].startswith(self.path):
            self.times -= 1
            self._armed.set()
        await self.port(scope, receive, send)

    @contextlib.contextmanager
    def relay(self, root: str) -> Iterator[str]:
        """Relays to the server at `root` and yields the address of the relay."""
        server_port = int(root.rpartition(":")[2])
        sockets: list[socket.socket] = []
        threads: list[threading.Thread] = []

        def start(target: object, *arguments: object) -> None:
            threads.append(threading.Thread(target=target, args=arguments, daemon=True))  # type: ignore[arg-type] # one of two below
            threads[-1].start()

        def accept(listener: socket.socket) -> None:
            while True:
                try:
                    client, _address = listener.accept()
                except OSError:
                    return
                server = socket.create_connection((HOST, server_port))
                sockets.extend((client, server))
                start(self._copy, client, server, False)
                start(self._copy, server, client, True)

        with socket.create_server((HOST, 0)) as listener:
            start(accept, listener)
            yield f"https://{HOST}:{listener.getsockname()[1]}"
            listener.shutdown(socket.SHUT_RDWR)
        for one in sockets:
            _shut_down(one)
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
        for one in sockets:
            one.close()

    def _copy(self, source: socket.socket, target: socket.socket, from_server: bool) -> None:
        with contextlib.suppress(OSError):
            while data := bytearray(source.recv(65536)):
                if from_server and self._armed.is_set():
                    self._armed.clear()
                    data[_HEADER_BYTES] ^= 1
                target.sendall(data)
        _shut_down(target)


def _shut_down(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
