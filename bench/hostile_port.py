"""The whole program at a port that sends too much: `python -m bench.hostile_port [FAULT …]`.

One line for each fault of `jiacha port --fault`: the peak of the program's memory as the kernel counts it (VmHWM), and
how long the sync and the screens of one declaration took.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from jiacha_tui.demo.faults import CallKind, FaultKind, PortFault
from tests.app_contexts import serve_port

DECLARATIONS = 12
_STEPS = ("sync", "detail", "all fields", "preview", "PDF")


def figures(faults: Sequence[str] = ()) -> Iterator[str]:
    """One line without a fault, and one for each of `faults`, or of those that send too much."""
    yield f"{'fault':<32}{'peak MB':>8}" + "".join(f"{step + ' s':>14}" for step in _STEPS)
    for fault in faults or ("", *_too_much()):
        yield _line(fault)


def _too_much() -> Iterator[str]:
    for kind in FaultKind:
        if kind.is_too_much or kind is FaultKind.GIGANTIC:
            yield PortFault(kind, CallKind.LIST if kind.is_about_lists else CallKind.DETAIL).text


def _line(fault: str) -> str:
    options = ("--declarations", str(DECLARATIONS), "--script", "plain", *(("--fault", fault) if fault else ()))
    with tempfile.TemporaryDirectory() as folder, serve_port(Path(folder), dict(os.environ), *options) as (url, ca):
        command = [sys.executable, "-m", "tests.journey.measured_program", folder, url, str(ca)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    if run.returncode:
        return f"{fault or '(none)':<32}{run.stderr.strip().splitlines()[-1]:>8}"
    measured = json.loads(run.stdout)
    seconds = "".join(f"{measured['seconds'].get(step, '–'):>14}" for step in _STEPS)
    return f"{fault or '(none)':<32}{measured['peak'] / 1e6:>8.0f}{seconds}"


if __name__ == "__main__":
    for figure in figures(sys.argv[1:]):
        sys.stdout.write(f"{figure}\n")
        sys.stdout.flush()
