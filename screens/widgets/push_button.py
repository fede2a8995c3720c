"""A button of one row: `[ 查询 ]`, and `[▸查询 ]` reversed while it has the focus."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.label_control import FOCUSED, LabelControl


class PushButton(LabelControl):
    """Enter and space press it; the arrow keys move the focus to the widgets beside it."""

    DEFAULT_CSS = """
    PushButton { margin: 0 3 0 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "activate", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    class Pressed(Message):
        """The button was pressed."""

        def __init__(self, button: "PushButton") -> None:
            super().__init__()
            self.button = button

        @property
        def control(self) -> "PushButton":
            return self.button

    def segments(self) -> Sequence[Segment]:
        if self.has_focus:
            return [Segment(f"[▸{self.label} ]", FOCUSED)]
        return [Segment(f"[ {self.label} ]")]

    def action_activate(self) -> None:
        self.post_message(self.Pressed(self))
