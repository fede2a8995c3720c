"""Whether what the program copies (OSC 52) reaches the operator's clipboard, as far as that can be known.

Terminals cannot be asked without writing to them, so they are known by the names that they leave in the environment;
SSH carries TERM alone.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from jiacha_tui.actions.doctor.context import DoctorContext
from jiacha_tui.actions.doctor.finding import Area, Finding, FindingState
from jiacha_tui.cli.doctor.multiplexer import Multiplexer, ask_tmux
from jiacha_tui.cli.doctor.terminal_findings import descriptor

_ABLE: Final = ("alacritty", "contour", "foot", "ghostty", "kitty", "rio", "st-256color", "wezterm")
"""Names in TERM or TERM_PROGRAM of terminals that take OSC 52 as they come."""

_UNABLE: Final = ("apple_terminal", "linux", "vt100", "vt220")
_BY_HAND: Final = "需要时请用终端软件自己的选择和复制"


async def look(surroundings: DoctorContext) -> Sequence[Finding]:
    environ = surroundings.environ
    if descriptor() is None:
        return (_missing("这里没有终端", "", "terminal.none"),)
    match Multiplexer.around(environ):
        case Multiplexer.TMUX:
            found = _in_tmux(environ)
        case Multiplexer.SCREEN:
            found = _missing("screen 不把 OSC 52 交给终端", _BY_HAND, "clipboard.screen")
        case Multiplexer.NONE:
            found = _of_terminal(environ)
    return (found,)


def _in_tmux(environ: Mapping[str, str]) -> Finding:
    tmux = ask_tmux(environ)
    if tmux is None:
        return _missing("tmux 没有说明", _BY_HAND, "clipboard.unknown")
    if not tmux.programs_may_copy:
        return _missing("tmux 不让程序使用剪贴板", "请运行 tmux set -s set-clipboard on", "clipboard.tmux")
    if not tmux.terminal_clipboard:
        hint = "外面的终端支持 OSC 52 时，请运行 tmux set -as terminal-features ,*:clipboard，再重新连接"
        return _missing("tmux 不知道外面的终端支持 OSC 52", hint, "clipboard.tmux-terminal")
    return Finding.good(Area.CLIPBOARD, "经 tmux 支持 OSC 52")


def _of_terminal(environ: Mapping[str, str]) -> Finding:
    names = [environ.get(variable, "").lower() for variable in ("TERM_PROGRAM", "TERM")]
    known = next((able for able in _ABLE for name in names if able in name), "")
    if known or environ.get("WT_SESSION"):
        return Finding.good(Area.CLIPBOARD, f"{known or 'Windows Terminal'} 支持 OSC 52")
    if environ.get("VTE_VERSION") or any(name in _UNABLE for name in names):
        return _missing("这个终端不支持 OSC 52", _BY_HAND, "clipboard.unsupported")
    return _missing(
        "无法得知终端是否支持 OSC 52", "复制以后粘贴不出来时，请用终端软件自己的选择和复制", "clipboard.unknown"
    )


def _missing(message: str, hint: str, code: str) -> Finding:
    return Finding(Area.CLIPBOARD, FindingState.MISSING, message, hint, code)
