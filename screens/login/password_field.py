"""The password field: shows stars, gives the password to whoever asks for it by name and to nobody else."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

_LONGEST = 32
_ROOM = 16
"""Cells between the brackets; a longer password shows its last stars."""

_FORGOTTEN_AFTER = 300.0
"""Seconds after the last key in which a password waits for its operator."""

_CURSOR = Style(reverse=True)
_PLAIN = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
"""Full-width letters, digits and signs, to the plain ones."""


class PasswordField(Widget, can_focus=True):
    """One line of hidden text.

    Not an `Input`: that one keeps its value in a reactive and in its messages, and copies a selection to the
    terminal's clipboard. Here the text is in no message, no repr and on no clipboard. Full-width letters and
    digits, as a Chinese input method leaves them, are taken as the plain ones the card wants. Who goes away in the
    middle finds it empty.
    """

    DEFAULT_CSS = """
    PasswordField { width: 20; height: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", show=False),
        Binding("backspace,delete", "delete_left", show=False),
        Binding("ctrl+u", "empty", show=False),
    ]

    class Submitted(Message):
        """Enter was pressed in the field."""

        def __init__(self, field: "PasswordField") -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> "PasswordField":
            return self.field

    class Refused(Message):
        """A character that no card password has, as an input method sends them, was left out."""

    def __init__(self, *, id: str | None = None, forgotten_after: float = _FORGOTTEN_AFTER) -> None:
        super().__init__(id=id)
        self._forgotten_after = forgotten_after
        self._forgetting: Timer | None = None
        self._typed = bytearray(_LONGEST)  # overwritten in place, so that no copy is left behind
        self._length = 0

    @property
    def is_empty(self) -> bool:
        return not self._length

    def reveal(self) -> str:
        """The password, for the card alone."""
        return self._typed[: self._length].decode("ascii")

    def empty(self) -> None:
        self._cut(0)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("left", "right"):
            # There is nothing to move between, and on a screen these would leave the field.
            event.stop()
        elif event.character is not None and event.character.isprintable():
            event.stop()
            event.prevent_default()
            self._take(event.character)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._take(event.text.strip())

    def action_submit(self) -> None:
        self.post_message(self.Submitted(self))

    def action_delete_left(self) -> None:
        self._cut(max(self._length - 1, 0))

    def action_empty(self) -> None:
        self.empty()

    def render_line(self, y: int) -> Strip:
        stars = "*" * min(self._length, _ROOM)
        width = self.size.width
        if not self.has_focus:
            return Strip([Segment(f" {stars or '–'}")]).adjust_cell_length(width)
        blank = " " * (_ROOM - len(stars))
        return Strip([Segment(f"[{stars}"), Segment(" ", _CURSOR), Segment(f"{blank}]")]).adjust_cell_length(width)

    def _take(self, text: str) -> None:
        plain = text.translate(_PLAIN)
        if any(not "!" <= character <= "~" for character in plain):
            self.post_message(self.Refused())
            return
        taken = plain[: _LONGEST - self._length].encode("ascii")
        self._typed[self._length : self._length + len(taken)] = taken
        self._length += len(taken)
        self._wait_for_more()
        self.refresh()

    def _wait_for_more(self) -> None:
        if self._forgetting is not None:
            self._forgetting.stop()
        self._forgetting = self.set_timer(self._forgotten_after, self.empty)

    def _cut(self, length: int) -> None:
        self._typed[length:] = bytes(_LONGEST - length)
        self._length = length
        self.refresh()
