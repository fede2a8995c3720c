"""The whole program in a terminal, and what is on its screen."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminals import terminal
from tests.terminal.program_screen import ProgramScreen

_STEP_SECONDS = 0.2
_CTRL_L = b"\x0c"
_SCREEN_LEFT = re.compile(rb"\x1b\[\?1049l\x1b\[\?25h(\x1b\[\?[0-9]+l)+$")
"""The alternate screen is left, the cursor is visible again, and nothing is drawn afterwards."""

_CARD = "JJ0G900000001"
_LAST_KEY = "F10退出"


@pytest.fixture
def screen(child_environment: dict[str, str]) -> Iterator[ProgramScreen]:
    with terminal("--demo", environ=child_environment) as started:
        yield ProgramScreen(started)


def test_ctrl_l_redraws_the_whole_screen(screen: ProgramScreen) -> None:
    before = screen.wait_for(_CARD, _LAST_KEY)
    screen.overwrite()
    screen.terminal.type(_CTRL_L)
    screen.wait_until(lambda: screen.text == before)


def test_the_whole_screen_is_redrawn_after_a_suspension(screen: ProgramScreen) -> None:
    before = screen.wait_for(_CARD, _LAST_KEY)
    screen.terminal.signal(signal.SIGTSTP)
    screen.wait_until(screen.terminal.is_stopped)
    screen.terminal.rest(_STEP_SECONDS)
    assert _SCREEN_LEFT.search(screen.terminal.output)
    screen.overwrite()
    screen.terminal.signal(signal.SIGCONT)
    screen.wait_until(lambda: screen.text == before)
    screen.terminal.type(b"1")
    screen.wait_for("[*")


@pytest.mark.parametrize("size", [(120, 40), (80, 30), (60, 20)])
def test_the_whole_screen_is_redrawn_in_another_size(screen: ProgramScreen, size: tuple[int, int]) -> None:
    before = screen.wait_for(_CARD, _LAST_KEY)
    screen.resize(*size)
    screen.overwrite()
    screen.wait_until(lambda: "overwritten" not in screen.text)
    assert len(screen.text.splitlines()) == size[1]
    screen.resize(80, 24)
    screen.overwrite()
    screen.wait_until(lambda: screen.text == before)


def test_the_whole_screen_is_redrawn_when_the_size_changes_and_changes_back(screen: ProgramScreen) -> None:
    before = screen.wait_for(_CARD, _LAST_KEY)
    for size in ((120, 40), (80, 24)):
        screen.terminal.resize(*size)
    screen.overwrite()
    screen.wait_until(lambda: screen.text == before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_and_restores_the_terminal(screen: ProgramScreen, number: signal.Signals) -> None:
    screen.wait_for(_CARD, _LAST_KEY)
    screen.terminal.signal(number)
    assert screen.terminal.exit_code() == 0
    assert _SCREEN_LEFT.search(screen.terminal.output)
    assert screen.text
    assert screen.is_plain


@pytest.mark.parametrize(("changes_only", "writes_all"), [("true", False), ("false", True)])
def test_changes_only_can_be_switched_off(
    child_environment: dict[str, str], changes_only: str, writes_all: bool
) -> None:
    home = Path(child_environment["JIACHA_HOME"])
    (home / "config.toml").write_text(f"[terminal]\nchanges_only = {changes_only}\n", "utf-8")
    with terminal("--demo", environ=child_environment) as started:
        screen = ProgramScreen(started)
        screen.wait_for(_CARD, _LAST_KEY)
        started.rest(_STEP_SECONDS)
        before = len(started.output)
        started.type(b"1")
        screen.wait_for("[*")
        assert (b"\x1b[0m" in started.output[before:]) == writes_all
