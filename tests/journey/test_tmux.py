"""The program in tmux, as many operators run it."""

import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import needs

pytestmark = needs("tmux")

_TIMEOUT_SECONDS = 30
_EXITED = "left with"


class Pane:
    """A tmux pane. After the program a shell prints a line, so that the test sees what is left on the terminal."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def start(self, environ: dict[str, str], columns: int, lines: int) -> None:
        program = f"{shlex.quote(sys.executable)} -m jiacha_tui --demo; echo {_EXITED} $?; cat"
        size = ("-x", str(columns), "-y", str(lines))
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, program, environ=environ)

    def keys(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def resize(self, columns: int, lines: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def end(self) -> None:
        self._tmux("kill-server")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def sees(self, text: str) -> str:
        """The screen, once `text` is on it."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while text not in (screen := self.screen()):
            assert time.monotonic() < deadline, f"{text!r} was not shown; the screen shows:\n{screen}"
            time.sleep(0.05)
        return screen

    def _tmux(self, *arguments: str, environ: dict[str, str] | None = None) -> str:
        command = ["tmux", "-u", "-S", str(self._socket), *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30, check=True).stdout


@pytest.fixture
def pane(child_environment: dict[str, str]) -> Iterator[Pane]:
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket must be short
        one = Pane(Path(folder, "tmux"))
        one.start(child_environment, 80, 24)
        yield one
        one.end()


def test_log_in_and_leave_a_clean_terminal(pane: Pane) -> None:
    pane.sees("JJ0G900000001")
    pane.keys("12345678", "Enter")
    pane.sees("▸ [ ] 已阅读并同意")
    pane.keys("Space")
    pane.sees("[x] 已阅读并同意")
    pane.keys("Enter")
    screen = pane.sees("1报关单查询下载")
    assert len(screen.splitlines()) == 24
    pane.sees("还没有报关单")
    pane.keys("F10")
    pane.sees("退出程序")
    pane.keys("Tab")
    pane.sees("[▸退出 ]")
    pane.keys("Enter")
    left = pane.sees(f"{_EXITED} 0")
    assert "报关单" not in left


def test_the_program_reports_a_small_window_and_continues_when_it_is_enlarged(pane: Pane) -> None:
    pane.sees("JJ0G900000001")
    pane.resize(60, 20)
    assert "至少 80×24" in pane.sees("终端太小")
    pane.resize(80, 24)
    pane.sees("卡介质登录")
