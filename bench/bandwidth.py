"""What a key costs on the line, in bytes to the terminal: as the program is, and with all that Textual writes.

Both are the same program at the embedded port, in 80 columns and 24 lines; they differ in `changes_only` alone.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.cli.terminals import Terminal, terminal
from tests.terminal.program_screen import ProgramScreen

_QUIET_SECONDS = 0.6
_REST_SECONDS = 3.0
_SLOW_LINE = 16 * 1024
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
"""In this order: each begins where the one before has left the screen."""


def figures() -> Iterator[str]:
    """One line for each figure."""
    ours, everything = dict(_measured(changes_only=True)), dict(_measured(changes_only=False))
    for what, figure in ours.items():
        yield f"{what:<44} {figure:>9}   all that Textual writes {everything[what]:>9}"


def _measured(*, changes_only: bool) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.toml").write_text(f"[terminal]\nchanges_only = {str(changes_only).lower()}\n", "utf-8")
        environ = {**os.environ, "JIACHA_HOME": folder, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        with terminal("--demo", environ=environ) as shown:
            _to_the_list(ProgramScreen(shown))
            for what, key in _KEYS:
                shown.type(key)
                yield what, f"{_written(shown, _QUIET_SECONDS):,} B"
            yield f"at rest, {_REST_SECONDS:.0f} s", f"{_written(shown, _REST_SECONDS):,} B"
            shown.type(_HOME)
            shown.rest(_QUIET_SECONDS)
            shown.bytes_a_second = _SLOW_LINE
            yield f"down held {_HELD_SECONDS:.0f} s at {_SLOW_LINE // 1024} KiB/s: late", f"{_late(shown):.1f} s"


def _to_the_list(screen: ProgramScreen) -> None:
    shown = screen.terminal
    screen.wait_for("JJ0G900000001", "F10退出")
    shown.type(b"12345678\r")
    screen.wait_for("********", "▸ [ ] 已阅读并同意")
    shown.type(b" \r")
    screen.wait_for("报关单查询下载", "还没有报关单")
    shown.type(_F5)
    screen.wait_for("同步完成")
    shown.rest(_REST_SECONDS)


def _written(shown: Terminal, quiet_seconds: float) -> int:
    before = len(shown.output)
    shown.rest(quiet_seconds)
    return len(shown.output) - before


def _late(shown: Terminal) -> float:
    """Seconds for which the screen goes on moving after a key is let go."""
    end = time.monotonic() + _HELD_SECONDS
    while time.monotonic() < end:
        shown.type(_DOWN)
        shown.rest(1 / _REPEATS_A_SECOND)
    shown.rest(_QUIET_SECONDS)
    return max(time.monotonic() - end - _QUIET_SECONDS, 0)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in figures())
