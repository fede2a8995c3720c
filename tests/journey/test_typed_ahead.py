"""Keys that are typed faster than the program can follow, in a real terminal on a busy machine."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from jiacha_tui.demo.pin import DEMO_PIN
from tests.cli.terminals import terminal
from tests.terminal.program_screen import ProgramScreen

_LOGIN = f"{DEMO_PIN}\r \r".encode()
"""The PIN, Enter to the checkbox, space checks it, Enter logs in."""

_BEL = b"\x07"


@pytest.fixture
def busy_machine() -> Iterator[None]:
    """Two processes that do nothing but use the processors."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


@pytest.mark.usefixtures("busy_machine")
def test_a_login_that_is_typed_before_the_first_frame_logs_in(child_environment: dict[str, str]) -> None:
    """The terminal keeps the keys until the program reads them; from then on the program does."""
    with terminal("--demo", environ=child_environment) as started:
        started.type(_LOGIN)
        screen = ProgramScreen(started)
        screen.wait_for("1报关单查询下载", "还没有报关单")
        assert "没有作用" not in screen.text


def test_keys_without_effect_ring_the_bell_and_are_answered_on_the_screen(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ=child_environment) as started:
        screen = ProgramScreen(started)
        screen.wait_for("JJ0G900000001")
        for key in (b"\x1b[15;2~", b"\x0b", b"\x7f"):  # Shift+F5, Ctrl+K, backspace in an empty field
            before = started.output.count(_BEL)
            started.type(key)
            screen.wait_until(lambda before=before: started.output.count(_BEL) > before)  # type: ignore[misc]
            screen.wait_for("这个键现在没有作用")
        started.type(b"1")
        screen.wait_until(lambda: "没有作用" not in screen.text)
