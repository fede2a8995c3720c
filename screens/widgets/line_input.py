"""An input of one row without a frame, whose cursor does not blink."""

from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate

from rich.cells import get_character_cell_size
from rich.text import Text
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Input

from jiacha_tui.actions.messages import Severity
from jiacha_tui.declaration.control_characters import remove_controls
from jiacha_tui.terminal.burst import BurstPaste
from screens.commands.notice import Notice

DEFAULT_MAX_LENGTH = 200
"""Characters that fit into a field, unless it says otherwise."""

MAX_PATH_LENGTH = 4096
"""Characters in the path of a folder, as Linux has it."""

_LONG = 1000
"""Textual lays out the whole text for each key. Of a longer text than this only the visible part is laid out."""


class LineInput(Input):
    """Textual's `Input` without blinking: a blinking cursor sends 1.6 kB per second over an SSH line.

    It takes up to `max_length` characters; what would be more is not taken, and a `Notice` says so. The lines of a
    paste become one, and characters that a terminal obeys or hides are left out, which a `Notice` says too. With
    `select_on_focus`, the text is selected when the field gets the focus, so that typing replaces it.
    """

    DEFAULT_CSS = """
    LineInput, LineInput:focus, LineInput:ansi {
        height: 1;
        border: none;
        padding: 0;
        background: ansi_default;
        background-tint: ansi_default 0%;
        color: ansi_default;
        & > .input--cursor { background: ansi_default; color: ansi_default; text-style: reverse; }
        & > .input--selection { background: ansi_default; color: ansi_default; text-style: reverse; }
        & > .input--placeholder { color: ansi_default; text-style: dim; }
    }
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        max_length: int = DEFAULT_MAX_LENGTH,
        select_on_focus: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        self._measured = ""
        self._ends = array("l", [0])
        super().__init__(
            value,
            placeholder,
            max_length=max_length,
            select_on_focus=select_on_focus,
            compact=True,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False
        self._limit = max_length

    def pasted_text(self, text: str) -> str:
        """What the field takes of a paste: its lines as one text, without blank lines."""
        lines = [line.strip() for line in text.splitlines()]
        pasted = " ".join(line for line in lines if line) if len(lines) > 1 else text.rstrip("\r\n")
        return pasted.replace("\t", " ")

    def take_paste(self, text: str) -> bool:
        """Puts the text of a paste in the place of the selection. Returns whether the field took any of it."""
        pasted = self.pasted_text(text)
        plain = remove_controls(pasted)
        start, end = sorted(self.selection)
        length = len(self.value) - (end - start) + len(plain)
        if length > self._limit:
            self._say(f"这里最多 {self._limit:,} 个字，粘贴后有 {length:,} 个，没有放入")
            return False
        self.replace(plain, start, end)
        # Textual does not do it for the first text of a field.
        self.scroll_to_region(Region(self._cursor_offset, 0, 1, 1), force=True, animate=False)
        if removed := len(pasted) - len(plain):
            self._say(f"粘贴的内容里去掉了 {removed:,} 个看不见的控制字符")
        return bool(plain)

    def restricted(self) -> None:
        self._say(f"这里最多 {self._limit:,} 个字")

    def render_line(self, y: int) -> Strip:
        if y or len(self.value) <= _LONG:
            return super().render_line(y)
        ends, width, scrolled = self._cell_ends, self.scrollable_content_region.width + 1, int(self.scroll_offset.x)
        first = max(bisect_right(ends, scrolled) - 1, 0)
        text = Text(self.value[first : bisect_left(ends, scrolled + width)], no_wrap=True, overflow="ignore", end="")
        text.pad_right(1)
        if self.has_focus:
            start, end = (position - first for position in sorted(self.selection))
            if start != end:
                text.stylize(self.get_component_rich_style("input--selection"), max(start, 0), max(end, 0))
            if (cursor := self.cursor_position - first) >= 0:
                text.stylize(self.get_component_rich_style("input--cursor"), cursor, cursor + 1)
        strip = Strip(text.render(self.app.console)).crop(scrolled - ends[first], scrolled - ends[first] + width)
        return strip.extend_cell_length(width).apply_style(self.rich_style)

    @property
    def content_width(self) -> int:
        return super().content_width if len(self.value) <= _LONG else self._cell_ends[-1] + 1

    def _position_to_cell(self, position: int) -> int:
        return super()._position_to_cell(position) if len(self.value) <= _LONG else self._cell_ends[position]

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        taken = self.take_paste(event.text)
        if taken and isinstance(event, BurstPaste) and event.ends_with_enter:
            self.call_later(self.action_submit)

    def _say(self, text: str) -> None:
        self.post_message(Notice(text, Severity.PROBLEM))

    @property
    def _cell_ends(self) -> "array[int]":
        """For each position in the text, the cells before it; at last those of the whole text."""
        if self._measured != self.value:
            self._measured = self.value
            self._ends = array("l", accumulate(map(get_character_cell_size, self.value), initial=0))
        return self._ends
