"""How many bytes the program writes to the terminal for a key, compared with everything that Textual writes.

Both are the same program with the embedded port in 80 columns and 24 lines, with `changes_only` on and off.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.cli.terminals import Terminal, terminal
from tests.terminal.program_screen import ProgramScreen

_QUIET_SECONDS = 0.6
_REST_SECONDS = 3.0
_SLOW_BYTES_A_SECOND = 16 * 1024
_HELD_SECONDS = 3.0
_REPEATS_A_SECOND = 30

_UP, _DOWN, _PAGE_DOWN, _HOME = b"\x1b[A", b"\x1b[B", b"\x1b[6~", b"\x1b[H"
_F2, _F3, _F4, _F5, _F9, _F10 = b"\x1bOQ", b"\x1bOR", b"\x1bOS", b"\x1b[15~", b"\x1b[20~", b"\x1b[21~"

_KEYS = (
    ("cursor down", _DOWN),
    ("page down", _PAGE_DOWN),
    ("cursor up", _UP),
    ("cursor up, the list scrolls", _UP),
    ("the query dialog opens", _F3),
    ("the query dialog closes", _F10),
    ("the palette opens", _F9),
    ("one character typed in the palette", b"x"),
    ("the palette closes", _F10),
    ("a declaration opens", _F4),
    ("a declaration closes", _F10),
    ("the filter opens", _F2),
    ("one character typed in the filter", b"m"),
    ("the filter is cleared", _F10),
)
"""The keys in the order in which they are pressed. Each starts with the screen that the one before left."""


class _Measured(NamedTuple):
    bytes_written: dict[str, int]
    seconds_late: float
    """How long the screen still changes after a held key was released, on a slow line."""


def figures() -> Iterator[str]:
    """One line for each figure: the program as it is, the program that writes everything, and their ratio."""
    changes, everything = _measure(changes_only=True), _measure(changes_only=False)
    for name, count in changes.bytes_written.items():
        full = everything.bytes_written[name]
        yield f"{name:<44} {count:>9,} B   everything {full:>9,} B   ratio {count / max(full, 1):.2f}"
    name = f"down held {_HELD_SECONDS:.0f} s at {_SLOW_BYTES_A_SECOND // 1024} KiB/s, late"
    yield f"{name:<44} {changes.seconds_late:>9.1f} s   everything {everything.seconds_late:>9.1f} s"


def _measure(*, changes_only: bool) -> _Measured:
    with tempfile.TemporaryDirectory() as folder:
        config = f"[terminal]\nchanges_only = {str(changes_only).lower()}\n[sync]\nat_login = false\n"
        (Path(folder) / "config.toml").write_text(config, "utf-8")
        environ = {**os.environ, "JIACHA_HOME": folder, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        with terminal("--demo", environ=environ) as program:
            _log_in_and_sync(ProgramScreen(program))
            bytes_written = {}
            for name, key in _KEYS:
                program.type(key)
                bytes_written[name] = _bytes_until_quiet(program, _QUIET_SECONDS)
            bytes_written[f"idle, {_REST_SECONDS:.0f} s"] = _bytes_until_quiet(program, _REST_SECONDS)
            program.type(_HOME)
            program.rest(_QUIET_SECONDS)
            program.bytes_a_second = _SLOW_BYTES_A_SECOND
            return _Measured(bytes_written, _seconds_late(program))


def _log_in_and_sync(screen: ProgramScreen) -> None:
    program = screen.terminal
    screen.wait_for("JJ0G900000001", "F10退出")
    program.type(b"12345678\r")
    screen.wait_for("********", "▸ [ ] 已阅读并同意")
    program.type(b" \r")
    screen.wait_for("报关单查询下载", "还没有报关单")
    program.type(_F5)
    screen.wait_for("同步完成")
    program.rest(_REST_SECONDS)


def _bytes_until_quiet(program: Terminal, quiet_seconds: float) -> int:
    before = len(program.output)
    program.rest(quiet_seconds)
    return len(program.output) - before


def _seconds_late(program: Terminal) -> float:
    end = time.monotonic() + _HELD_SECONDS
    while time.monotonic() < end:
        program.type(_DOWN)
        program.rest(1 / _REPEATS_A_SECOND)
    program.rest(_QUIET_SECONDS)
    return max(time.monotonic() - end - _QUIET_SECONDS, 0)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures())
