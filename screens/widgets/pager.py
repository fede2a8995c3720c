"""Lines to read: a text, a list of fields, a page of the form. Only the visible lines are drawn."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets.strips import text_to_strip


class Pager(ScrollView, can_focus=True):
    """Shows `lines` unwrapped, one per row. The keys are those of the program's other lists.

    It has no scroll bar, because a form of 80 columns needs all of them; `position_text` says which lines are visible.
    """

    DEFAULT_CSS = """
    Pager { height: 1fr; scrollbar-size: 0 0; overflow-x: hidden; overflow-y: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "lines(-1)", show=False),
        Binding("down,j", "lines(1)", show=False),
        Binding("pageup", "pages(-1)", show=False),
        Binding("pagedown,space", "pages(1)", show=False),
        Binding("home,g", "top", show=False),
        Binding("end,G", "bottom", show=False),
    ]

    class Moved(Message):
        """Other lines are visible."""

        def __init__(self, pager: "Pager") -> None:
            super().__init__()
            self.pager = pager

        @property
        def control(self) -> "Pager":
            return self.pager

    class EdgeReached(Message):
        """The operator wants a page before the first line (`step` is -1) or after the last (1)."""

        def __init__(self, pager: "Pager", step: int) -> None:
            super().__init__()
            self.pager = pager
            self.step = step

        @property
        def control(self) -> "Pager":
            return self.pager

    def __init__(self, lines: Sequence[Text] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines = tuple(lines)
        self.virtual_size = Size(1, len(self._lines))

    @property
    def lines(self) -> tuple[Text, ...]:
        return self._lines

    def show(self, lines: Sequence[Text], first: int = 0) -> None:
        """Shows other lines, with the line `first` at the top."""
        self._lines = tuple(lines)
        self.virtual_size = Size(1, len(self._lines))
        self._scroll(first)
        self.refresh()

    @property
    def first(self) -> int:
        """The index of the line at the top."""
        return self.scroll_offset.y

    @property
    def fits(self) -> bool:
        """Whether all lines are visible."""
        return len(self._lines) <= self.size.height

    @property
    def at_end(self) -> bool:
        return self.first + self.size.height >= len(self._lines)

    def position_text(self) -> str:
        """Which lines are visible, in Chinese; "" if all are."""
        if self.fits:
            return ""
        last = min(self.first + self.size.height, len(self._lines))
        return f"第 {self.first + 1}–{last} 行，共 {len(self._lines)} 行"

    def render_line(self, y: int) -> Strip:
        index = self.first + y
        if not 0 <= index < len(self._lines):
            return Strip.blank(self.size.width)
        return text_to_strip(self._lines[index], self.app.console).adjust_cell_length(self.size.width)

    def on_resize(self) -> None:
        self.post_message(self.Moved(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Moved(self))

    def action_lines(self, count: int) -> None:
        self._scroll(self.first + count)

    def action_pages(self, count: int) -> None:
        if self.at_end if count > 0 else self.first == 0:
            self.post_message(self.EdgeReached(self, count))
            return
        self._scroll(self.first + count * max(1, self.size.height - 1))

    def action_top(self) -> None:
        self._scroll(0)

    def action_bottom(self) -> None:
        self._scroll(len(self._lines))

    def _scroll(self, line: int) -> None:
        self.scroll_to(y=max(0, min(line, len(self._lines) - self.size.height)), animate=False)
        self.post_message(self.Moved(self))
