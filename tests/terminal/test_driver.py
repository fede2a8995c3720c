"""The program in a terminal whose screen is looked at."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminals import terminal
from tests.terminal.watched import ObservableMedium

_STEP_SECONDS = 0.2
_CTRL_L = b"\x0c"
_LEFT = re.compile(rb"\x1b\[\?1049l\x1b\[\?25h(\x1b\[\?[0-9]+l)+$")
"""The other screen is left, the cursor is seen again, and nothing is drawn any more."""

_CARD = "JJ0G900000001"
_LAST_KEY = "F10退出"


@pytest.fixture
def watched(child_environment: dict[str, str]) -> Iterator[ObservableMedium]:
    with terminal("--demo", environ=child_environment) as shown:
        yield ObservableMedium(shown)


def test_the_whole_screen_comes_again_by_a_key(watched: ObservableMedium) -> None:
    before = watched.sees(_CARD, _LAST_KEY)
    watched.spoil()
    watched.terminal.type(_CTRL_L)
    watched.waits(lambda: watched.text == before)


def test_the_whole_screen_comes_again_after_a_suspension(watched: ObservableMedium) -> None:
    before = watched.sees(_CARD, _LAST_KEY)
    watched.terminal.signal(signal.SIGTSTP)
    watched.waits(watched.terminal.is_stopped)
    watched.terminal.rest(_STEP_SECONDS)
    assert _LEFT.search(watched.terminal.output)
    watched.spoil()
    watched.terminal.signal(signal.SIGCONT)
    watched.waits(lambda: watched.text == before)
    watched.terminal.type(b"1")
    watched.sees("[*")


@pytest.mark.parametrize("size", [(120, 40), (80, 30), (60, 20)])
def test_the_whole_screen_comes_again_in_another_size(watched: ObservableMedium, size: tuple[int, int]) -> None:
    before = watched.sees(_CARD, _LAST_KEY)
    watched.resize(*size)
    watched.spoil()
    watched.waits(lambda: "spoilt" not in watched.text)
    assert len(watched.text.splitlines()) == size[1]
    watched.resize(80, 24)
    watched.spoil()
    watched.waits(lambda: watched.text == before)


def test_a_size_that_changes_and_changes_back_at_once_spoils_nothing(watched: ObservableMedium) -> None:
    before = watched.sees(_CARD, _LAST_KEY)
    for size in ((120, 40), (80, 24)):
        watched.terminal.resize(*size)
    watched.spoil()
    watched.waits(lambda: watched.text == before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_terminal_is_left_as_it_was(watched: ObservableMedium, number: signal.Signals) -> None:
    watched.sees(_CARD, _LAST_KEY)
    watched.terminal.signal(number)
    assert watched.terminal.exit_code() == 0
    assert _LEFT.search(watched.terminal.output)
    assert watched.text
    assert watched.plain


@pytest.mark.parametrize(("switch", "writes_all"), [("true", False), ("false", True)])
def test_a_switch_leaves_it_to_textual(child_environment: dict[str, str], switch: str, writes_all: bool) -> None:
    home = Path(child_environment["JIACHA_HOME"])
    home.mkdir(parents=True)
    (home / "config.toml").write_text(f"[terminal]\nchanges_only = {switch}\n", "utf-8")
    with terminal("--demo", environ=child_environment) as shown:
        watched = ObservableMedium(shown)
        watched.sees(_CARD, _LAST_KEY)
        shown.rest(_STEP_SECONDS)
        before = len(shown.output)
        shown.type(b"1")
        watched.sees("[*")
        assert (b"\x1b[0m" in shown.output[before:]) == writes_all
