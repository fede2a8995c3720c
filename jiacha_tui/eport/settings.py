"""Where the port is and how patient, how greedy and how trusting its client may be."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from jiacha_tui.eport.assumptions import Assumptions

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to wait: for a connection, for the next bytes, and for a whole answer.

    A list page or a detail on a cut line is asked for again after each of `pauses`.
    """

    connect: float = 10.0
    read: float = 30.0
    whole: float = 90.0
    whole_download: float = 600.0
    retry_delays: tuple[float, ...] = (0.5, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLimits:
    """The largest answers taken, in bytes. A one-day download has no cap at the port, so its limit is generous."""

    page: int = _MEBIBYTE
    answer: int = 16 * _MEBIBYTE
    pdf: int = 32 * _MEBIBYTE
    download: int = 256 * _MEBIBYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """One port. `ca_file`, where given, is the only authority trusted; without it the public ones are.

    `send_pin` puts the PIN into the login form, as the official page does; otherwise that field stays empty.
    """

    login_url: str
    service_url: str
    ca_file: Path | None = None
    send_pin: bool = False
    assumptions: Assumptions = field(default_factory=Assumptions)
    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: SizeLimits = field(default_factory=SizeLimits)

    @classmethod
    def under(cls, root: str, ca_file: Path | None = None) -> Self:
        """A port that has login and service under one root, as the embedded one."""
        root = root.rstrip("/")
        return cls(login_url=f"{root}/cas/login", service_url=f"{root}/rtxwebserver/", ca_file=ca_file)

    def service(self, path: str) -> str:
        """The address of a call under the service address."""
        return f"{self.service_url.rstrip('/')}/{path}"
