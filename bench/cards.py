"""How long a login takes with each medium, and how long a pulled card leaves the desk to be seen.

Both as an operator sees them, of the real program in a terminal: from Enter on the login screen until the desk is
drawn, from the pull until the lock screen is. Beside each stands the same without the program: the card opened and
logged in to the port, with neither cache nor screen; the time until the medium tells that its card has gone.
"""

import asyncio
import contextlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.fixtures import CardStation, MissingStation, stations
from jiacha_tui.actions.port_settings import port_settings
from jiacha_tui.card.pin import Pin
from jiacha_tui.config import Config
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.eport.client import PortClient
from tests.cli.terminals import terminal

RUNS = 5

_DESK = "查询下载"
_LOCKED = "已拔出"
_REST = 0.3
"""Seconds without a byte after which nothing more is drawn."""


class Seconds(NamedTuple):
    login: float
    locked: float


def figures(runs: int = RUNS) -> Iterator[str]:
    """One line for each figure: the median of some runs and their span, then the same of the medium by itself."""
    with tempfile.TemporaryDirectory() as folder, stations(Path(folder)) as all_stations:
        for station in all_stations:
            if isinstance(station, MissingStation):
                yield f"{station.name:<18} not measured, {station.why}"
            else:
                yield from _figures_of(station, runs)


def _figures_of(station: CardStation, runs: int) -> Iterator[str]:
    _run(station)  # makes the cache
    seen = [_run(station) for _ in range(runs)]
    yield _line("login", station, [one.login for one in seen], [_alone(station, _log_in) for _ in range(runs)])
    yield _line("PIN and one signature", station, [_alone(station, _sign) for _ in range(runs)])
    locked = [one.locked for one in seen]
    yield _line("pulled, then locked", station, locked, [_alone(station, _hear_of_pull) for _ in range(runs)])


def _run(station: CardStation) -> Seconds:
    arguments = ("--port-url", str(station.port.port_url), "--ca", str(station.port.ca))
    with station.inserted(), terminal(*arguments, environ=station.environ) as shown:
        shown.wait_for(DEMO_COMPANY.card_number.encode())
        shown.type(f"{DEMO_PIN}\r ".encode())  # Enter leads to the agreement, space ticks it
        shown.rest(_REST)
        began = time.perf_counter()
        shown.type(b"\r")
        shown.wait_for(_DESK.encode())
        login = time.perf_counter() - began
        shown.rest(_REST)
        time.sleep(_any_moment(station))
        began = time.perf_counter()
        station.pull()
        shown.wait_for(_LOCKED.encode())
        return Seconds(login, time.perf_counter() - began)


def _alone(station: CardStation, measured: Callable[[CardStation], Awaitable[float]]) -> float:
    async def run() -> float:
        return await measured(station)

    with station.inserted():
        return asyncio.run(run())


async def _log_in(station: CardStation) -> float:
    began = time.perf_counter()
    async with contextlib.AsyncExitStack() as opened:
        card = await station.medium.open(Pin(DEMO_PIN))
        opened.push_async_callback(card.close)
        port = PortClient(port_settings(station.port, Config()))
        opened.push_async_callback(port.aclose)
        await port.log_in(card, lambda: DEMO_PIN)
        return time.perf_counter() - began


async def _sign(station: CardStation) -> float:
    began = time.perf_counter()
    card = await station.medium.open(Pin(DEMO_PIN))
    await card.sign("text")
    seconds = time.perf_counter() - began
    await card.close()
    return seconds


async def _hear_of_pull(station: CardStation) -> float:
    card = await station.medium.open(Pin(DEMO_PIN))
    watching = asyncio.create_task(card.wait_until_removed())
    await asyncio.sleep(_any_moment(station))
    began = time.perf_counter()
    station.pull()
    with contextlib.suppress(Problem):
        await watching
    seconds = time.perf_counter() - began
    await card.close()
    return seconds


def _any_moment(station: CardStation) -> float:
    """Seconds until one between two looks."""
    return random.random() * station.poll_seconds  # noqa: S311


def _line(what: str, station: CardStation, seconds: list[float], bare: list[float] | None = None) -> str:
    line = f"{station.name:<18} {what:<22} {_spread(seconds)}"
    if bare is None:
        return line
    ratio = statistics.median(seconds) / statistics.median(bare)
    return f"{line}   bare {_spread(bare)}   ratio {ratio:.1f}"


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):6.3f} s ({min(seconds):.3f}–{max(seconds):.3f})"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures(*map(int, sys.argv[1:2])))
