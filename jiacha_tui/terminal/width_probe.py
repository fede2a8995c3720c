"""Measures whether the terminal draws ambiguous characters in one cell or two: write some, then ask for the cursor."""

from typing import Final

from textual.events import CursorPosition

_ROW: Final = 1
"""Counted from 0. A reply for the first row could be mistaken for Shift+F3."""

_PROBED: Final = "─…Ω"
"""A line, a punctuation mark and a letter: some terminals treat them differently."""

PROBE: Final = f"\x1b[{_ROW + 1};1H{_PROBED}\x1b[6n\x1b[{_ROW + 1};1H\x1b[K"
"""The sequence to write. It erases the characters again; Textual turns the reply into a CursorPosition."""


def ambiguous_cells(reply: CursorPosition) -> int | None:
    """Returns 1, or 2 if any of the characters takes two cells; None if `reply` is not one to `PROBE`."""
    narrow, wide = len(_PROBED), 2 * len(_PROBED)
    if reply.y != _ROW or not narrow <= reply.x <= wide:
        return None
    return 1 if reply.x == narrow else 2
