"""A pseudo terminal around a start of the program, for what it says before it goes full screen."""

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

_PATIENCE_SECONDS = 20
_PROGRAM = ("-m", "jiacha_tui")


class Terminal:
    """One running `jiacha` and what it has written so far, as bytes."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int) -> None:
        self._process, self._master = process, master
        self.output = b""
        self.bytes_a_second: int | None = None
        """How much the line carries; as much as there is where it is None."""

    @property
    def process_id(self) -> int:
        return self._process.pid

    def wait_for(self, wanted: bytes) -> None:
        """Returns once `wanted` is in the output; fails with the whole output if it never comes."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while wanted not in self.output:
            if time.monotonic() > deadline or not self._read():
                raise AssertionError(f"{wanted!r} never came; the output was {self.output!r}")

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def rest(self, seconds: float) -> None:
        """Returns once nothing has been written for so long."""
        while select.select([self._master], [], [], seconds)[0] and self._read():
            pass

    def resize(self, columns: int, lines: int) -> None:
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def is_stopped(self) -> bool:
        """Whether the program is suspended."""
        return Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def exit_code(self) -> int:
        """Reads on until the program has ended."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self._read():
            assert time.monotonic() < deadline, self.output
        return self._process.wait(timeout=_PATIENCE_SECONDS)

    def _read(self) -> bool:
        """Whether more may come."""
        if not select.select([self._master], [], [], 0.2)[0]:
            return True
        try:
            chunk = os.read(self._master, 65536 if self.bytes_a_second is None else self.bytes_a_second // 40)
        except OSError:  # Linux's way of saying that the other side has closed
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
) -> Iterator[Terminal]:
    """`jiacha` with these arguments in a terminal of this size; ended with the block.

    `program` is what Python is told to run.
    """
    master, slave = pty.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = subprocess.Popen(
        # setsid makes it the controlling terminal, so that Ctrl+C and a hang-up reach the program.
        ["setsid", "--ctty", sys.executable, *program, *arguments],
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
