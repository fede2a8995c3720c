"""The options that the program is started with."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`home`, `port_url` and `ca` are None if not given: environment or configuration then decide.

    `demo` uses the embedded port and the demo card; `offline` uses no port.
    """

    home: Path | None = None
    demo: bool = False
    port_url: str | None = None
    ca: Path | None = None
    offline: bool = False
