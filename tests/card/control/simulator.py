"""Runs `jiacha control-sim` in a process of its own. Tests send it commands on its standard input."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jiacha_tui.card.control.connection import RetryPolicy
from jiacha_tui.card.control.medium import ControlMedium
from tests.card.cards import WAIT_SECONDS

POLICY = RetryPolicy(attempts=10, interval=0.5, reply_timeout=30.0)
SHORT_REPLY_TIMEOUT = RetryPolicy(attempts=10, interval=0.5, reply_timeout=1.0)
"""For calls that get no reply."""

_STEP_SECONDS = 0.01


@dataclass(frozen=True)
class Simulator:
    process: "subprocess.Popen[str]"
    url: str

    def run(self, command: str) -> str:
        """Runs a command and returns its output."""
        self.start(command)
        return self.output()

    def start(self, command: str) -> None:
        """Starts a command without waiting for its output, which `output` returns."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()

    def output(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def calls(self) -> list[str]:
        """The methods that were called since this function was last called."""
        return self.run("calls").split()[1:]

    async def wait_for_calls(self, method: str, count: int = 1) -> list[str]:
        """Waits until `method` was called `count` times. Returns all methods that were called in the meantime."""
        calls: list[str] = []
        async with asyncio.timeout(WAIT_SECONDS):
            while calls.count(method) < count:
                calls += self.calls()
                await asyncio.sleep(_STEP_SECONDS)
        return calls

    async def wait_until_stopped(self) -> None:
        """Waits until nothing listens at the address, as during a restart."""
        host, port = self.url.removeprefix("ws://").split(":")
        async with asyncio.timeout(WAIT_SECONDS):
            with contextlib.suppress(ConnectionRefusedError):
                while True:
                    # A server that is just stopping may reset the connection instead of refusing it.
                    with contextlib.suppress(ConnectionResetError):
                        _reader, writer = await asyncio.open_connection(host, int(port))
                        writer.transport.abort()
                    await asyncio.sleep(_STEP_SECONDS)

    def medium(self, policy: RetryPolicy = POLICY) -> ControlMedium:
        return ControlMedium(self.url, scan_policy=RetryPolicy(1, 5.0, 5.0), operation_policy=policy)


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
