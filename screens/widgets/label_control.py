"""What the controls that show one label on one row have in common."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

FOCUSED = Style(reverse=True)


class LabelControl(Widget, can_focus=True):
    """A label. A subclass draws more in `segments`, as wide with the focus as without. A click does its action."""

    DEFAULT_CSS = """
    LabelControl { width: auto; height: 1; }
    """

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

    def segments(self) -> Sequence[Segment]:
        """What is drawn, left to right: the label, unless the kind of control adds to it."""
        return [Segment(self._label, self.rich_style)]

    def action_activate(self) -> None:
        """What Enter, Space and a click do. Each kind of control overrides it."""

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return sum(segment.cell_length for segment in self.segments())

    def render_line(self, y: int) -> Strip:
        return Strip(self.segments()).adjust_cell_length(self.size.width)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_activate()
