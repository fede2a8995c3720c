"""Which control sequences of a terminal Textual's parser may see.

Textual converts every number of a sequence and divides by reported sizes, so an unusual terminal could end the program,
and it takes an unknown sequence for typed keys. A terminal's replies are input from outside: numbers have a bounded
count of digits, sizes are bounded, and what is malformed or not known is dropped.
"""

import re
import sys
from typing import Final

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS

MAX_COLUMNS: Final = 500
MAX_LINES: Final = 250
"""The largest screen that is drawn, in cells. A 4K display with a very small font has fewer."""

_MAX_LENGTH: Final = 32
"""Textual takes a longer sequence for typed keys."""

_KEY: Final = re.compile(r"\x1b\[(\d{0,7})(?:;(\d{0,3})(?:;(\d{1,7}(?::\d{1,7})*)?)?)?([u~A-FHPQRS])", re.ASCII)
"""A key of kitty's protocol: number, modifiers, typed text. The older function keys have the same form."""

_MOUSE: Final = re.compile(r"\x1b\[<\d{1,4};-?\d{1,5};-?\d{1,5}[Mm]", re.ASCII)
_MODE_REPORT: Final = re.compile(r"\x1b\[\?\d{1,5};[0-4]\$y", re.ASCII)
_CURSOR_POSITION: Final = re.compile(r"\x1b\[[1-9]\d{0,4};[1-9]\d{0,4}R", re.ASCII)
_FOCUS: Final = frozenset({"\x1b[I", "\x1b[O"})
_RESIZE: Final = re.compile(
    r"\x1b\[48;(\d{1,5})(?::\d{0,5})?;(\d{1,5})(?::\d{0,5})?;(\d{1,6})(?::\d{0,6})?;(\d{1,6})t", re.ASCII
)

_SURROGATES: Final = range(0xD800, 0xE000)


def checked_sequence(sequence: str) -> str:
    """Returns what Textual's parser may see of a complete control sequence, "" if it is malformed or not known."""
    if len(sequence) > _MAX_LENGTH:
        return ""
    if sequence in ANSI_SEQUENCES_KEYS or sequence in _FOCUS:
        return sequence
    if any(form.fullmatch(sequence) for form in (_MOUSE, _MODE_REPORT, _CURSOR_POSITION)):
        return sequence
    if (resize := _RESIZE.fullmatch(sequence)) is not None:
        return _checked_resize(*map(int, resize.groups()))
    if (key := _KEY.fullmatch(sequence)) is not None and _is_key(*key.groups(default="")):
        return sequence
    return ""


def bounded_size(columns: int, lines: int) -> tuple[int, int]:
    """The size of the screen that is drawn in a terminal that reports this size, both as (columns, lines)."""
    return min(max(columns, 1), MAX_COLUMNS), min(max(lines, 1), MAX_LINES)


def _checked_resize(lines: int, columns: int, pixel_height: int, pixel_width: int) -> str:
    """A report of the terminal's size whose numbers can be used.

    Textual divides by the pixels of a cell. If a cell would have less than one, each counts as one.
    """
    if not lines or not columns:
        return ""
    columns, lines = bounded_size(columns, lines)
    if pixel_height < lines or pixel_width < columns:
        pixel_height, pixel_width = lines, columns
    return f"\x1b[48;{lines};{columns};{pixel_height};{pixel_width}t"


def _is_key(number: str, _modifiers: str, text: str, end: str) -> bool:
    """Whether Textual knows the key: it would take an unknown function key for the character with its number."""
    is_function_key = f"{int(number or 1)}{end}" in FUNCTIONAL_KEYS
    codes = [int(code) for code in text.split(":")] if text else []
    return (is_function_key or end == "u") and all(map(_is_character, [int(number or 1), *codes]))


def _is_character(code: int) -> bool:
    return code <= sys.maxunicode and code not in _SURROGATES
