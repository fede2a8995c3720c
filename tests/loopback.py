"""Keeps the tests of this process on loopback: anything else fails where it is asked for, not after a time-out."""

import ipaddress
import sys


class OutsideLoopback(Exception):
    """A test reached for the network. No OSError, so that no code under test takes it for an unreachable port."""


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


def _watch(event: str, args: tuple[object, ...]) -> None:
    match event, args:
        case (("socket.connect" | "socket.sendto"), (_, (host, *_))):  # a unix socket's address is no tuple
            pass
        case "socket.getaddrinfo", (host, *_):
            pass
        case _:
            return
    if not _is_loopback(host):
        raise OutsideLoopback(f"tests speak to loopback only, not to {host!r}")


def stay_on_loopback() -> None:
    """For the rest of the process; an audit hook sees every socket, whichever library opens it."""
    sys.addaudithook(_watch)
