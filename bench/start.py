"""How long a start takes, as an operator sees it: from the command to what is on the terminal."""

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
    """One line for each figure: the median of some starts with everything in the system's cache."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "JIACHA_HOME": str(Path(folder) / "home"), "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        for name in ("LC_ALL", "LC_CTYPE"):
            environ.pop(name, None)
        yield _line("jiacha --help", lambda: _until_the_end("--help", environ=environ))
        yield _line("first frame of jiacha --demo", lambda: _until(_FIRST_FRAME, environ))
        yield _line("the demo card on it", lambda: _until(_DEMO_CARD, environ))


def _line(what: str, run: Callable[[], float]) -> str:
    run()
    seconds = [run() for _ in range(RUNS)]
    return f"{what:<32} {statistics.median(seconds):6.3f} s   {min(seconds):.3f}–{max(seconds):.3f}"


def _until_the_end(*arguments: str, environ: Mapping[str, str]) -> float:
    began = time.perf_counter()
    with terminal(*arguments, environ=environ) as shown:
        shown.exit_code()
        return time.perf_counter() - began


def _until(words: str, environ: Mapping[str, str]) -> float:
    began = time.perf_counter()
    with terminal("--demo", environ=environ) as shown:
        shown.wait_for(words.encode())
        return time.perf_counter() - began
