"""Where the program would start, for those who look at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jiacha_tui.options import Options

if TYPE_CHECKING:
    from jiacha_tui.config import Config
    from jiacha_tui.locations import Locations

# What is imported inside the methods may be missing from this machine: that is for the line to say that needs it.


@dataclass(frozen=True, slots=True)
class DoctorContext:
    """What a start was asked to be, and its environment."""

    options: Options
    environ: Mapping[str, str]

    def here(self) -> "Locations":
        """Raises Problem "home.unknown"."""
        from jiacha_tui.locations import resolve_locations  # noqa: PLC0415

        return resolve_locations(self.options.home, self.environ)

    def config(self) -> "Config":
        """The configuration, or the default where it is faulty: which it is has a line of its own."""
        from jiacha_tui.config import Config, load_config  # noqa: PLC0415
        from jiacha_tui.config_errors import ConfigProblem  # noqa: PLC0415

        try:
            return load_config(self.here().config_file)
        except ConfigProblem:
            return Config()
