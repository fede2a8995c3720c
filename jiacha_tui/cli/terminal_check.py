"""Whether the full-screen program can be shown: there must be a terminal of a suitable type with a suitable encoding.

A terminal that is too small does not prevent a start: the screens ask for a larger window.
"""

import enum
import os
import select
import signal
import sys
from collections.abc import Mapping

from jiacha_tui.cli.problems import DumbTerminal, NoTerminal, UnsupportedEncoding

DUMB_TERMINALS = frozenset({"", "dumb", "unknown"})
"""Values of TERM for terminals that cannot place their cursor."""

_COERCED = "C.UTF-8"
"""The LC_CTYPE that Python sets itself when it is started in the C locale (PEP 538)."""


class Locale(enum.Enum):
    """The encoding of the terminal, as the environment describes it."""

    UTF_8 = "UTF-8"
    UNSET = "unset"
    """No locale at all, as in a container. Today's terminals use UTF-8, so it is treated as UTF-8."""
    C = "C"
    """The C locale, set explicitly."""
    OTHER = "other"


C_LOCALE_WARNING = "jiacha: the locale is C, not UTF-8. If Chinese text is not readable: export LC_ALL=C.UTF-8"
"""In English and ASCII, because Chinese may not be readable then."""


def locale_name(environ: Mapping[str, str]) -> str:
    """The locale that decides on the encoding, "" if none is set."""
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        name = environ.get(variable, "")
        coerced = variable == "LC_CTYPE" and name == _COERCED and sys.flags.utf8_mode
        if name and not coerced:
            return name
    return ""


def locale_of(name: str) -> Locale:
    """The encoding by the name of the locale alone: a locale that is not installed still describes the terminal."""
    codeset = name.partition("@")[0].partition(".")[2].lower().replace("-", "")
    if codeset == "utf8":
        return Locale.UTF_8
    if not name:
        return Locale.UNSET
    return Locale.C if name in ("C", "POSIX") else Locale.OTHER


def wait_for_enter() -> None:
    """Reads a line. Raises KeyboardInterrupt at Ctrl+C.

    Python's handler of a signal runs between two instructions. After a signal that comes just before `readline` begins
    to read, it would run only after Enter. A byte in a pipe, which every signal leaves, ends the waiting instead.
    """
    receiver, sender = os.pipe()
    os.set_blocking(sender, False)
    before = signal.set_wakeup_fd(sender, warn_on_full_buffer=False)
    try:
        while sys.stdin not in select.select([sys.stdin, receiver], [], [])[0]:
            os.read(receiver, 4096)
        sys.stdin.readline()
    finally:
        signal.set_wakeup_fd(before)
        os.close(sender)
        os.close(receiver)


def require_terminal(environ: Mapping[str, str]) -> None:
    """Raises NoTerminal, DumbTerminal or UnsupportedEncoding if the full-screen program cannot be shown."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise NoTerminal
    terminal = environ.get("TERM", "")
    if terminal in DUMB_TERMINALS:
        raise DumbTerminal(terminal)
    name = locale_name(environ)
    if locale_of(name) is Locale.OTHER:
        raise UnsupportedEncoding(name)
