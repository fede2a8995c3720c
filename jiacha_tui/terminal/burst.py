"""Text that comes without the marks of a paste and cannot have been typed.

Old multiplexers and serial consoles pass a paste on as if it were typed. Keys that were typed ahead while the line
stood still come at once too, and so does a key that was held. What cannot be either is a paste and never a command.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from textual import events

MAX_TYPED_AT_ONCE: Final = 32
"""More characters than this at once were not typed. A character that is repeated counts once: a key was held."""

GAP_SECONDS: Final = 0.006
"""What follows a character within this time comes at once: a line of 2,400 baud or more sends it so, and no fingers do.

Every typed character waits for so long.
"""

NEXT_GAP_SECONDS: Final = 0.03
"""The same after two characters that came at once: the sender may pause."""

MAX_GATHER_SECONDS: Final = 0.1
"""Characters that follow each other are passed on after this time at the latest, so that a held key is seen to work."""

MAX_PASTE_GATHER_SECONDS: Final = 0.5
"""The same if they may be a paste. In this time 2,400 baud bring 40 characters of three bytes each."""

_MAX_HELD_KEYS: Final = 8
"""More changes from one byte to another than this within `MAX_GATHER_SECONDS` are not keys that are held."""

QUIET_SECONDS: Final = 0.2
"""A paste without marks ends when nothing has come for so long."""

_NUMBER: Final = re.compile(r"\d{18,}", re.ASCII)


class BurstPaste(events.Paste):
    """A paste without marks. `ends_with_enter` tells that it is one line and Enter, which may have been typed ahead."""

    def __init__(self, text: str) -> None:
        lines = text.splitlines()
        self.ends_with_enter = len(lines) == 1 and text != lines[0]
        super().__init__(text)


# Textual derives the name of the handler from the class, also of a class that has one.
BurstPaste.handler_name = events.Paste.handler_name


def gather_seconds(received: Iterable[int]) -> float:
    """How long after the first of these bytes, which came without a gap, what follows may belong to them."""
    runs = sum(1 for _ in groupby(received))
    return MAX_PASTE_GATHER_SECONDS if runs > _MAX_HELD_KEYS else MAX_GATHER_SECONDS


def is_burst(text: str) -> bool:
    """Whether `text`, which came at once and has no control sequence, cannot have been typed.

    It is too long, or it has a whole 报关单号: nobody types 18 digits within a few milliseconds.
    """
    if any(len(set(number)) > 1 for number in _NUMBER.findall(text)):
        return True
    return len(text) > MAX_TYPED_AT_ONCE and sum(1 for _ in groupby(text)) > MAX_TYPED_AT_ONCE
