"""What a sync costs, and how long a key waits for its frame meanwhile: `python -m bench.syncing [DECLARATIONS]`.

The port runs in a process of its own on this machine and answers without delay. Its computing time is not counted. On a
busy machine only the ratios and the computing time (CPU) mean something.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from jiacha_tui.actions.session import Session
from jiacha_tui.actions.sync import sync
from jiacha_tui.composition import compose
from jiacha_tui.declaration.model import Summary
from jiacha_tui.demo.pin import DEMO_PIN
from jiacha_tui.eport.client import PortClient
from jiacha_tui.options import Options
from tests.app_contexts import serve_port
from tests.cli.terminals import terminal
from tests.port_home import open_session
from tests.terminal.program_screen import ProgramScreen

DECLARATIONS = 2000
KEYS = 60
_CALLERS = 4
_PAUSE_SECONDS = 0.05
_STEP_SECONDS = 0.002
_LONGEST_SECONDS = 10.0
_DOWN, _UP = b"\x1b[B", b"\x1b[A"
_KEYS_DOWN = 12


@dataclass(frozen=True, slots=True)
class _Cost:
    """Of some calls: seconds by the clock and computing seconds of this process, for each call."""

    seconds: float
    cpu: float


def figures(declarations: int = DECLARATIONS) -> Iterator[str]:
    """One line for each figure."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        environ.pop("LC_ALL", None)
        home = Path(folder) / "home"
        home.mkdir()
        options = ("--declarations", str(declarations), "--script", "plain")
        with serve_port(home, environ, *options) as (url, ca):
            yield from asyncio.run(_sync_figures(Options(home=home, port_url=url, ca=ca)))
            yield from _key_figures(Path(folder), home, environ, ("--port-url", url, "--ca", str(ca)))
    yield f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


async def _sync_figures(options: Options) -> list[str]:
    context = compose(options)
    *_, card_file = context.media()
    session = await open_session(replace(context, media=lambda: (card_file,)))
    try:
        began, cpu_began = time.perf_counter(), time.process_time()
        summary = await sync(session, lambda _progress: None, lambda: None)
        synced = _Cost(
            (time.perf_counter() - began) / summary.details, (time.process_time() - cpu_began) / summary.details
        )
        bare = await _bare_calls(session, session.declarations.count())
    finally:
        await session.close()
    return [
        _cost_line(f"sync of {summary.details:,} declarations, each", synced),
        _cost_line("the call for a detail alone, each", bare),
        f"{'sync to call alone, CPU':<44} {synced.cpu / bare.cpu:8.2f}",
    ]


async def _bare_calls(session: Session, count: int) -> _Cost:
    """The calls for details as a sync makes them, without anything else."""
    rows = _rows(session, min(count, 300))
    waiting = list(rows)

    async def call() -> None:
        while waiting:
            await session.call_port(partial(_detail, waiting.pop()))

    began, cpu_began = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(_CALLERS):
            group.create_task(call())
    return _Cost((time.perf_counter() - began) / len(rows), (time.process_time() - cpu_began) / len(rows))


def _rows(session: Session, count: int) -> tuple[Summary, ...]:
    with session.cache.read_cursor() as cursor:
        found = cursor.execute("SELECT entry_id FROM declaration ORDER BY entry_id LIMIT ?", [count]).fetchall()
    return session.declarations.summaries([entry_id for (entry_id,) in found])


async def _detail(summary: Summary, port: PortClient) -> None:
    await port.detail(summary)


def _key_figures(
    folder: Path, port_home: Path, environ: Mapping[str, str], arguments: tuple[str, ...]
) -> Iterator[str]:
    """A program of its own, with the card of the port and an empty cache, whose sync starts after the login."""
    home = folder / "program"
    home.mkdir()
    (home / "demo").symlink_to(port_home / "demo")
    with terminal(*arguments, "--home", str(home), environ=environ) as program:
        screen = ProgramScreen(program)
        screen.wait_for("JJ0G900000001", "F10退出")
        program.type(f"{DEMO_PIN}\r".encode())
        screen.wait_for("▸ [ ] 已阅读并同意")
        program.type(b" \r")
        screen.wait_for("同步详情")
        during = _seconds_to_frames(screen, KEYS)
        is_synced = "同步完成" in screen.text
        screen.wait_for("同步完成")
        program.rest(1.0)
        after = _seconds_to_frames(screen, KEYS)
    if is_synced:
        yield "the sync ended before all keys were pressed: take more declarations"
    yield _keys_line("key to frame while details come in", during)
    yield _keys_line("key to frame afterwards", after)
    yield f"{'while to afterwards, p95':<44} {_p95(during) / _p95(after):8.2f}"


def _seconds_to_frames(screen: ProgramScreen, count: int) -> list[float]:
    """How long the cursor takes to move after each of `count` keys."""
    seconds = []
    for number in range(count):
        screen.terminal.rest(_PAUSE_SECONDS)
        before = _row_at_cursor(screen)
        began = time.perf_counter()
        screen.terminal.type(_DOWN if number // _KEYS_DOWN % 2 == 0 else _UP)
        while _row_at_cursor(screen) == before and time.perf_counter() - began < _LONGEST_SECONDS:
            screen.terminal.rest(_STEP_SECONDS)
        seconds.append(time.perf_counter() - began)
    return seconds


def _row_at_cursor(screen: ProgramScreen) -> str:
    """The number of the declaration at the cursor."""
    row = next((line for line in screen.text.splitlines() if line.startswith("▸")), "")
    return next((word for word in row.split() if word.isdecimal()), "")


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[round(0.95 * (len(seconds) - 1))]


def _keys_line(name: str, seconds: list[float]) -> str:
    median, longest = statistics.median(seconds), max(seconds)
    return f"{name:<44} {median * 1000:8.1f} ms   p95 {_p95(seconds) * 1000:.1f}   longest {longest * 1000:.1f}"


def _cost_line(name: str, cost: _Cost) -> str:
    return f"{name:<44} {cost.cpu * 1000:8.2f} ms CPU   {1 / cost.seconds:6.0f} a second"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures(*map(int, sys.argv[1:2])))
