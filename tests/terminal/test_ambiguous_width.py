"""The program asks its terminal how wide it draws, and goes by what it answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.terminals import terminal
from tests.terminal.emulator import is_ambiguous
from tests.terminal.watched import ObservableMedium

_CARD = "JJ0G900000001"
_LAST_KEY = "F10退出"
_CTRL_L = b"\x0c"
_PAUSE_SECONDS = 0.4
"""Longer than a parser waits for the rest of a sequence."""

_LINES = "────"


@contextmanager
def _started(environ: dict[str, str], *, ambiguous_cells: int, configured: str = "") -> Iterator[ObservableMedium]:
    home = Path(environ["JIACHA_HOME"])
    home.mkdir(parents=True)
    (home / "config.toml").write_text(f"[terminal]\n{configured}\n", "utf-8")
    with terminal("--demo", environ=environ) as shown:
        yield ObservableMedium(shown, ambiguous_cells=ambiguous_cells)


def _is_straight(watched: ObservableMedium) -> bool:
    """Whether nothing is on the screen that the terminal draws too wide, and all that belongs on it is."""
    return not any(map(is_ambiguous, watched.text)) and all(wanted in watched.text for wanted in (_CARD, _LAST_KEY))


def _at_once(watched: ObservableMedium) -> None:
    watched.waits(lambda: _asked(watched))


def _asked(watched: ObservableMedium) -> bool:
    answers = watched.answers()
    watched.terminal.type(answers.encode())
    return bool(answers)


def _late(watched: ObservableMedium) -> None:
    watched.sees(_LAST_KEY)
    watched.terminal.type(watched.answers().encode())


def _in_parts(watched: ObservableMedium) -> None:
    watched.sees(_LAST_KEY)
    for part in watched.answers():
        watched.terminal.type(part.encode())
        watched.terminal.rest(_PAUSE_SECONDS)


def _after_other_answers(watched: ObservableMedium) -> None:
    watched.sees(_LAST_KEY)
    watched.terminal.type(b"\x1b[9;7R\x1b[2;99R\x1b[1;2R" + watched.answers().encode())


def _takes_one_key(watched: ObservableMedium) -> None:
    """None was pressed before."""
    watched.sees(_LAST_KEY)
    assert "*" not in watched.text
    watched.terminal.type(b"1")
    watched.waits(lambda: "*" in watched.text)
    watched.terminal.rest(_PAUSE_SECONDS)
    assert watched.text.count("*") == 1


_WAYS = [_at_once, _late, _in_parts, _after_other_answers]


@pytest.mark.parametrize("answer", _WAYS)
def test_a_terminal_that_draws_wide_is_given_what_it_draws_in_one_cell(
    answer: Callable[[ObservableMedium], None], child_environment: dict[str, str]
) -> None:
    with _started(child_environment, ambiguous_cells=2) as watched:
        answer(watched)
        watched.waits(lambda: _is_straight(watched))
        _takes_one_key(watched)


@pytest.mark.parametrize("answer", _WAYS)
def test_a_terminal_that_draws_narrow_is_given_everything(
    answer: Callable[[ObservableMedium], None], child_environment: dict[str, str]
) -> None:
    with _started(child_environment, ambiguous_cells=1) as watched:
        answer(watched)
        watched.sees(_CARD, _LAST_KEY, _LINES)
        _takes_one_key(watched)
        assert _LINES in watched.text


@pytest.mark.parametrize("answer", [b"", b"\x1b[2;99R\x1b[9;9R\x1b[1;2R", b"\x1b[2;"])
def test_without_an_answer_it_is_drawn_narrow(answer: bytes, child_environment: dict[str, str]) -> None:
    with _started(child_environment, ambiguous_cells=1) as watched:
        watched.sees(_CARD, _LAST_KEY, _LINES)
        watched.terminal.type(answer)
        watched.terminal.rest(2.5 if answer else _PAUSE_SECONDS)
        _takes_one_key(watched)


def test_it_is_asked_again_when_everything_is_drawn_again(child_environment: dict[str, str]) -> None:
    with _started(child_environment, ambiguous_cells=2) as watched:
        watched.sees(_LAST_KEY)
        assert watched.answers()
        watched.terminal.type(_CTRL_L)
        _at_once(watched)
        watched.waits(lambda: _is_straight(watched))


@pytest.mark.parametrize("cells", [1, 2])
def test_a_terminal_of_which_it_is_known_is_not_asked(cells: int, child_environment: dict[str, str]) -> None:
    with _started(child_environment, ambiguous_cells=cells, configured=f"ambiguous_width = {cells}") as watched:
        watched.sees(_CARD, _LAST_KEY)
        assert _is_straight(watched) == (cells > 1)
        assert not watched.answers()
