"""Where the control may be: the PIN goes there."""

import ipaddress
from urllib.parse import urlsplit

from jiacha_tui.card.control.problems import ControlRemote

DEFAULT_URL = "ws://127.0.0.1:61232"
"""Where the control listens for pages that came over plain HTTP, and for every other program of the PC."""


def check_address(url: str, *, allow_remote: bool) -> None:
    """Returns if a PIN may be sent to `url` (ws:// or wss://). Raises ControlRemote.

    A name other than localhost is as good as remote, for somebody else says which address it has.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "wss" and not allow_remote and not _is_loopback(host):
        raise ControlRemote(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
