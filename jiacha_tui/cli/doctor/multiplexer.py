"""The program between this one and the terminal, if there is one: tmux or GNU screen."""

import enum
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_SECONDS: Final = 2.0
_QUESTION: Final = "#{client_utf8}|#{set-clipboard}|#{client_termfeatures}"


class Multiplexer(enum.Enum):
    NONE = ""
    TMUX = "tmux"
    SCREEN = "screen"

    @classmethod
    def around(cls, environ: Mapping[str, str]) -> "Multiplexer":
        if environ.get("TMUX"):
            return cls.TMUX
        return cls.SCREEN if environ.get("STY") else cls.NONE


@dataclass(frozen=True, slots=True)
class Tmux:
    """What tmux says of itself: whether its client shows UTF-8, whether programs in it may use the clipboard.

    `terminal_clipboard` tells whether tmux knows that the terminal around it takes OSC 52.
    """

    utf8: bool
    programs_may_copy: bool
    terminal_clipboard: bool


def ask_tmux(environ: Mapping[str, str]) -> Tmux | None:
    """None where tmux does not say. Only asks."""
    try:
        said = subprocess.run(  # noqa: S603 - a fixed question
            ["tmux", "display-message", "-p", _QUESTION],  # noqa: S607 - to the tmux of whoever sits in it
            capture_output=True,
            text=True,
            check=True,
            timeout=_SECONDS,
            env=dict(environ),
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    utf8, separator, rest = said.strip().partition("|")
    if not separator:
        return None
    set_clipboard, _, features = rest.partition("|")
    return Tmux(utf8 != "0", set_clipboard == "on", "clipboard" in features.split(","))
