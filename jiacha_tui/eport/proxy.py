"""The HTTP proxy on the way to the port: the configured one, else that of the usual environment variables."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from jiacha_tui.eport.problems import BadProxy
from jiacha_tui.loopback import is_loopback

_DEFAULT_PORT = 8080


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that connects (CONNECT) to the port. Only `host` and `port` are in its `repr`."""

    host: str
    port: int
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def from_address(cls, address: str) -> "Proxy":
        """The proxy of `[http://][user:password@]host[:port]`. Raises BadProxy, which does not show the address."""
        try:
            parts = urlsplit(address if "://" in address else f"http://{address}")
            host, port = parts.hostname, parts.port or _DEFAULT_PORT
        except ValueError:
            raise BadProxy from None
        if parts.scheme != "http" or not host:
            raise BadProxy
        return cls(host, port, unquote(parts.username or ""), unquote(parts.password or ""))

    @property
    def place(self) -> str:
        """Host and port, as they are shown and written in an address."""
        return f"{bracketed(self.host)}:{self.port}"


def find_proxy(configured: str, scheme: str, host: str) -> Proxy | None:
    """The proxy for the port's address of this scheme and host; None if the connection is direct.

    `configured` wins over the environment (`https_proxy`, `http_proxy`, `all_proxy`, but not for hosts in `no_proxy`).
    There is no proxy on the way to this computer. Raises BadProxy.
    """
    if is_loopback(host):
        return None
    if configured:
        return Proxy.from_address(configured)
    proxies = getproxies_environment()
    address = proxies.get(scheme) or proxies.get("all")
    if not address or proxy_bypass(host):
        return None
    return Proxy.from_address(address)


def proxy_places(configured: str, addresses: Iterable[str]) -> tuple[str, ...]:
    """Where the proxies on the way to these addresses are, each once, without user and password. Raises BadProxy."""
    parts = [urlsplit(address) for address in addresses]
    proxies = [find_proxy(configured, part.scheme, part.hostname or "") for part in parts]
    return tuple(dict.fromkeys(proxy.place for proxy in proxies if proxy is not None))


def bracketed(host: str) -> str:
    """The host as addresses write it: an IPv6 literal in brackets."""
    return f"[{host}]" if ":" in host else host
