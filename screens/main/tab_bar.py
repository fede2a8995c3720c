"""The bar at the top: the tabs of the main screen, and whose declarations they show."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from jiacha_tui.actions.cards import CardSummary
from jiacha_tui.declaration.formatting import format_text
from screens.widgets.cells import fit

_MIN_COMPANY_WIDTH = 8


class TabBar(Widget):
    """`1报关单查询下载 2外贸企业申报 …          演示 示例进出口 卡…0001 在线`."""

    DEFAULT_CSS = """
    TabBar { height: 1; width: 100%; background: $bar; color: $bar-text; }
    TabBar > .tab-bar--active { background: ansi_default; color: ansi_default; text-style: bold underline; }
    TabBar > .tab-bar--notable { background: $notable; color: $notable-text; text-style: bold; }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab-bar--active", "tab-bar--notable"}

    class Clicked(Message):
        """A tab was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, tabs: Sequence[str], card: CardSummary, *, online: bool, demo: bool) -> None:
        super().__init__()
        self._tabs = [f" {number}{title} " for number, title in enumerate(tabs, 1)]
        self._card = card
        self._online = online
        self._demo = demo
        self._active = 0

    @property
    def active(self) -> int:
        return self._active

    @active.setter
    def active(self, index: int) -> None:
        if index != self._active:
            self._active = index
            self.refresh()

    def render_line(self, y: int) -> Strip:
        active = self.get_component_rich_style("tab-bar--active", partial=True)
        notable = self.get_component_rich_style("tab-bar--notable", partial=True)
        plain = self.rich_style
        left = [
            Segment(text, plain + active if index == self._active else plain) for index, text in enumerate(self._tabs)
        ]
        right = self._card_segments(plain, notable, self.size.width - _width(left))
        blank = Segment(" " * (self.size.width - _width(left) - _width(right)), plain)
        return Strip([*left, blank, *right]).adjust_cell_length(self.size.width, plain)

    def on_click(self, event: events.Click) -> None:
        end = 0
        for index, text in enumerate(self._tabs):
            end += cell_len(text)
            if event.x < end:
                self.post_message(self.Clicked(index))
                return

    def _card_segments(self, plain: Style, notable: Style, available: int) -> list[Segment]:
        """The right side, with as much of the company's name as fits."""
        parts = [Segment(" 演示 ", plain + notable)] if self._demo else []
        # Only the digits that tell two cards apart: others may read the screen too.
        parts.append(Segment(f" 卡…{self._card.card_number[-4:]} ", plain))
        parts.append(Segment("在线 ", plain) if self._online else Segment(" 离线 ", plain + notable))
        company = format_text(self._card.company)
        if (rest := available - _width(parts) - 2) >= _MIN_COMPANY_WIDTH:
            at = 1 if self._demo else 0
            parts.insert(at, Segment(f" {fit(company, min(rest, cell_len(company)))}", plain))
        return parts if _width(parts) <= available else []


def _width(segments: Sequence[Segment]) -> int:
    return sum(cell_len(segment.text) for segment in segments)
