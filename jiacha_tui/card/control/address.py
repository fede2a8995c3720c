"""Checks the address of the control, because the PIN is sent there."""

import ipaddress
from urllib.parse import urlsplit

from jiacha_tui.card.control.problems import ControlAddressWrong, ControlRemote

DEFAULT_URL = "ws://127.0.0.1:61232"
"""Where the control listens for local programs and for pages that were loaded over plain HTTP."""

_DEFAULT_PORTS = {"ws": 80, "wss": 443}


def check_address(url: str, *, allow_remote: bool) -> None:
    """Checks that a PIN may be sent to `url` (ws:// or wss://). Raises ControlRemote, ControlAddressWrong.

    Over ws:// only loopback addresses and the name localhost are allowed, unless `allow_remote`. Any other name counts
    as remote, because somebody else decides which address it has.
    """
    scheme, host = _scheme_and_host(url)
    if scheme != "wss" and not allow_remote and not _is_loopback(host):
        raise ControlRemote(host)


def ssh_forwarding(url: str) -> str:
    """The SSH command that forwards `url` to the control on the operator's PC. "" if `url` is not on loopback."""
    parts = urlsplit(url)
    if not _is_loopback(parts.hostname or ""):
        return ""
    return f"ssh -R {parts.port or _DEFAULT_PORTS[parts.scheme]}:{urlsplit(DEFAULT_URL).netloc}"


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("ws", "wss") and parts.hostname and parts.port != 0:
            return parts.scheme, parts.hostname
    except ValueError:
        pass  # brackets without an address in them, or a port number that is too large
    raise ControlAddressWrong(url)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
