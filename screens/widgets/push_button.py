"""A button of one line: `[ 查询 ]`, and `[▸查询 ]` reversed while it has the focus."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

_FOCUSED = Style(reverse=True)


class PushButton(Widget, can_focus=True):
    """Enter or space presses it, the arrows leave it for its neighbours."""

    DEFAULT_CSS = """
    PushButton { width: auto; height: 1; margin: 0 3 0 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "press", show=False),
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

    def __init__(self, label: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label

    @property
    def label(self) -> str:
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        self._label = label
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return cell_len(self._label) + 4

    def render_line(self, y: int) -> Strip:
        text = f"[▸{self._label} ]" if self.has_focus else f"[ {self._label} ]"
        return Strip([Segment(text, _FOCUSED if self.has_focus else None)]).adjust_cell_length(self.size.width)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_press()

    def action_press(self) -> None:
        self.post_message(self.Pressed(self))
