"""What is typed while the program starts is not shown, and the terminal is as before when it ends."""

import signal
import subprocess
import sys
import termios
from pathlib import Path

import click
import pytest

from jiacha_tui.cli.commands import jiacha
from jiacha_tui.cli.quiet_terminal import FLAGS, VALUE_OPTIONS, home_option, starts_full_screen
from tests.cli.terminals import Terminal, terminal

_TYPED = b"Zq7#kW2!"
_F10 = b"\x1b[21~"


def _echoes(started: Terminal) -> bool:
    return bool(started.modes()[3] & termios.ECHO)


def _wait_for_silence(started: Terminal) -> None:
    """Until the program has switched the echo off, which it does before it writes anything."""
    for _ in range(10_000):
        if not _echoes(started):
            return
        started.rest(0.001)
    raise AssertionError(started.output)


def test_what_is_typed_during_the_start_is_not_echoed(child_environment: dict[str, str]) -> None:
    with terminal("--demo", environ=child_environment) as started:
        before = started.modes()
        _wait_for_silence(started)
        assert started.output == b""
        started.type(_TYPED)
        started.wait_for(b"JJ0G900000001")
        assert _TYPED not in started.output
        started.type(_F10)
        assert started.exit_code() == 0
        assert started.modes() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_during_the_start_leaves_the_terminal_as_it_was(
    child_environment: dict[str, str], number: signal.Signals
) -> None:
    with terminal("--demo", environ=child_environment) as started:
        before = started.modes()
        _wait_for_silence(started)
        started.signal(number)
        started.exit_code()
        assert started.modes() == before


def test_a_start_that_fails_leaves_the_terminal_as_it_was(child_environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("no toml")
    with terminal("--demo", "--home", str(tmp_path), environ=child_environment) as started:
        before = started.modes()
        _wait_for_silence(started)
        started.type(_TYPED)
        assert started.exit_code() == 1
        assert started.modes() == before
        assert _TYPED not in started.output


def test_the_echo_is_off_before_anything_slow_is_imported(child_environment: dict[str, str]) -> None:
    code = "import sys, jiacha_tui.__main__; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run(
        [sys.executable, "-c", code], env=child_environment, capture_output=True, text=True, check=True
    )
    assert "jiacha_tui" in run.stdout
    assert not {"click", "textual", "rich", "msgspec", "asyncio", "ctypes", "ssl"} & set(run.stdout.split())


def test_the_options_are_those_of_the_command() -> None:
    options = [parameter for parameter in jiacha.params if isinstance(parameter, click.Option)]
    values = {option.opts[0] for option in options if not option.is_flag}
    flags = {option.opts[0] for option in options if option.is_flag and option.name != "version"}
    assert values == set(VALUE_OPTIONS)
    assert flags == set(FLAGS)


@pytest.mark.parametrize(
    ("line", "is_full_screen"),
    [
        ("", True),
        ("--demo --offline", True),
        ("--home x --ca y", True),
        ("--home=x", True),
        ("--home doctor", True),
        ("doctor", False),
        ("--home x doctor", False),
        ("--help", False),
        ("--version", False),
        ("import --demo", False),
    ],
)
def test_which_command_lines_are_full_screen(line: str, is_full_screen: bool) -> None:
    assert starts_full_screen(line.split()) is is_full_screen


def test_the_home_is_found_wherever_it_is_given() -> None:
    assert home_option(["--home", "a", "doctor", "--home=b"]) == Path("b")
    assert home_option(["doctor"]) is None
    assert home_option(["--home"]) is None
