"""Checks of what the program is started in: Python and its packages, the terminal, its encoding and its clipboard."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.actions.doctor.runner import INSTALL_HINT, DoctorContext
from jiacha_tui.cli import dependencies
from jiacha_tui.cli.doctor.multiplexer import Multiplexer, ask_tmux
from jiacha_tui.cli.problems import DumbTerminal, NoTerminal, UnsupportedEncoding
from jiacha_tui.cli.terminal_check import DUMB_TERMINALS, Locale, locale_name, locale_of

_MIN_PYTHON: Final = (3, 11)

_STANDARD_STREAMS: Final = (1, 2, 0)
_MIN_COLUMNS, _MIN_LINES = 80, 24
_TRUE_COLOUR: Final = frozenset({"truecolor", "24bit"})

_SUPPORT_OSC_52: Final = ("alacritty", "contour", "foot", "ghostty", "kitty", "rio", "st-256color", "wezterm")
"""Names in TERM or TERM_PROGRAM of terminals that support OSC 52 without configuration."""

_LACK_OSC_52: Final = ("apple_terminal", "linux", "vt100", "vt220")
_COPY_BY_HAND: Final = "需要时请用终端软件自己的选择和复制"


async def check_python(_context: DoctorContext) -> Sequence[Finding]:
    """Whether Python is new enough and all packages are installed."""
    version = platform.python_version()
    if sys.version_info < _MIN_PYTHON:
        message, hint = f"Python {version} 太旧", "请安装 Python 3.11 或更新的版本，再运行 make run"
        return (Finding(Area.PYTHON, FindingState.BROKEN, message, hint, "python.old", blocking=True),)
    if missing := dependencies.missing():
        message = f"缺少 Python 包 {'、'.join(missing)}"
        return (Finding(Area.PYTHON, FindingState.MISSING, message, INSTALL_HINT, "python.packages", blocking=True),)
    return (Finding.good(Area.PYTHON, f"{version}，{len(dependencies.REQUIRED)} 个 Python 包齐全"),)


async def check_terminal(context: DoctorContext) -> Sequence[Finding]:
    """Its kind, size and colours, and whether tmux or screen runs in it."""
    environ, stream = context.environ, _terminal_stream()
    if stream is None:
        message, hint = "这里没有终端（输入和输出都被重定向）", "请在终端里运行 jiacha doctor"
        return (Finding(Area.TERMINAL, FindingState.MISSING, message, hint, NoTerminal().code),)
    kind = environ.get("TERM", "")
    if kind in DUMB_TERMINALS:
        return (Finding.of(Area.TERMINAL, DumbTerminal(kind), blocking=True),)
    size = os.get_terminal_size(stream)
    # A pseudo terminal whose size was never set reports 0×0: that is not too small but unknown.
    if 0 < size.columns < _MIN_COLUMNS or 0 < size.lines < _MIN_LINES:
        message = f"{size.columns}×{size.lines}，太小"
        hint = f"请把窗口放大到 {_MIN_COLUMNS}×{_MIN_LINES} 以上"
        return (Finding(Area.TERMINAL, FindingState.BROKEN, message, hint, "terminal.small", blocking=True),)
    multiplexer = Multiplexer.detect(environ)
    parts = (
        kind,
        f"{size.columns}×{size.lines}",
        _colours(environ, stream),
        multiplexer.value and f"在 {multiplexer.value} 里",
    )
    return (Finding.good(Area.TERMINAL, "，".join(filter(None, parts))),)


async def check_encoding(context: DoctorContext) -> Sequence[Finding]:
    """The locale, and whether tmux shows UTF-8."""
    environ = context.environ
    name = locale_name(environ)
    match locale_of(name):
        case Locale.OTHER:
            message, hint = f"{name}，不是 UTF-8", "请把终端设为 UTF-8，再运行 export LC_ALL=C.UTF-8"
            code, blocking = UnsupportedEncoding(name).code, _terminal_stream() is not None
            return (Finding(Area.ENCODING, FindingState.BROKEN, message, hint, code, blocking),)
        case Locale.C:
            message, hint = f"{name}，没有设为 UTF-8", "汉字显示不正确时，请运行 export LC_ALL=C.UTF-8"
            return (Finding(Area.ENCODING, FindingState.MISSING, message, hint, "terminal.plain-locale"),)
        case Locale.UNSET:
            name = "没有设置，按 UTF-8 处理"
        case Locale.UTF_8:
            pass
    if Multiplexer.detect(environ) is Multiplexer.TMUX and (tmux := ask_tmux(environ)) and not tmux.utf8:
        message, hint = "tmux 没有按 UTF-8 显示，汉字会成为下划线", "请用 tmux -u attach 重新连接"
        return (Finding(Area.ENCODING, FindingState.BROKEN, message, hint, "terminal.tmux-encoding"),)
    return (Finding.good(Area.ENCODING, name),)


async def check_clipboard(context: DoctorContext) -> Sequence[Finding]:
    """Whether what the program copies (OSC 52) reaches the operator's clipboard, as far as that can be known.

    A terminal could only be asked by writing to it. So it is recognised by the names that it leaves in the environment;
    of these, SSH transfers only TERM.
    """
    environ = context.environ
    if _terminal_stream() is None:
        return (_no_clipboard("这里没有终端", "", "terminal.none"),)
    match Multiplexer.detect(environ):
        case Multiplexer.TMUX:
            finding = _clipboard_in_tmux(environ)
        case Multiplexer.SCREEN:
            finding = _no_clipboard("screen 不把 OSC 52 交给终端", _COPY_BY_HAND, "clipboard.screen")
        case Multiplexer.NONE:
            finding = _clipboard_of_terminal(environ)
    return (finding,)


def _terminal_stream() -> int | None:
    """The descriptor of a standard stream that is a terminal; None if all of them are redirected."""
    return next((number for number in _STANDARD_STREAMS if os.isatty(number)), None)


def _colours(environ: Mapping[str, str], stream: int) -> str:
    """The number of colours, from the environment or the terminal database; "" if neither has it."""
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


def _clipboard_in_tmux(environ: Mapping[str, str]) -> Finding:
    tmux = ask_tmux(environ)
    if tmux is None:
        return _no_clipboard("tmux 没有说明", _COPY_BY_HAND, "clipboard.unknown")
    if not tmux.programs_may_copy:
        return _no_clipboard("tmux 不让程序使用剪贴板", "请运行 tmux set -s set-clipboard on", "clipboard.tmux")
    if not tmux.terminal_clipboard:
        hint = "外面的终端支持 OSC 52 时，请运行 tmux set -as terminal-features ,*:clipboard，再重新连接"
        return _no_clipboard("tmux 不知道外面的终端支持 OSC 52", hint, "clipboard.tmux-terminal")
    return Finding.good(Area.CLIPBOARD, "经 tmux 支持 OSC 52")


def _clipboard_of_terminal(environ: Mapping[str, str]) -> Finding:
    names = [environ.get(variable, "").lower() for variable in ("TERM_PROGRAM", "TERM")]
    known = next((supported for supported in _SUPPORT_OSC_52 for name in names if supported in name), "")
    if known or environ.get("WT_SESSION"):
        return Finding.good(Area.CLIPBOARD, f"{known or 'Windows Terminal'} 支持 OSC 52")
    if environ.get("VTE_VERSION") or any(name in _LACK_OSC_52 for name in names):
        return _no_clipboard("这个终端不支持 OSC 52", _COPY_BY_HAND, "clipboard.unsupported")
    return _no_clipboard(
        "无法得知终端是否支持 OSC 52", "复制以后粘贴不出来时，请用终端软件自己的选择和复制", "clipboard.unknown"
    )


def _no_clipboard(message: str, hint: str, code: str) -> Finding:
    return Finding(Area.CLIPBOARD, FindingState.MISSING, message, hint, code)
