"""The line above the table: the filter, typed or set, and what its result adds up to."""

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from jiacha_tui.declaration.declaration_row import Totals
from jiacha_tui.declaration.formatting import format_money
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler
from screens.commands.help_sections import Section
from screens.widgets.line_input import LineInput

REST_SECONDS = 0.12
"""A filter is tried once the keyboard has rested this long: shorter than a pause, longer than between two keys."""

KEPT = 50
"""Filters that the bar remembers."""

_NARROWEST_INPUT, _NARROWEST_TOTALS = 20, 18
_PROMPT = "筛选›"
_SEE_BELOW = "! 写法不对，见底行"
_PLACEHOLDER = "按 F2 或 / 输入条件"


class FilterBar(CommandHandler, Horizontal):
    """`筛选› 美国 2025-06        3/128 票  512 条  USD 1,284,330.00`.

    It tells what was typed and leaves the rest to its owner, who gives back totals or what is wrong with the text.
    """

    DEFAULT_CSS = """
    FilterBar { height: 1; width: 100%; padding: 0 1; }
    FilterBar > #prompt { width: 6; text-style: bold; }
    FilterBar > LineInput { width: 1fr; }
    FilterBar > #totals { width: auto; padding: 0 0 0 2; }
    FilterBar > #totals.-problem { color: $problem; text-style: bold; }
    """

    SCOPES = (Scope.FILTER,)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    class Changed(Message):
        """The text is another one, and the keyboard rests."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The operator is done with the bar; the table is next."""

    def __init__(self) -> None:
        super().__init__()
        self._input = LineInput(placeholder=_PLACEHOLDER)
        self._beside_input = Static(id="totals", markup=False)
        self._told = ""
        self._timer: Timer | None = None
        self._history: list[str] = []
        self._place = 0
        self._totals: Totals | None = None
        self._row = 0
        self._problem = ""
        self._drawn = ""

    def compose(self) -> ComposeResult:
        yield Static(_PROMPT, id="prompt", markup=False)
        yield self._input
        yield self._beside_input

    def help_sections(self) -> tuple[Section, ...]:
        return (
            Section.of(
                "筛选栏",
                "在本机缓存里筛选，边输入边出结果。空格隔开的各项须同时符合，- 开头的一项须不符合。",
                "Enter 留着筛选回到列表，Esc 或 F10 清除筛选；↑ ↓ 取回用过的筛选。",
            ),
        )

    @property
    def text(self) -> str:
        return self._input.value

    def put(self, text: str) -> None:
        """Sets the text, as a query does; the owner knows already and is not told."""
        self._stop_timer()
        self._told = text.strip()
        self._input.value = text
        self._input.cursor_position = len(text)
        self._remember(text)

    def show_totals(self, totals: Totals, row: int) -> None:
        """What the table shows and where its cursor is; takes a problem back."""
        self._totals, self._row, self._problem = totals, row, ""
        self._draw()

    def show_problem(self, what: str) -> bool:
        """Says what is wrong with the text, beside it; the table keeps the last result. Whether it had room."""
        self._problem = what
        self._draw()
        return cell_len(what) + 2 <= self._room

    def begin(self) -> None:
        """Puts the cursor into the bar."""
        self._input.focus()

    def action_to_table(self) -> None:
        self._tell()
        self._remember(self.text)
        self.post_message(self.Left())

    def action_clear(self) -> None:
        self._remember(self.text)
        self._input.value = ""
        self._tell()
        self.post_message(self.Left())

    def action_older(self) -> None:
        self._recall(self._place - 1)

    def action_newer(self) -> None:
        if self._place >= len(self._history):
            self.action_to_table()
        else:
            self._recall(self._place + 1)

    def on_input_changed(self, changed: Input.Changed) -> None:
        changed.stop()
        self._stop_timer()
        self._draw()
        if changed.value.strip() != self._told:
            self._timer = self.set_timer(REST_SECONDS, self._tell)

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        submitted.stop()
        self.action_to_table()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _tell(self) -> None:
        self._stop_timer()
        text = self.text.strip()
        if text != self._told:
            self._told = text
            self.post_message(self.Changed(text))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _remember(self, text: str) -> None:
        if text := text.strip():
            self._history = [*(one for one in self._history if one != text), text][-KEPT:]
        self._place = len(self._history)

    def _recall(self, place: int) -> None:
        if place < 0 or not self._history:
            return
        self._place = place
        self._input.value = self._history[place] if place < len(self._history) else ""
        self._input.cursor_position = len(self._input.value)

    def _draw(self) -> None:
        """Puts totals or problem beside the field; drawing what stands there already would cost a layout."""
        beside = self._beside()
        if beside != self._drawn:
            self._drawn = beside
            self._beside_input.set_class(bool(self._problem), "-problem")
            self._beside_input.update(Text(beside))

    def _beside(self) -> str:
        if self._problem:
            text = f"! {self._problem}"
            return text if cell_len(text) <= self._room else _SEE_BELOW
        return totals_text(self._totals, self._row, self._room) if self._totals is not None else ""

    @property
    def _room(self) -> int:
        """Cells beside the field, which shows as much of the text as leaves room for the count."""
        room = self.size.width - cell_len(_PROMPT) - 5
        return max(_NARROWEST_TOTALS, room - max(_NARROWEST_INPUT, cell_len(self.text) + 1))


def totals_text(totals: Totals, row: int, room: int) -> str:
    """`3/128 票  512 条  USD 1,284,330.00`, the longest form that fits; `512+` where some items are not known yet."""
    count = f"{totals.declarations:,} 票"
    place = f"{row + 1:,}/{count}" if totals.declarations else count
    items = f"{totals.items:,}{'' if totals.items_known else '+'} 条" if totals.items or totals.items_known else ""
    usd = f"USD {format_money(totals.usd)}"
    forms = ((place, items, usd), (count, items, usd), (count, usd), (count,))
    texts = ["  ".join(filter(None, form)) for form in forms]
    return next((text for text in texts if cell_len(text) <= room), texts[-1])
