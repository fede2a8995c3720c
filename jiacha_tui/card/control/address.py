"""Checks the address of the control, because the PIN is sent there."""

from urllib.parse import urlsplit

from jiacha_tui.card.control.problems import ControlAddressWrong, ControlRemote
from jiacha_tui.loopback import is_loopback


def check_address(url: str, *, allow_remote: bool) -> None:
    """Checks that a PIN may be sent to `url` (ws:// or wss://). Raises ControlRemote, ControlAddressWrong.

    Over ws:// only loopback addresses and the name localhost are allowed, unless `allow_remote`. Any other name counts
    as remote, because somebody else decides which address it has.
    """
    scheme, host = _scheme_and_host(url)
    if scheme != "wss" and not allow_remote and not is_loopback(host):
        raise ControlRemote(url)


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("ws", "wss") and parts.hostname and parts.port != 0:
            return parts.scheme, parts.hostname
    except ValueError:
        pass  # brackets without an address in them, or a port number that is too large
    raise ControlAddressWrong(url)
