"""The program asks its terminal how wide it draws ambiguous characters, and adapts to the reply."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.terminals import terminal
from tests.terminal.emulator import is_ambiguous
from tests.terminal.program_screen import ProgramScreen

_CARD = "JJ0G900000001"
_LAST_KEY = "F10退出"
_CTRL_L = b"\x0c"
_PAUSE_SECONDS = 0.4
"""Longer than Textual's parser waits for the rest of a sequence."""

_HOLD_SECONDS = 2.5
"""Longer than the beginning of a reply is held back."""

_LINES = "────"


@contextmanager
def _running(environ: dict[str, str], *, ambiguous_cells: int, configured: str = "") -> Iterator[ProgramScreen]:
    home = Path(environ["JIACHA_HOME"])
    (home / "config.toml").write_text(f"[terminal]\n{configured}\n", "utf-8")
    with terminal("--demo", environ=environ) as started:
        yield ProgramScreen(started, ambiguous_cells=ambiguous_cells)


def _fits(screen: ProgramScreen) -> bool:
    """Whether everything is on the screen and no character in it is drawn too wide."""
    return not any(map(is_ambiguous, screen.text)) and all(wanted in screen.text for wanted in (_CARD, _LAST_KEY))


def _reply_immediately(screen: ProgramScreen) -> None:
    screen.wait_until(lambda: _reply_if_asked(screen))


def _reply_if_asked(screen: ProgramScreen) -> bool:
    replies = screen.take_replies()
    screen.terminal.type(replies.encode())
    return bool(replies)


def _reply_late(screen: ProgramScreen) -> None:
    screen.wait_for(_LAST_KEY)
    screen.terminal.type(screen.take_replies().encode())


def _reply_in_parts(screen: ProgramScreen) -> None:
    screen.wait_for(_LAST_KEY)
    reply = screen.take_replies()
    for part in (reply[:1], reply[1:3], reply[3:]):
        screen.terminal.type(part.encode())
        screen.terminal.rest(_PAUSE_SECONDS)


def _reply_after_other_replies(screen: ProgramScreen) -> None:
    screen.wait_for(_LAST_KEY)
    screen.terminal.type(b"\x1b[9;7R\x1b[2;99R\x1b[1;2R" + screen.take_replies().encode())


def _check_that_one_key_is_one_key(screen: ProgramScreen) -> None:
    """Types one character of a PIN; the reply must not have typed any."""
    screen.wait_for(_LAST_KEY)
    assert "*" not in screen.text
    screen.terminal.type(b"1")
    screen.wait_until(lambda: "*" in screen.text)
    screen.terminal.rest(_PAUSE_SECONDS)
    assert screen.text.count("*") == 1


_REPLIES = [_reply_immediately, _reply_late, _reply_in_parts, _reply_after_other_replies]


@pytest.mark.parametrize("reply", _REPLIES)
def test_a_terminal_that_draws_two_cells_gets_substitutes(
    reply: Callable[[ProgramScreen], None], child_environment: dict[str, str]
) -> None:
    with _running(child_environment, ambiguous_cells=2) as screen:
        reply(screen)
        screen.wait_until(lambda: _fits(screen))
        _check_that_one_key_is_one_key(screen)


@pytest.mark.parametrize("reply", _REPLIES)
def test_a_terminal_that_draws_one_cell_gets_the_characters_themselves(
    reply: Callable[[ProgramScreen], None], child_environment: dict[str, str]
) -> None:
    with _running(child_environment, ambiguous_cells=1) as screen:
        reply(screen)
        screen.wait_for(_CARD, _LAST_KEY, _LINES)
        _check_that_one_key_is_one_key(screen)
        assert _LINES in screen.text


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [(b"", _PAUSE_SECONDS), (b"\x1b[2;99R\x1b[9;9R\x1b[1;2R", _PAUSE_SECONDS), (b"\x1b[2;", _HOLD_SECONDS)],
    ids=["no reply", "other replies", "beginning of a reply"],
)
def test_without_a_reply_one_cell_is_assumed(typed: bytes, seconds: float, child_environment: dict[str, str]) -> None:
    with _running(child_environment, ambiguous_cells=1) as screen:
        screen.wait_for(_CARD, _LAST_KEY, _LINES)
        screen.terminal.type(typed)
        screen.terminal.rest(seconds)
        _check_that_one_key_is_one_key(screen)


def test_the_terminal_is_asked_again_when_everything_is_redrawn(child_environment: dict[str, str]) -> None:
    with _running(child_environment, ambiguous_cells=2) as screen:
        screen.wait_for(_LAST_KEY)
        assert screen.take_replies()
        screen.terminal.type(_CTRL_L)
        _reply_immediately(screen)
        screen.wait_until(lambda: _fits(screen))


@pytest.mark.parametrize("cells", [1, 2])
def test_a_terminal_with_a_configured_width_is_not_asked(cells: int, child_environment: dict[str, str]) -> None:
    with _running(child_environment, ambiguous_cells=cells, configured=f"ambiguous_width = {cells}") as screen:
        screen.wait_for(_CARD, _LAST_KEY)
        assert _fits(screen) == (cells > 1)
        assert not screen.take_replies()
