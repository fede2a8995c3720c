"""The terminal: whether it is one, its size, its colours and its encoding."""

import os
from collections.abc import Mapping, Sequence
from typing import Final

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.cli.doctor.multiplexer import Multiplexer, ask_tmux
from jiacha_tui.cli.terminal_check import (
    DUMB_TERMINALS,
    DumbTerminal,
    Locale,
    NoTerminal,
    UnsupportedEncoding,
    locale_name,
    locale_of,
)

_STANDARD_STREAMS: Final = (1, 2, 0)
_COLUMNS, _LINES = 80, 24
_TRUE_COLOUR: Final = frozenset({"truecolor", "24bit"})


def descriptor() -> int | None:
    """A standard stream that is the terminal, also where the others lead elsewhere; None where there is no terminal."""
    return next((number for number in _STANDARD_STREAMS if os.isatty(number)), None)


async def look(surroundings: DoctorContext) -> Sequence[Finding]:
    environ, stream = surroundings.environ, descriptor()
    if stream is None:
        message, hint = "这里没有终端（输入和输出都被重定向）", "请在终端里运行 jiacha doctor"
        return (Finding(Area.TERMINAL, FindingState.MISSING, message, hint, NoTerminal().code),)
    kind = environ.get("TERM", "")
    if kind in DUMB_TERMINALS:
        return (Finding.of(Area.TERMINAL, DumbTerminal(kind), blocking=True),)
    size = os.get_terminal_size(stream)
    # A pseudo terminal that nobody has told its size says nought.
    if 0 < size.columns < _COLUMNS or 0 < size.lines < _LINES:
        message = f"{size.columns}×{size.lines}，太小"
        hint = f"请把窗口放大到 {_COLUMNS}×{_LINES} 以上"
        return (Finding(Area.TERMINAL, FindingState.BROKEN, message, hint, "terminal.small", blocking=True),)
    around = Multiplexer.around(environ)
    told = (kind, f"{size.columns}×{size.lines}", _colours(environ, stream), around.value and f"在 {around.value} 里")
    return (Finding.good(Area.TERMINAL, "，".join(filter(None, told))),)


async def look_at_encoding(surroundings: DoctorContext) -> Sequence[Finding]:
    environ = surroundings.environ
    name = locale_name(environ)
    match locale_of(name):
        case Locale.OTHER:
            message, hint = f"{name}，不是 UTF-8", "请把终端设为 UTF-8，再运行 export LC_ALL=C.UTF-8"
            blocking = descriptor() is not None
            return (
                Finding(Area.ENCODING, FindingState.BROKEN, message, hint, UnsupportedEncoding(name).code, blocking),
            )
        case Locale.C:
            hint = "汉字显示不正确时，请运行 export LC_ALL=C.UTF-8"
            return (
                Finding(Area.ENCODING, FindingState.MISSING, f"{name}，没有设为 UTF-8", hint, "terminal.plain-locale"),
            )
        case Locale.UNSET:
            name = "没有设置，按 UTF-8 处理"
        case Locale.UTF_8:
            pass
    if Multiplexer.around(environ) is Multiplexer.TMUX and (tmux := ask_tmux(environ)) and not tmux.utf8:
        message, hint = "tmux 没有按 UTF-8 显示，汉字会成为下划线", "请用 tmux -u attach 重新连接"
        return (Finding(Area.ENCODING, FindingState.BROKEN, message, hint, "terminal.tmux-encoding"),)
    return (Finding.good(Area.ENCODING, name),)


def _colours(environ: Mapping[str, str], stream: int) -> str:
    """As the environment and this machine's terminal database tell them, "" where neither does."""
    if environ.get("NO_COLOR"):
        return "不用颜色（NO_COLOR）"
    if environ.get("COLORTERM") in _TRUE_COLOUR:
        return "真彩色"
    try:
        import curses  # noqa: PLC0415 - not every Python is built with it
    except ImportError:
        return ""
    try:
        curses.setupterm(environ.get("TERM"), stream)
    except curses.error:
        return ""
    number = curses.tigetnum("colors")
    return f"{number} 色" if number > 0 else "单色"
