"""An error that nobody expected: the program says so, leaves the terminal clean, and writes a report without data."""

import re
import stat
from pathlib import Path

import pytest

from tests.cli.terminals import Terminal, terminal

_SECRET = "Zq7#kW2!"

_IN_A_HANDLER = """
from jiacha_tui import app
def fail(self, requested):
    pin = "Zq7#kW2!"
    raise ValueError(f"what is {pin}?")
app.JiachaApp.on_redraw_requested = fail
"""
_IN_A_WORKER = """
from jiacha_tui import app
async def work():
    raise ValueError("Zq7#kW2!")
def fail(self, requested):
    self.run_worker(work())
app.JiachaApp.on_redraw_requested = fail
"""
_IN_THE_INPUT_THREAD = """
from jiacha_tui.terminal.input_parser import InputParser
def fail(self, text, now):
    pin = "Zq7#kW2!"
    raise ZeroDivisionError(f"what is {pin}?")
InputParser.feed = fail
"""
_IN_THE_OUTPUT_THREAD = """
from jiacha_tui.terminal.terminal_state import TerminalState
show, shown = TerminalState.show, []
def fail(self, frame):
    shown.append(1)
    if len(shown) > 3:
        raise KeyError("Zq7#kW2!")
    return show(self, frame)
TerminalState.show = fail
"""
_AT_THE_END = """
from jiacha_tui import app
async def fail(self):
    raise LookupError("Zq7#kW2!")
app.JiachaApp.close_session = fail
"""
_MAIN = """
import sys
from jiacha_tui.__main__ import main
sys.exit(main())
"""

_CTRL_L, _F10 = b"\x0c", b"\x1b[21~"
_LEFT = b"\x1b[?1049l"
_MODES_OFF = (b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1006l", b"\x1b[?7h", b"\x1b[<u")


def _reports(home: Path) -> list[Path]:
    return list((home / "crash-reports").iterdir())


def _assert_reported(started: Terminal, home: Path, kind: str) -> None:
    (report,) = _reports(home)
    text = report.read_text("ascii")
    assert kind in text
    assert re.search(r"^  \S+\.py:\d+ \w+", text, re.MULTILINE) or kind == "builtins"
    assert _SECRET not in text
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700
    after = started.output.rpartition(_LEFT)[2].decode()
    assert "程序出错，只好退出 (program.crashed)" in after
    assert report.name in after.replace("\r\n", "")
    assert _SECRET not in after
    assert "Traceback" not in after


@pytest.mark.parametrize(
    ("fault", "key", "kind"),
    [
        (_IN_A_HANDLER, _CTRL_L, "ValueError"),
        (_IN_A_WORKER, _CTRL_L, "ValueError"),
        (_IN_THE_INPUT_THREAD, b"a", "ZeroDivisionError"),
        (_IN_THE_OUTPUT_THREAD, _CTRL_L * 3, "RuntimeError"),
        (_AT_THE_END, _F10, "LookupError"),
    ],
    ids=["handler", "worker", "input", "output", "end"],
)
def test_a_crash_is_reported_and_leaves_the_terminal_clean(
    fault: str, key: bytes, kind: str, child_environment: dict[str, str], tmp_path: Path
) -> None:
    arguments = ("--demo", "--home", str(tmp_path))
    with terminal(*arguments, environ=child_environment, program=("-c", fault + _MAIN)) as started:
        before = started.modes()
        if fault is not _IN_THE_OUTPUT_THREAD:
            started.wait_for(b"JJ0G900000001")
        else:
            started.wait_for(b"\x1b[?1049h")
        started.type(key)
        assert started.exit_code() == 1
        assert started.modes() == before
        end = started.output[started.output.index(b"\x1b[?1049h") :]
        for off in (*_MODES_OFF, _LEFT):
            assert off in end, off
        _assert_reported(started, tmp_path, kind)


def test_an_error_before_the_first_frame_is_reported_too(child_environment: dict[str, str], tmp_path: Path) -> None:
    fault = "from jiacha_tui import app\ndef fail(context): raise LookupError('Zq7#kW2!')\napp.compose = fail\n"
    arguments = ("--demo", "--home", str(tmp_path))
    with terminal(*arguments, environ=child_environment, program=("-c", fault + _MAIN)) as started:
        assert started.exit_code() == 1
        _assert_reported(started, tmp_path, "LookupError")
