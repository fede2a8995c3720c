"""The settings of the client: addresses, time and size limits, trusted CA, assumptions."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from jiacha_tui import __version__
from jiacha_tui.eport.assumptions import Assumptions

DEFAULT_USER_AGENT = f"jiacha/{__version__}"
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Time limits in seconds: `connect` for a connection, `read` for the next bytes, `total` for a whole call.

    `download_total` is the limit for a whole downloaded file, `login_total` for a whole login, each without the time
    that the card takes. A call that changes nothing (list, detail, getSession,
    script) is repeated after each of `retry_delays`, which vary a little, if the connection fails or the port is
    overloaded; all its requests share `total`. A port may ask for a longer pause, up to `max_retry_after`. `notice` is
    how long a response may take before the operator is told, and `notice_interval` how often after that.
    """

    connect: float = 10.0
    read: float = 30.0
    total: float = 90.0
    download_total: float = 600.0
    login_total: float = 180.0
    retry_delays: tuple[float, ...] = (0.5, 2.0, 6.0)
    max_retry_after: float = 60.0
    notice: float = 10.0
    notice_interval: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLimits:
    """The largest accepted responses in bytes.

    `login` limits the login page, the session information and the scripts; `response` a list page or the response to a
    resend; `usual_detail` a detail, and `detail` one that is larger, of which only one is received at a time: it may
    have more items than are kept. The limit of a download is high, because the
    port has no cap for a download of one day: it is enough for 60,000 items.
    """

    login: int = _MEBIBYTE
    response: int = 4 * _MEBIBYTE
    usual_detail: int = _MEBIBYTE
    detail: int = 16 * _MEBIBYTE
    pdf: int = 12 * _MEBIBYTE
    download: int = 32 * _MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLimits:
    """The limits of each engine that runs a script of the port.

    `seconds` bounds the start of a script and each call, `memory_bytes` what the scripts allocate, `result_bytes` the
    text that a call returns, as JSON in UTF-8. The engine itself bounds the depth of its stack.
    """

    seconds: float = 20.0
    memory_bytes: int = 96 * _MEBIBYTE
    result_bytes: int = 16 * _MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """The settings for one port.

    The CAs in `ca_file` are trusted besides those of the system. If `send_pin` is true, the login form contains the
    PIN, as on the official page; otherwise that field is empty. `proxy` is the address of an HTTP proxy and may hold a
    password; if it is empty, the environment says which one to use. `login_page_service` is the service with which the
    login page is requested; if it is empty, it is that of the session information.
    """

    login_url: str
    service_url: str
    ca_file: Path | None = None
    send_pin: bool = False
    proxy: str = field(default="", repr=False)
    user_agent: str = DEFAULT_USER_AGENT
    login_page_service: str = ""
    assumptions: Assumptions = field(default_factory=Assumptions)
    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: SizeLimits = field(default_factory=SizeLimits)
    script_limits: ScriptLimits = field(default_factory=ScriptLimits)

    @classmethod
    def under_root(cls, root: str, ca_file: Path | None = None) -> Self:
        """The settings for a port with login and service under one root address, such as the embedded port."""
        root = root.rstrip("/")
        return cls(login_url=f"{root}/cas/login", service_url=f"{root}/rtxwebserver/", ca_file=ca_file)

    def service_address(self, path: str) -> str:
        """The address of `path` below the service address."""
        return f"{self.service_url.rstrip('/')}/{path}"
