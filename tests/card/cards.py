"""Constants and helpers for the tests of cards."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from jiacha_tui.card.softcard import SoftCard

PIN = "Zq7#kW2!"
"""Differs from every other text in the tests, so that a search for it finds only leaks of the PIN."""

WRONG_PIN = "Zq7#kW2?"
WAIT_SECONDS = 20.0
"""How long a test waits at most for something that it expects."""

NOW = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)


def medium(p12_path: Path, at: datetime = NOW) -> SoftCard:
    return SoftCard(p12_path, clock=lambda: at)


def change_file(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def move_file(path: Path, to: Path) -> None:
    path.rename(to)
