"""Runs the program in a pseudo terminal, for tests of its real input and output."""

import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path
from typing import Any

_TIMEOUT_SECONDS = 20
_PROGRAM = ("-m", "jiacha_tui")
_IGNORE_INTERRUPT = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")


class Terminal:
    """A running `jiacha` and the bytes that it has written so far."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int) -> None:
        self._process, self._master = process, master
        self.output = b""
        self.bytes_a_second: int | None = None
        """The bandwidth of the simulated connection; None for no limit."""

    @property
    def process_id(self) -> int:
        return self._process.pid

    def wait_for(self, wanted: bytes) -> None:
        """Waits until `wanted` is in the output. Fails with the whole output if it does not come."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while wanted not in self.output:
            if time.monotonic() > deadline or not self._read():
                raise AssertionError(f"{wanted!r} is not in the output: {self.output!r}")

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def rest(self, seconds: float) -> None:
        """Waits until nothing has been written for `seconds`."""
        while select.select([self._master], [], [], seconds)[0] and self._read():
            pass

    def resize(self, columns: int, lines: int) -> None:
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def modes(self) -> list[Any]:
        """The modes of the terminal (termios), also after the program has ended."""
        return termios.tcgetattr(self._master)

    def is_running(self) -> bool:
        return self._process.poll() is None

    def is_stopped(self) -> bool:
        """Whether the program is suspended (SIGTSTP)."""
        return Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def exit_code(self) -> int:
        """Reads all output until the program has ended. Returns its exit code."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while self._read():
            assert time.monotonic() < deadline, self.output
        return self._process.wait(timeout=_TIMEOUT_SECONDS)

    def _read(self) -> bool:
        """Reads available output. Returns whether more may come."""
        if not select.select([self._master], [], [], 0.2)[0]:
            return True
        try:
            chunk = os.read(self._master, 65536 if self.bytes_a_second is None else self.bytes_a_second // 40)
        except OSError:  # on Linux, the other side has closed
            return False
        self.output += chunk
        if self.bytes_a_second is not None:
            time.sleep(len(chunk) / self.bytes_a_second)
        return bool(chunk)


@contextmanager
def terminal(
    *arguments: str,
    environ: Mapping[str, str],
    columns: int = 80,
    lines: int = 24,
    program: Sequence[str] = _PROGRAM,
    ignore_interrupt: bool = False,
) -> Iterator[Terminal]:
    """Runs `jiacha` with these arguments in a terminal of this size until the block ends.

    `program` are the arguments of Python. With `ignore_interrupt` it is started with SIGINT ignored, as a shell starts
    jobs in the background.
    """
    prefix = _IGNORE_INTERRUPT if ignore_interrupt else ()
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = subprocess.Popen(
        # setsid makes it the controlling terminal, so that Ctrl+C and a lost connection signal the program.
        [*prefix, "setsid", "--ctty", sys.executable, *program, *arguments],
        env=dict(environ),
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)
