"""A box to tick: `[ ] 已阅读`, `[x] 已阅读`, with `▸` before it and reversed while it has the focus."""

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


class Checkbox(Widget, can_focus=True):
    """Space turns it over; Enter is for the screen, which knows what comes after the box."""

    DEFAULT_CSS = """
    Checkbox { width: auto; height: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", show=False),
        Binding("enter", "submit", show=False),
    ]

    class Submitted(Message):
        """Enter was pressed on the box."""

    def __init__(self, label: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._label = label
        self._ticked = False

    @property
    def ticked(self) -> bool:
        return self._ticked

    @ticked.setter
    def ticked(self, ticked: bool) -> None:
        self._ticked = ticked
        self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return cell_len(self._label) + 6

    def render_line(self, y: int) -> Strip:
        text = f"[{'x' if self._ticked else ' '}] {self._label}"
        segments = [Segment("▸ "), Segment(text, _FOCUSED)] if self.has_focus else [Segment(f"  {text}")]
        return Strip(segments).adjust_cell_length(self.size.width)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_turn()

    def action_turn(self) -> None:
        self.ticked = not self.ticked

    def action_submit(self) -> None:
        self.post_message(self.Submitted())
