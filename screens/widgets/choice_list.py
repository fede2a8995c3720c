"""A short list in which one row is chosen: card media, items, printers, download plans."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from screens.widgets.strips import text_to_strip

MARK = "▸"
_FOCUSED = Style(reverse=True)


@dataclass(frozen=True, slots=True)
class Choice:
    """One row. The cursor skips a row that is not enabled; its text says why it cannot be chosen."""

    text: Text
    enabled: bool = True


class ChoiceList(ScrollView, can_focus=True):
    """Rows with a cursor: `▸` before the chosen row, which is also reversed while the list has the focus.

    A list that is `awaited` shows placeholder rows until `show` brings the real ones. Keys that are typed until then
    are applied to the real rows. With the focus, all placeholder rows are reversed.
    """

    DEFAULT_CSS = """
    ChoiceList { height: auto; scrollbar-size: 0 0; overflow-x: hidden; overflow-y: auto; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", show=False),
        Binding("down,j", "step(1)", show=False),
        Binding("pageup", "pages(-1)", show=False),
        Binding("pagedown", "pages(1)", show=False),
        Binding("home,g", "first", show=False),
        Binding("end,G", "last", show=False),
        Binding("enter", "choose", show=False),
    ]

    class Moved(Message):
        """The cursor has moved to another row."""

        def __init__(self, choices: "ChoiceList", index: int) -> None:
            super().__init__()
            self.choices = choices
            self.index = index

        @property
        def control(self) -> "ChoiceList":
            return self.choices

    class Chosen(Message):
        """Enter was pressed on a row."""

        def __init__(self, choices: "ChoiceList", index: int) -> None:
            super().__init__()
            self.choices = choices
            self.index = index

        @property
        def control(self) -> "ChoiceList":
            return self.choices

    def __init__(self, choices: Sequence[Choice] = (), *, awaited: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._awaited = awaited
        self._pending_keys: list[Callable[[], None]] = []
        self._choices: tuple[Choice, ...] = ()
        self._index: int | None = None
        self._put(choices, 0)

    @property
    def choices(self) -> tuple[Choice, ...]:
        return self._choices

    @property
    def index(self) -> int | None:
        """The row of the cursor; None if no row can be chosen."""
        return self._index

    @property
    def has_pending_keys(self) -> bool:
        """Whether keys wait for the real rows."""
        return bool(self._pending_keys)

    def show(self, choices: Sequence[Choice], index: int = 0) -> None:
        """Shows other rows with the cursor on the first enabled one from `index` on, and applies the keys that wait."""
        self._put(choices, index)
        self.refresh(layout=True)
        self._scroll_to_cursor()
        self._awaited = False
        pending, self._pending_keys = self._pending_keys, []
        for action in pending:
            action()

    def drop_keys(self) -> bool:
        """Drops the keys that wait for the real rows. Returns whether there were any."""
        dropped, self._pending_keys = bool(self._pending_keys), []
        return dropped

    def move_to(self, index: int) -> None:
        """Moves the cursor to a row. Nothing happens if the row is not enabled or does not exist."""
        if 0 <= index < len(self._choices) and self._choices[index].enabled and index != self._index:
            self._index = index
            self._scroll_to_cursor()
            self.refresh()
            self.post_message(self.Moved(self, index))

    def render_line(self, y: int) -> Strip:
        index = self.scroll_offset.y + y
        width = self.size.width
        if not 0 <= index < len(self._choices):
            return Strip.blank(width)
        is_current = index == self._index
        mark = Strip([Segment(f"{MARK} " if is_current else "  ", Style.null())])
        text = text_to_strip(self._choices[index].text, self.app.console)
        strip = Strip.join([mark, text]).adjust_cell_length(width)
        return strip.apply_style(_FOCUSED) if (is_current or self._awaited) and self.has_focus else strip

    def on_resize(self) -> None:
        self._scroll_to_cursor()

    def action_step(self, count: int) -> None:
        if self._awaited:
            self._pending_keys.append(partial(self.action_step, count))
        index = self._index
        while index is not None and 0 <= (index := index + count) < len(self._choices):
            if self._choices[index].enabled:
                self.move_to(index)
                return

    def action_pages(self, count: int) -> None:
        if self._awaited:
            self._pending_keys.append(partial(self.action_pages, count))
        if self._index is not None:
            self._jump(self._index + count * max(1, self.size.height - 1), towards=count)

    def action_first(self) -> None:
        if self._awaited:
            self._pending_keys.append(self.action_first)
        self._jump(0, towards=-1)

    def action_last(self) -> None:
        if self._awaited:
            self._pending_keys.append(self.action_last)
        self._jump(len(self._choices) - 1, towards=1)

    def action_choose(self) -> None:
        if self._awaited:
            self._pending_keys.append(self.action_choose)
        if self._index is not None:
            self.post_message(self.Chosen(self, self._index))

    def _jump(self, index: int, *, towards: int) -> None:
        """Moves the cursor to the enabled row at `index`, or to the nearest one on the way back from there."""
        index = max(0, min(index, len(self._choices) - 1))
        while 0 <= index < len(self._choices):
            if self._choices[index].enabled:
                self.move_to(index)
                return
            index -= towards

    def _put(self, choices: Sequence[Choice], index: int) -> None:
        self._choices = tuple(choices)
        self.virtual_size = Size(1, len(self._choices))
        enabled = [row for row, choice in enumerate(self._choices) if choice.enabled]
        self._index = next((row for row in enabled if row >= index), enabled[-1] if enabled else None)

    def _scroll_to_cursor(self) -> None:
        if self._index is not None:
            self.scroll_to_region(Region(0, self._index, 1, 1), animate=False)
