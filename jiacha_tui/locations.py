"""The paths of everything that the program stores, all in one home folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

from jiacha_tui.declaration.card_number import check_card_number
from jiacha_tui.declaration.problem import Problem

HOME_VARIABLE = "JIACHA_HOME"

CACHE_FILE: Final = "cache.duckdb"
KEY_FILE: Final = "key.json"
STATE_FILE: Final = "state.bin"
"""The names of the files of a cache, in its folder."""


@dataclass(frozen=True, slots=True)
class Locations:
    """Only the paths: nothing is created or read. `home` is absolute."""

    home: Path

    @property
    def config_file(self) -> Path:
        return self.home / "config.toml"

    @property
    def caches(self) -> Path:
        """Has a folder for each card."""
        return self.home / "caches"

    @property
    def old_caches(self) -> Path:
        """Caches in whose place there is a new one, unchanged: a folder for each, named by card and time."""
        return self.home / "old-caches"

    @property
    def new_caches(self) -> Path:
        """Caches that are just being made: a folder for each card, which is moved to its place when it is whole."""
        return self.home / "new-caches"

    @property
    def session_caches(self) -> Path:
        """Caches that are destroyed at the end of their session: a folder for each."""
        return self.home / "session-caches"

    @property
    def downloads(self) -> Path:
        """For downloaded files, if the configuration names no folder."""
        return self.home / "downloads"

    @property
    def demo(self) -> Path:
        """The data of the embedded port: its CA, its cards and its state."""
        return self.home / "demo"

    @property
    def demo_card(self) -> Path:
        """The demo card. It is created together with the embedded port, and only that port accepts it."""
        return self.demo / "card.p12"

    def cache(self, card_number: str) -> Path:
        """The folder of one card's cache and its key. Raises BadCardNumber."""
        return self.caches / check_card_number(card_number)

    def new_cache(self, card_number: str) -> Path:
        """The folder in which one card's cache is made. Raises BadCardNumber."""
        return self.new_caches / check_card_number(card_number)

    def cache_file(self, card_number: str) -> Path:
        """Raises BadCardNumber."""
        return self.cache(card_number) / CACHE_FILE

    def key_file(self, card_number: str) -> Path:
        """Raises BadCardNumber."""
        return self.cache(card_number) / KEY_FILE

    def state_file(self, card_number: str) -> Path:
        """Raises BadCardNumber."""
        return self.cache(card_number) / STATE_FILE


def resolve_locations(home_option: Path | None, environ: Mapping[str, str]) -> Locations:
    """The home is `home_option` (`--home`), else the variable JIACHA_HOME, else the user data folder of the platform.

    Raises Problem "home.unknown" if a `~` in the path cannot be resolved.
    """
    chosen = home_option or Path(environ.get(HOME_VARIABLE) or platformdirs.user_data_path("jiacha", appauthor=False))
    try:
        return Locations(chosen.expanduser().absolute())
    except RuntimeError as error:
        raise Problem("home.unknown", f"找不到文件夹 {chosen} 里的用户主目录", "请用完整路径") from error
