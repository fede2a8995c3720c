"""`jiacha port`: the embedded port over TLS on a socket."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import uvicorn

from jiacha_tui.demo.demo import DECLARATIONS, SEED, make_demo
from jiacha_tui.demo.envelope import ScriptShape
from jiacha_tui.demo.faults import PortFault
from jiacha_tui.demo.faulty_port import FaultyPort
from jiacha_tui.demo.http_protocol import PortHttpProtocol
from jiacha_tui.demo.pin_script import LoginPageKind
from jiacha_tui.demo.problems import CannotListen
from jiacha_tui.demo.tls import TlsFiles
from jiacha_tui.locations import Locations
from jiacha_tui.os_errors import describe

_SECONDS_TO_FINISH: Final = 1
_BACKLOG: Final = 128
_STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


def serve(
    home: Path,
    host: str,
    port: int,
    declarations: int = DECLARATIONS,
    seed: int = SEED,
    *,
    faults: Sequence[PortFault] = (),
    script: ScriptShape = ScriptShape.PLAIN,
    login_page: LoginPageKind = LoginPageKind.PLAIN,
) -> None:
    """Serves until SIGTERM or SIGINT. Prints `ready URL CA-FILE` once it serves. `port` 0 is any free port.

    Raises CannotListen and what `make_demo` raises.
    """
    with _listen(host, port) as listener:
        demo = make_demo(home, declarations, seed, script=script, login_page=login_page)
        try:
            files = TlsFiles.load_or_make(Locations(home).demo, host)
            url = f"https://{_in_url(host)}:{listener.getsockname()[1]}"
            config = uvicorn.Config(
                FaultyPort(demo.application, faults),
                http=PortHttpProtocol,
                ssl_certfile=files.server,
                log_config=None,
                log_level="critical",
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=_SECONDS_TO_FINISH,
            )
            asyncio.run(_Server(config, f"ready {url} {files.authority}").serve([listener]))
        finally:
            demo.close()


class _Server(uvicorn.Server):
    """Prints a line once it is ready, and ends without an error on a signal."""

    def __init__(self, config: uvicorn.Config, ready: str) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"{self._ready}\n")
            sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in _STOPPING:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in _STOPPING:
                loop.remove_signal_handler(number)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen("port", host, port, describe(error)) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotListen("port", host, port, describe(error)) from error
    return listener


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
