"""Forbids network access outside loopback in this process. It fails at once instead of after a timeout."""

import ipaddress
import sys


class OutsideLoopback(Exception):
    """A test used the network. It is not an OSError, so that no tested code mistakes it for an unreachable port."""


def _is_loopback(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in ("", "localhost"):
        return True
    if not isinstance(host, str):
        return False
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _check_event(event: str, args: tuple[object, ...]) -> None:
    match event, args:
        case (("socket.connect" | "socket.sendto"), (_, (host, *_))):  # the address of a Unix socket is not a tuple
            pass
        case "socket.getaddrinfo", (host, *_):
            pass
        case _:
            return
    if not _is_loopback(host):
        raise OutsideLoopback(f"tests may only use loopback, not {host!r}")


def stay_on_loopback() -> None:
    """Applies to the rest of the process. An audit hook sees every socket, whichever library opens it."""
    sys.addaudithook(_check_event)
