"""How long the program takes to start, from the command to the text, beside a minimal Textual program."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.cli.terminals import terminal

RUNS = 5

_FIRST_FRAME = "卡介质登录"
_MINIMAL = """
from textual.app import App
from textual.widgets import Input, Static

class Minimal(App):
    def compose(self):
        yield Static("minimal program")
        yield Input()

Minimal().run()
"""
_DEMO_CARD = "JJ0G900000001"


def figures() -> Iterator[str]:
    """One line for each figure: median, minimum and maximum of some starts, with all files in the page cache."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "JIACHA_HOME": str(Path(folder) / "home"), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        for name in ("LC_ALL", "LC_CTYPE"):
            environ.pop(name, None)
        yield _figure("jiacha --help", lambda: _seconds_to_exit("--help", environ=environ))
        yield from _first_frames(environ)
        yield _figure("jiacha --demo, card shown", lambda: _seconds_to_text(_DEMO_CARD, environ))


def _first_frames(environ: Mapping[str, str]) -> Iterator[str]:
    """The two programs in turns, so that both have the same share of a busy machine."""
    ours, minimal = [], []
    for run in range(RUNS + 1):
        pair = (_seconds_to_text(_FIRST_FRAME, environ), _seconds_to_minimal(environ))
        if run:  # the first one fills the page cache
            ours.append(pair[0])
            minimal.append(pair[1])
    yield _line("jiacha --demo, first frame", ours)
    yield _line("minimal Textual program, first frame", minimal)
    yield f"{'jiacha to minimal':<38} {statistics.median(ours) / statistics.median(minimal):6.2f}"


def _figure(name: str, run: Callable[[], float]) -> str:
    run()
    return _line(name, [run() for _ in range(RUNS)])


def _line(name: str, seconds: list[float]) -> str:
    return f"{name:<38} {statistics.median(seconds):6.3f} s   {min(seconds):.3f}–{max(seconds):.3f}"


def _seconds_to_exit(*arguments: str, environ: Mapping[str, str]) -> float:
    began = time.perf_counter()
    with terminal(*arguments, environ=environ) as program:
        program.exit_code()
        return time.perf_counter() - began


def _seconds_to_text(text: str, environ: Mapping[str, str]) -> float:
    began = time.perf_counter()
    with terminal("--demo", environ=environ) as program:
        program.wait_for(text.encode())
        return time.perf_counter() - began


def _seconds_to_minimal(environ: Mapping[str, str]) -> float:
    began = time.perf_counter()
    with terminal(environ=environ, program=("-c", _MINIMAL)) as program:
        program.wait_for(b"minimal program")
        return time.perf_counter() - began
