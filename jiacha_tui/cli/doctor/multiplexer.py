"""The terminal multiplexer that the program runs in, if any: tmux or GNU screen."""

import enum
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_TIMEOUT_SECONDS: Final = 2.0
_FORMAT: Final = "#{client_utf8}|#{set-clipboard}|#{client_termfeatures}"


class Multiplexer(enum.Enum):
    """The value is its name for the report."""

    NONE = ""
    TMUX = "tmux"
    SCREEN = "screen"

    @classmethod
    def detect(cls, environ: Mapping[str, str]) -> "Multiplexer":
        """The multiplexer by the variables that it sets for the programs in it; tmux if there are both."""
        if environ.get("TMUX"):
            return cls.TMUX
        return cls.SCREEN if environ.get("STY") else cls.NONE


@dataclass(frozen=True, slots=True)
class TmuxSettings:
    """Whether the tmux client shows UTF-8, and whether programs in tmux may use the clipboard.

    `terminal_clipboard` tells whether tmux knows that the terminal outside supports OSC 52.
    """

    utf8: bool
    programs_may_copy: bool
    terminal_clipboard: bool


def ask_tmux(environ: Mapping[str, str]) -> TmuxSettings | None:
    """The settings of the tmux that the program runs in, None if it does not answer. Changes nothing."""
    try:
        output = subprocess.run(  # noqa: S603 - the arguments are constants
            ["tmux", "display-message", "-p", _FORMAT],  # noqa: S607 - the tmux that the operator uses
            capture_output=True,
            text=True,
            check=True,
            timeout=_TIMEOUT_SECONDS,
            env=dict(environ),
        ).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    utf8, separator, rest = output.strip().partition("|")
    if not separator:
        return None
    set_clipboard, _, features = rest.partition("|")
    return TmuxSettings(utf8 != "0", set_clipboard == "on", "clipboard" in features.split(","))
