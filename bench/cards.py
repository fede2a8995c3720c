"""Measures with each medium how long a login takes, and how long the screen stays visible after the card is removed.

Both are measured as an operator sees them, with the real program in a terminal: from Enter on the login screen until
the main screen is drawn, and from the removal until the lock screen is drawn. Each figure has a second one beside it,
without the program: opening the card and logging in to the port, with neither cache nor screen; and the time until the
medium reports that its card was removed.
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

from bench.fixtures import MediumSetup, MissingMedium, medium_setups
from jiacha_tui.actions.port_settings import port_settings
from jiacha_tui.card.pin import Pin
from jiacha_tui.config import Config
from jiacha_tui.declaration.problem import Problem
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.demo.sample_data.companies import DEMO_COMPANY
from jiacha_tui.eport.client import PortClient
from tests.cli.terminals import terminal

RUNS = 5

_MAIN_SCREEN = "查询下载"
_LOCK_SCREEN = "已拔出"
_IDLE_SECONDS = 0.3
"""After so long without output, the screen is complete."""


class Seconds(NamedTuple):
    """The two times of one run with the program."""

    login: float
    locked: float


def figures(runs: int = RUNS) -> Iterator[str]:
    """One line for each figure: the median of some runs and their range, then the same without the program."""
    with tempfile.TemporaryDirectory() as folder, medium_setups(Path(folder)) as setups:
        for setup in setups:
            if isinstance(setup, MissingMedium):
                yield f"{setup.name:<18} not measured, {setup.why}"
            else:
                yield from _setup_figures(setup, runs)


def _setup_figures(setup: MediumSetup, runs: int) -> Iterator[str]:
    _run(setup)  # creates the cache
    runs_with_program = [_run(setup) for _ in range(runs)]
    yield _line(
        "login",
        setup,
        [run.login for run in runs_with_program],
        [_without_program(setup, _log_in) for _ in range(runs)],
    )
    yield _line("PIN and one signature", setup, [_without_program(setup, _sign) for _ in range(runs)])
    locked = [run.locked for run in runs_with_program]
    yield _line("removed, then locked", setup, locked, [_without_program(setup, _notice_removal) for _ in range(runs)])


def _run(setup: MediumSetup) -> Seconds:
    arguments = ("--port-url", str(setup.options.port_url), "--ca", str(setup.options.ca))
    with setup.inserted(), terminal(*arguments, environ=setup.environ) as program:
        program.wait_for(DEMO_COMPANY.card_number.encode())
        program.type(f"{DEMO_PIN}\r ".encode())  # Enter moves to the agreement, space accepts it
        program.rest(_IDLE_SECONDS)
        start = time.perf_counter()
        program.type(b"\r")
        program.wait_for(_MAIN_SCREEN.encode())
        login = time.perf_counter() - start
        program.rest(_IDLE_SECONDS)
        time.sleep(_random_delay(setup))
        start = time.perf_counter()
        setup.pull()
        program.wait_for(_LOCK_SCREEN.encode())
        return Seconds(login, time.perf_counter() - start)


def _without_program(setup: MediumSetup, measured: Callable[[MediumSetup], Awaitable[float]]) -> float:
    async def run() -> float:
        return await measured(setup)

    with setup.inserted():
        return asyncio.run(run())


async def _log_in(setup: MediumSetup) -> float:
    start = time.perf_counter()
    async with contextlib.AsyncExitStack() as opened:
        card = await setup.medium.open(Pin(DEMO_PIN))
        opened.push_async_callback(card.close)
        port = PortClient(port_settings(setup.options, Config()))
        opened.push_async_callback(port.aclose)
        await port.log_in(card, lambda: DEMO_PIN)
        return time.perf_counter() - start


async def _sign(setup: MediumSetup) -> float:
    start = time.perf_counter()
    card = await setup.medium.open(Pin(DEMO_PIN))
    await card.sign("text")
    seconds = time.perf_counter() - start
    await card.close()
    return seconds


async def _notice_removal(setup: MediumSetup) -> float:
    card = await setup.medium.open(Pin(DEMO_PIN))
    watching = asyncio.create_task(card.wait_until_removed())
    await asyncio.sleep(_random_delay(setup))
    start = time.perf_counter()
    setup.pull()
    with contextlib.suppress(Problem):
        await watching
    seconds = time.perf_counter() - start
    await card.close()
    return seconds


def _random_delay(setup: MediumSetup) -> float:
    """Seconds until a random moment between two polls."""
    return random.random() * setup.poll_seconds  # noqa: S311


def _line(label: str, setup: MediumSetup, seconds: list[float], bare: list[float] | None = None) -> str:
    line = f"{setup.name:<18} {label:<22} {_median_and_range(seconds)}"
    if bare is None:
        return line
    ratio = statistics.median(seconds) / statistics.median(bare)
    return f"{line}   bare {_median_and_range(bare)}   ratio {ratio:.1f}"


def _median_and_range(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):6.3f} s ({min(seconds):.3f}–{max(seconds):.3f})"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures(*map(int, sys.argv[1:2])))
