"""Whether the place the program was started in can show it: a terminal, its kind, its encoding.

One that is too small is no reason not to start: a screen says so until the window is larger.

What is said about the encoding is English and ASCII, for it is said where Chinese may not be readable.
"""

import enum
import sys
from collections.abc import Mapping

from jiacha_tui.declaration.problem import Problem

DUMB_TERMINALS = frozenset({"", "dumb", "unknown"})
"""Values of TERM of what cannot place its cursor."""

_COERCED = "C.UTF-8"
"""What Python itself sets LC_CTYPE to where it was started in the C locale (PEP 538)."""


class NoTerminal(Problem):
    def __init__(self) -> None:
        super().__init__(
            "terminal.none",
            "jiacha 是全屏终端程序，这里没有终端（输入或输出被重定向）",
            "请在终端里运行 jiacha；没有终端时，make pictures 把每个画面存成图片",
        )


class DumbTerminal(Problem):
    def __init__(self, name: str) -> None:
        super().__init__(
            "terminal.poor",
            f"终端类型 TERM={name!a} 不能显示全屏程序",
            "请换一个终端，或设置它真正的类型，如 export TERM=xterm-256color",
        )


class UnsupportedEncoding(Problem):
    def __init__(self, name: str) -> None:
        super().__init__(
            "terminal.encoding",
            f"the locale {name!a} is not UTF-8, and the program's screens are (终端编码不是 UTF-8)",
            "set the terminal to UTF-8 and then: export LC_ALL=C.UTF-8 (请把终端改为 UTF-8 编码)",
        )


class Locale(enum.Enum):
    """What the environment says of the terminal's encoding."""

    UTF_8 = "UTF-8"
    UNSET = "unsaid"
    """No locale at all, as in a container: every terminal of today is UTF-8."""
    C = "C"
    """The C locale, asked for by name."""
    OTHER = "foreign"


C_LOCALE = "jiacha: the locale is C, not UTF-8. If Chinese text is not readable: export LC_ALL=C.UTF-8"


def locale_name(environ: Mapping[str, str]) -> str:
    """The locale in force for characters, "" where none is set."""
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        name = environ.get(variable, "")
        coerced = variable == "LC_CTYPE" and name == _COERCED and sys.flags.utf8_mode
        if name and not coerced:
            return name
    return ""


def locale_of(name: str) -> Locale:
    """By its name alone: a locale that this machine does not have still tells what the terminal speaks."""
    codeset = name.partition("@")[0].partition(".")[2].lower().replace("-", "")
    if codeset == "utf8":
        return Locale.UTF_8
    if not name:
        return Locale.UNSET
    return Locale.C if name in ("C", "POSIX") else Locale.OTHER


def check(environ: Mapping[str, str]) -> None:
    """Returns where the full-screen program can be shown; raises the Problem that keeps it from it otherwise."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise NoTerminal
    terminal = environ.get("TERM", "")
    if terminal in DUMB_TERMINALS:
        raise DumbTerminal(terminal)
    name = locale_name(environ)
    if locale_of(name) is Locale.OTHER:
        raise UnsupportedEncoding(name)
