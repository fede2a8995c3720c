"""How SSH connects a TCP port of this machine to the control on the operator's PC."""

from urllib.parse import SplitResult, urlsplit

from jiacha_tui.loopback import is_loopback

DEFAULT_URL = "ws://127.0.0.1:61232"
"""Where the control listens for local programs and for pages that were loaded over plain HTTP."""

_DEFAULT_PORTS = {"ws": 80, "wss": 443}


def ssh_forwarding(url: str) -> str:
    """The SSH command that forwards `url` to the control on the operator's PC.

    "" if `url` is not on loopback or no address; the medium reports the latter.
    """
    try:
        parts = urlsplit(url)
        return _command(parts) if is_loopback(parts.hostname or "") else ""
    except ValueError:
        return ""


def loopback_forwarding(url: str) -> tuple[str, str]:
    """For a `url` on another machine: the SSH command for the same TCP port of this machine, and the address then."""
    parts = urlsplit(url)
    return _command(parts), f"ws://127.0.0.1:{_port(parts)}"


def _command(parts: SplitResult) -> str:
    return f"ssh -R {_port(parts)}:{urlsplit(DEFAULT_URL).netloc}"


def _port(parts: SplitResult) -> int:
    return parts.port or _DEFAULT_PORTS[parts.scheme]
