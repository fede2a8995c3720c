"""`jiacha control-sim` as a process of its own, driven through its standard input."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.medium import ControlMedium

SHORT_REPLY_TIMEOUT = RetryPolicy(attempts=10, interval=0.5, reply_timeout=0.6)
"""For what is never answered."""

PATIENT = RetryPolicy(attempts=10, interval=0.5, reply_timeout=30.0)


@dataclass(frozen=True)
class Simulator:
    process: "subprocess.Popen[str]"
    url: str

    def run(self, command: str) -> str:
        """What the simulator answers to a command."""
        self.start(command)
        return self.output()

    def start(self, command: str) -> None:
        """Orders without waiting for the answer, which `reply` then gives."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()

    def output(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def calls(self) -> list[str]:
        """The methods that were called since this was asked last."""
        return self.run("calls").split()[1:]

    def medium(self, working: RetryPolicy = PATIENT) -> ControlMedium:
        return ControlMedium(self.url, scan_policy=RetryPolicy(1, 5.0, 5.0), operation_policy=working)


@contextlib.contextmanager
def running_simulator(home: Path, project: Path, *options: str) -> Iterator[Simulator]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "JIACHA_", "HTTP"))
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "jiacha_tui", "control-sim", "--listen", "127.0.0.1:0", "--home", str(home), *options],
        env=environment | {"PYTHONPATH": str(project), "LC_ALL": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline().split()
            assert ready[:1] == ["ready"], "the simulator did not start; see its standard error"
            yield Simulator(process, ready[1])
        finally:
            process.terminate()
