"""What the tests of this folder agree on."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from jiacha_tui.card.softcard import SoftCard

PIN = "Zq7#kW2!"
"""Unlike anything else in the tests, so that a search for it finds leaks only."""

WRONG_PIN = "Zq7#kW2?"
NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


def medium(p12_path: Path, at: datetime = NOW) -> SoftCard:
    return SoftCard(p12_path, clock=lambda: at)


def change_file(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def move_file(path: Path, to: Path) -> None:
    path.rename(to)
