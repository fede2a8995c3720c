"""What a start of the program was asked to be, by whichever front end asked."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`home`, `port_url` and `ca` are None where nothing was said: the environment or the configuration then decides.

    `demo` brings the embedded port and its card along; `offline` leaves every port alone.
    """

    home: Path | None = None
    demo: bool = False
    port_url: str | None = None
    ca: Path | None = None
    offline: bool = False
