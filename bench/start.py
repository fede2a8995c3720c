"""How long the program takes to start, from the command to the text on the terminal."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.cli.terminals import terminal

RUNS = 5

_FIRST_FRAME = "卡介质登录"
_DEMO_CARD = "JJ0G900000001"


def figures() -> Iterator[str]:
    """One line for each figure: median, minimum and maximum of some starts, with all files in the page cache."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "JIACHA_HOME": str(Path(folder) / "home"), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        for name in ("LC_ALL", "LC_CTYPE"):
            environ.pop(name, None)
        yield _figure("jiacha --help", lambda: _seconds_to_exit("--help", environ=environ))
        yield _figure("jiacha --demo, first frame", lambda: _seconds_to_text(_FIRST_FRAME, environ))
        yield _figure("jiacha --demo, card shown", lambda: _seconds_to_text(_DEMO_CARD, environ))


def _figure(name: str, run: Callable[[], float]) -> str:
    run()
    seconds = [run() for _ in range(RUNS)]
    return f"{name:<32} {statistics.median(seconds):6.3f} s   {min(seconds):.3f}–{max(seconds):.3f}"


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
