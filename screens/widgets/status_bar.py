"""The bar above the footer: the selection or the last notice on the left, the cache or a sync on the right."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from jiacha_tui.actions.messages import Severity
from screens.commands.notice import Notice
from screens.widgets.cells import fit, wrap_cells

_MAX_ROWS = 3


class StatusBar(Widget):
    """One row, or as many as the notice needs, up to three.

    The right side is given in several lengths. The longest that fits beside the left side is shown.
    """

    DEFAULT_CSS = """
    StatusBar { height: 1; width: 100%; }
    StatusBar > .status-bar--problem { color: $problem; text-style: bold; }
    StatusBar > .status-bar--selection { text-style: bold; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"status-bar--problem", "status-bar--selection"}

    def __init__(self, hint: str = "") -> None:
        super().__init__()
        self._hint = hint
        self._selection = ""
        self._selection_short = ""
        self._notice: Notice | None = None
        self._right: tuple[str, ...] = ("",)
        self._rows: tuple[str, ...] = ("",)

    @property
    def text(self) -> str:
        """The left side."""
        return "".join(row.strip() for row in self._left())

    @property
    def right(self) -> str:
        """The right side in its longest form."""
        return self._right[0]

    @property
    def hint(self) -> str:
        """The left side while there is neither a selection nor a notice."""
        return self._hint

    @hint.setter
    def hint(self, hint: str) -> None:
        if hint != self._hint:
            self._hint = hint
            self._draw()

    def show_notice(self, notice: Notice) -> None:
        """Shows a notice until `clear` or the next notice."""
        self._notice = notice
        self._draw()

    def clear(self) -> None:
        """Removes the notice; selection or hint are shown again."""
        if self._notice is not None:
            self._notice = None
            self._draw()

    def show_selection(self, text: str, short: str) -> None:
        """Shows the selection, "" for none. `short` is shown before a notice, so that the selection stays visible."""
        if text != self._selection:
            self._selection, self._selection_short = text, short
            self._draw()

    def show_right(self, forms: Sequence[str]) -> None:
        """Sets the right side. The longest form comes first."""
        if (right := tuple(forms) or ("",)) != self._right:
            self._right = right
            self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def render_line(self, y: int) -> Strip:
        style = self._left_style()
        text = self._rows[y] if y < len(self._rows) else ""
        width = self.size.width
        if y != len(self._rows) - 1:
            return Strip([Segment(fit(text, width), style)], width)
        available = width - cell_len(text) - 2
        right = next((form for form in self._right if cell_len(form) <= available), "")
        left_width = width - cell_len(right) - (1 if right else 0)
        return Strip([Segment(fit(text, left_width), style), Segment(f"{right} " if right else "")], width)

    def _left_style(self) -> Style | None:
        if self._notice is not None and self._notice.severity is Severity.PROBLEM:
            return self.get_component_rich_style("status-bar--problem", partial=True)
        if self._selection:
            return self.get_component_rich_style("status-bar--selection", partial=True)
        return None

    def _left(self) -> list[str]:
        """The rows of the left side."""
        if self._notice is None:
            text = self._selection or self._hint
        else:
            text = f"{self._notice.severity.value} {self._notice.text}"
            if self._selection_short:
                text = f"{self._selection_short}  {text}"
        return [f" {row}" for row in wrap_cells(text, max(2, self.size.width - 2))][:_MAX_ROWS]

    def _draw(self) -> None:
        rows = tuple(self._left())
        if len(rows) != len(self._rows):
            self.styles.height = len(rows)
        self._rows = rows
        self.refresh()
