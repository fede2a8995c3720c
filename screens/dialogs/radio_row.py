"""Radio buttons on one line: `(•) 结关报关单   ( ) 启运港退税报关单`."""

from collections.abc import Sequence
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

_GAP = 3
_FOCUSED = Style(reverse=True)


class RadioRow(Widget, can_focus=True):
    """Left, right and space change the option. Up, down and Enter are left to the dialog around it."""

    DEFAULT_CSS = """
    RadioRow { width: auto; height: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "choose_neighbour(-1)", show=False),
        Binding("right,l", "choose_neighbour(1)", show=False),
        Binding("space", "choose_next", show=False),
    ]

    class Changed(Message):
        """Another option was chosen."""

        def __init__(self, row: "RadioRow", index: int) -> None:
            super().__init__()
            self.row = row
            self.index = index

        @property
        def control(self) -> "RadioRow":
            return self.row

    def __init__(self, options: Sequence[str], index: int = 0, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._options = tuple(options)
        self._index = index

    @property
    def index(self) -> int:
        return self._index

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return sum(cell_len(option) + 4 for option in self._options) + _GAP * (len(self._options) - 1)

    def render_line(self, y: int) -> Strip:
        segments = []
        for index, option in enumerate(self._options):
            chosen = index == self._index
            text = f"({'•' if chosen else ' '}) {option}"
            segments.append(Segment(text, _FOCUSED if chosen and self.has_focus else None))
            segments.append(Segment(" " * _GAP))
        return Strip(segments).adjust_cell_length(self.size.width)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        end = 0
        for index, option in enumerate(self._options):
            end += cell_len(option) + 4 + _GAP
            if event.x < end:
                self.choose(index)
                return

    def action_choose_neighbour(self, step: int) -> None:
        self.choose(max(0, min(self._index + step, len(self._options) - 1)))

    def action_choose_next(self) -> None:
        self.choose((self._index + 1) % len(self._options))

    def choose(self, index: int) -> None:
        """Chooses another option and posts `Changed`."""
        if index != self._index:
            self._index = index
            self.refresh()
            self.post_message(self.Changed(self, index))
