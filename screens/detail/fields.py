"""The screen that lists fields in full: the head of a declaration, or one of its items."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from jiacha_tui.actions.detail import LabelledValue
from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler
from screens.detail.field_lines import section_lines
from screens.widgets.key_footer import KeyFooter
from screens.widgets.pager import Pager


class FieldsScreen(CommandHandler, ModalScreen[None], DismissOnceScreen[None]):
    """Shows `sections` under `title` on the whole terminal. The keys that close a dialog close it too."""

    DEFAULT_CSS = """
    FieldsScreen { background: ansi_default; }
    FieldsScreen #title { height: 1; padding: 0 1; background: $bar; color: $bar-text; }
    FieldsScreen #place { height: 1; padding: 0 1; text-style: dim; }
    FieldsScreen Pager { padding: 0 1; }
    """

    AUTO_FOCUS = "Pager"
    SCOPES = (Scope.READER, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    def __init__(self, title: str, sections: Sequence[tuple[str, Sequence[LabelledValue]]]) -> None:
        super().__init__()
        self._title = title
        self._sections = tuple(sections)

    def compose(self) -> ComposeResult:
        yield Static(self._title, id="title", markup=False)
        yield Pager()
        yield Static(id="place", markup=False)
        yield KeyFooter()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one(Pager).show(section_lines(self._sections, event.size.width - 2))

    @on(Pager.Moved)
    def _show_place(self) -> None:
        self.query_one("#place", Static).update(Text(self.query_one(Pager).position_text()))

    def action_close(self) -> None:
        self.dismiss(None)
