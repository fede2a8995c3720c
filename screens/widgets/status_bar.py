"""The line of state above the keys: what is picked or was last said on the left, the cache or a sync on the right."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from jiacha_tui.actions.messages import Severity
from screens.commands.notice import Notice
from screens.widgets.cells import fit, wrap_cells

_MOST_ROWS = 3


class StatusBar(Widget):
    """One row; more only while something was said that needs them, because a message is never cut short.

    The right side comes in several lengths, the longest first; the one that leaves room for the left is shown.
    """

    DEFAULT_CSS = """
    StatusBar { height: 1; width: 100%; }
    StatusBar > .state-line--problem { color: $problem; text-style: bold; }
    StatusBar > .state-line--picked { text-style: bold; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"state-line--problem", "state-line--picked"}

    def __init__(self, hint: str = "") -> None:
        super().__init__()
        self._hint = hint
        self._picked = ""
        self._picked_short = ""
        self._notice: Notice | None = None
        self._right: tuple[str, ...] = ("",)
        self._rows: tuple[str, ...] = ("",)

    @property
    def text(self) -> str:
        """What the left side says."""
        return "".join(row.strip() for row in self._left())

    @property
    def right(self) -> str:
        """What the right side says, in its longest form."""
        return self._right[0]

    @property
    def hint(self) -> str:
        """What stands on the left while nothing is picked and nothing was said."""
        return self._hint

    @hint.setter
    def hint(self, hint: str) -> None:
        if hint != self._hint:
            self._hint = hint
            self._draw()

    def say(self, notice: Notice) -> None:
        """Shows what was said, until `unsay` or the next thing."""
        self._notice = notice
        self._draw()

    def clear(self) -> None:
        if self._notice is not None:
            self._notice = None
            self._draw()

    def show_picked(self, text: str, short: str) -> None:
        """What is picked; "" for nothing. `short` stands before a notice, so that a selection is never out of sight."""
        if text != self._picked:
            self._picked, self._picked_short = text, short
            self._draw()

    def show_right(self, forms: Sequence[str]) -> None:
        """The right side, the longest form first."""
        if (shown := tuple(forms) or ("",)) != self._right:
            self._right = shown
            self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def render_line(self, y: int) -> Strip:
        kind = (
            "problem" if self._notice and self._notice.weight is Severity.PROBLEM else "picked" if self._picked else ""
        )
        style = self.get_component_rich_style(f"state-line--{kind}", partial=True) if kind else None
        text = self._rows[y] if y < len(self._rows) else ""
        width = self.size.width
        if y != len(self._rows) - 1:
            return Strip([Segment(fit(text, width), style)], width)
        room = width - cell_len(text) - 2
        right = next((form for form in self._right if cell_len(form) <= room), "")
        left_width = width - cell_len(right) - (1 if right else 0)
        return Strip([Segment(fit(text, left_width), style), Segment(f"{right} " if right else "")], width)

    def _left(self) -> list[str]:
        """The left side in as many rows as it needs."""
        if self._notice is None:
            text = self._picked or self._hint
        else:
            text = f"{self._notice.weight.value} {self._notice.text}"
            if self._picked_short:
                text = f"{self._picked_short}  {text}"
        return [f" {row}" for row in wrap_cells(text, max(2, self.size.width - 2))][:_MOST_ROWS]

    def _draw(self) -> None:
        rows = tuple(self._left())
        if len(rows) != len(self._rows):
            self.styles.height = len(rows)
        self._rows = rows
        self.refresh()
