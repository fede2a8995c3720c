"""A short list of which one row is chosen: card media, items, printers, ways to download."""

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

from screens.widgets.strips import strip_of

MARK = "▸"
_FOCUSED = Style(reverse=True)


@dataclass(frozen=True, slots=True)
class Choice:
    """One row. One that cannot be chosen stands there to say why; the cursor passes over it."""

    text: Text
    can_be_chosen: bool = True


class ChoiceList(ScrollView, can_focus=True):
    """Rows with a cursor: `▸` stands before the chosen one, which is reversed as well while the list has the focus.

    Keys typed into a list whose rows are `awaited` are kept, and go to the rows that `show` brings; until then what
    stands there is reversed.
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
        """The cursor stands on another row."""

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
        self._typed_ahead: list[Callable[[], None]] = []
        self._choices: tuple[Choice, ...] = ()
        self._index: int | None = None
        self._put(choices, 0)

    @property
    def choices(self) -> tuple[Choice, ...]:
        return self._choices

    @property
    def index(self) -> int | None:
        """The chosen row, None when no row can be chosen."""
        return self._index

    @property
    def has_typed_ahead(self) -> bool:
        """Whether keys wait for the rows."""
        return bool(self._typed_ahead)

    def show(self, choices: Sequence[Choice], index: int = 0) -> None:
        """Other rows, the cursor on the first one from `index` on that can be chosen; then what was typed ahead."""
        self._put(choices, index)
        self.refresh(layout=True)
        self._reveal()
        self._awaited = False
        typed, self._typed_ahead = self._typed_ahead, []
        for act in typed:
            act()

    def move_to(self, index: int) -> None:
        """The cursor to a row; nothing happens for one that cannot be chosen."""
        if 0 <= index < len(self._choices) and self._choices[index].can_be_chosen and index != self._index:
            self._index = index
            self._reveal()
            self.refresh()
            self.post_message(self.Moved(self, index))

    def render_line(self, y: int) -> Strip:
        index = self.scroll_offset.y + y
        width = self.size.width
        if not 0 <= index < len(self._choices):
            return Strip.blank(width)
        here = index == self._index
        mark = Strip([Segment(f"{MARK} " if here else "  ", Style.null())])
        text = strip_of(self._choices[index].text, self.app.console)
        strip = Strip.join([mark, text]).adjust_cell_length(width)
        return strip.apply_style(_FOCUSED) if (here or self._awaited) and self.has_focus else strip

    def on_resize(self) -> None:
        self._reveal()

    def action_step(self, count: int) -> None:
        if self._awaited:
            self._typed_ahead.append(partial(self.action_step, count))
        index = self._index
        while index is not None and 0 <= (index := index + count) < len(self._choices):
            if self._choices[index].can_be_chosen:
                self.move_to(index)
                return

    def action_pages(self, count: int) -> None:
        if self._awaited:
            self._typed_ahead.append(partial(self.action_pages, count))
        if self._index is not None:
            self._jump(self._index + count * max(1, self.size.height - 1), towards=count)

    def action_first(self) -> None:
        if self._awaited:
            self._typed_ahead.append(self.action_first)
        self._jump(0, towards=-1)

    def action_last(self) -> None:
        if self._awaited:
            self._typed_ahead.append(self.action_last)
        self._jump(len(self._choices) - 1, towards=1)

    def action_choose(self) -> None:
        if self._awaited:
            self._typed_ahead.append(self.action_choose)
        if self._index is not None:
            self.post_message(self.Chosen(self, self._index))

    def _jump(self, index: int, *, towards: int) -> None:
        """To the row that can be chosen nearest to `index`, looked for back from there."""
        index = max(0, min(index, len(self._choices) - 1))
        while 0 <= index < len(self._choices):
            if self._choices[index].can_be_chosen:
                self.move_to(index)
                return
            index -= towards

    def _put(self, choices: Sequence[Choice], index: int) -> None:
        self._choices = tuple(choices)
        self.virtual_size = Size(1, len(self._choices))
        open_rows = [row for row, choice in enumerate(self._choices) if choice.can_be_chosen]
        self._index = next((row for row in open_rows if row >= index), open_rows[-1] if open_rows else None)

    def _reveal(self) -> None:
        if self._index is not None:
            self.scroll_to_region(Region(0, self._index, 1, 1), animate=False)
