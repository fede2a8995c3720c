"""Switches the echo of the terminal off from the first moment of a start until the end of the program.

Operators type ahead, the PIN too. Until the full-screen program reads the keys itself, the kernel would write them on
the screen of the shell. This module imports nothing that is slow.
"""

import contextlib
import os
import signal
import sys
import termios
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

VALUE_OPTIONS: Final = frozenset({"--home", "--port-url", "--ca"})
"""The options of the full-screen program that are followed by a value."""

FLAGS: Final = frozenset({"--demo", "--offline"})
"""Its other options. Everything else is a command, a question or a mistake."""

_ENDING_SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)
_EXIT_BY_SIGNAL: Final = 128
_LOCAL_FLAGS: Final = 3
"""The place of the local modes in what tcgetattr returns."""


def starts_full_screen(arguments: Sequence[str]) -> bool:
    """Whether the command line starts the full-screen program."""
    rest = list(arguments)
    while rest:
        name, has_value, _value = rest.pop(0).partition("=")
        if name in VALUE_OPTIONS:
            if not has_value and rest:
                rest.pop(0)
        elif name not in FLAGS:
            return False
    return True


def home_option(arguments: Sequence[str]) -> Path | None:
    """The value of the last `--home` of any command."""
    home = None
    for name, following in zip(arguments, [*arguments[1:], ""], strict=True):
        option, has_value, value = name.partition("=")
        if option == "--home" and (value or following):
            home = Path(value if has_value else following)
    return home


@contextlib.contextmanager
def without_echo(arguments: Sequence[str]) -> Iterator[None]:
    """Echoes nothing during the block if `arguments` start the full-screen program in a terminal.

    Afterwards the terminal is as it was before. What was typed and not read is discarded: it was not for the shell.
    """
    if not starts_full_screen(arguments) or not all(map(os.isatty, (0, 1, 2))):
        yield
        return
    terminal = sys.__stdin__.fileno() if sys.__stdin__ is not None else 0
    try:
        before = termios.tcgetattr(terminal)
    except termios.error:
        yield
        return
    for number in _ENDING_SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit)  # until the program has handlers of its own
    quiet = [*before]
    quiet[_LOCAL_FLAGS] &= ~termios.ECHO
    with contextlib.suppress(termios.error):
        termios.tcsetattr(terminal, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):
            termios.tcflush(terminal, termios.TCIFLUSH)
            termios.tcsetattr(terminal, termios.TCSANOW, before)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(_EXIT_BY_SIGNAL + number)
