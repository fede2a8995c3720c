"""The field for a PIN or a passphrase. It shows stars and gives the text only through `reveal`."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

_MAX_LENGTH = 32
_FIELD_WIDTH = 16
"""Cells between the brackets. A longer PIN shows no more stars."""

_FORGOTTEN_AFTER = 300.0
"""Seconds after the last key until the PIN is forgotten."""

_NOT_A_PIN = ("刚才输入的字符不能用作密码，没有接受", "请切换到英文输入法后再输入")
_TOO_LONG = (f"密码最多 {_MAX_LENGTH} 个字符，刚才输入的没有接受", "按 Ctrl+U 清空后可以重输")

_CURSOR = Style(reverse=True)
_PLAIN = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
"""Maps full-width letters, digits and signs to the plain ones."""


class PinField(Widget, can_focus=True):
    """One row of hidden text.

    It is not an `Input`, which keeps its value in a reactive and in its messages and copies a selection to the
    clipboard of the terminal. Here the text is in no message, no repr and on no clipboard. Full-width letters and
    digits, as Chinese input methods produce them, are converted to the plain ones that a card accepts. After
    `forgotten_after` seconds without a key the field is emptied.
    """

    DEFAULT_CSS = """
    PinField { width: 20; height: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", show=False),
        Binding("backspace,delete", "delete_left", show=False),
        Binding("ctrl+u", "empty", show=False),
    ]

    class Submitted(Message):
        """Enter was pressed in the field."""

        def __init__(self, field: "PinField") -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> "PinField":
            return self.field

    class Refused(Message):
        """What was typed or pasted was not accepted. `message` says why, `hint` what to do."""

        def __init__(self, message: str, hint: str) -> None:
            super().__init__()
            self.message = message
            self.hint = hint

    def __init__(self, *, id: str | None = None, forgotten_after: float = _FORGOTTEN_AFTER) -> None:
        super().__init__(id=id)
        self._forgotten_after = forgotten_after
        self._forget_timer: Timer | None = None
        self._typed = bytearray(_MAX_LENGTH)  # overwritten in place, so that no copy stays in memory
        self._length = 0

    @property
    def is_empty(self) -> bool:
        return not self._length

    def reveal(self) -> str:
        """The text. A PIN may only be given to a card, a passphrase only to the cache."""
        return self._typed[: self._length].decode("ascii")

    def empty(self) -> None:
        self._truncate(0)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character is not None and character.isprintable()

    def on_key(self, event: events.Key) -> None:
        if event.key in ("left", "right"):
            # There is no cursor to move, and on the screen around it these keys would move the focus.
            event.stop()
        elif event.character is not None and event.character.isprintable():
            event.stop()
            event.prevent_default()
            self._type(event.character)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        # Also a paste that ends with Enter submits nothing: each PIN that is tried costs one of a few tries.
        self._type(event.text.strip())

    def action_submit(self) -> None:
        self.post_message(self.Submitted(self))

    def action_delete_left(self) -> None:
        self._truncate(max(self._length - 1, 0))

    def action_empty(self) -> None:
        self.empty()

    def render_line(self, y: int) -> Strip:
        stars = "*" * min(self._length, _FIELD_WIDTH)
        width = self.size.width
        if not self.has_focus:
            return Strip([Segment(f" {stars or '–'}")]).adjust_cell_length(width)
        blank = " " * (_FIELD_WIDTH - len(stars))
        return Strip([Segment(f"[{stars}"), Segment(" ", _CURSOR), Segment(f"{blank}]")]).adjust_cell_length(width)

    def _type(self, text: str) -> None:
        plain = text.translate(_PLAIN)
        if any(not "!" <= character <= "~" for character in plain):
            self.post_message(self.Refused(*_NOT_A_PIN))
            return
        if self._length + len(plain) > _MAX_LENGTH:
            self.post_message(self.Refused(*_TOO_LONG))
            return
        typed = plain.encode("ascii")
        self._typed[self._length : self._length + len(typed)] = typed
        self._length += len(typed)
        self._restart_forget_timer()
        self.refresh()

    def _restart_forget_timer(self) -> None:
        if self._forget_timer is not None:
            self._forget_timer.stop()
        self._forget_timer = self.set_timer(self._forgotten_after, self.empty)

    def _truncate(self, length: int) -> None:
        self._typed[length:] = bytes(_MAX_LENGTH - length)
        self._length = length
        self.refresh()
