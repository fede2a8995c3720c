"""The help screen (F1): about the focused widget, and every key that works there."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Command, Scope
from screens.commands.handler import CommandHandler, reachable_commands
from screens.commands.help_sections import HelpProvider, Section
from screens.widgets.cells import fit, wrap_cells
from screens.widgets.key_footer import KeyFooter
from screens.widgets.pager import Pager

_MAX_TERM_WIDTH = 28
_INDENT = 2


def sections_for(screen: Screen[object]) -> tuple[Section, ...]:
    """The help for the focused widget of `screen`: its own, then the keys, then the help of the widgets around it."""
    nodes = list((screen.focused or screen).ancestors_with_self)
    if screen.is_modal:
        nodes = nodes[: nodes.index(screen) + 1]
    sections = [section for node in nodes if isinstance(node, HelpProvider) for section in node.help_sections()]
    return (*sections[:1], *_key_sections(screen), *sections[1:])


def _key_sections(screen: Screen[object]) -> Iterable[Section]:
    """The keys by the widget that handles them, the innermost widget first."""
    rows: dict[str, list[tuple[str, str]]] = {}
    for handler, command in reachable_commands(screen):
        rows.setdefault(_heading(handler, command), []).append((" ".join(command.shown_keys), _meaning(command)))
    return [Section(f"按键 · {heading}", tuple(commands)) for heading, commands in rows.items()]


def _heading(handler: CommandHandler, command: Command) -> str:
    return next(scope for scope in handler.SCOPES if scope in command.scopes).value


def _meaning(command: Command) -> str:
    return f"{command.title}：{command.help}"


def help_lines(sections: Sequence[Section], width: int) -> list[Text]:
    """The sections as lines of at most `width` cells, with the terms in a column of their own."""
    lines: list[Text] = []
    for section in sections:
        lines.append(Text(section.title, "bold"))
        column = _term_column(section)
        for term, meaning in section.rows:
            indent = _INDENT + (column if term else 0)
            pieces = wrap_cells(meaning, width - indent)
            if cell_len(term) >= column > 0:
                lines.append(Text.assemble(" " * _INDENT, (term, "bold")))
            else:
                first, *pieces = pieces
                lines.append(Text.assemble(" " * _INDENT, (fit(term, indent - _INDENT), "bold"), first))
            lines.extend(Text(" " * indent + piece) for piece in pieces)
        lines.append(Text())
    return lines


def _term_column(section: Section) -> int:
    """The cells for the terms of a section. A term of more than `_MAX_TERM_WIDTH` cells gets a line of its own."""
    widths = [cell_len(term) for term, _ in section.rows if 0 < cell_len(term) <= _MAX_TERM_WIDTH]
    return max(widths, default=0) + 2


class HelpScreen(CommandHandler, DismissOnceScreen[None]):
    """Shows sections of help. Its result is always None."""

    DEFAULT_CSS = """
    HelpScreen { overflow: hidden; }
    HelpScreen > #title { height: 1; padding: 0 1; background: $bar; color: $bar-text; }
    HelpScreen > Pager { padding: 1 1 0 1; }
    HelpScreen > #place { height: 1; padding: 0 1; text-align: right; }
    """

    SCOPES = (Scope.READER, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = sections

    def compose(self) -> Iterable[Widget]:
        yield Static("帮助", id="title", markup=False)
        yield Pager()
        yield Static(id="place", markup=False)
        yield KeyFooter()

    def on_resize(self) -> None:
        self.query_one(Pager).show(help_lines(self._sections, max(40, self.size.width - 2)))

    def on_pager_moved(self) -> None:
        self.query_one("#place", Static).update(self.query_one(Pager).position_text())

    def action_close(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        """F1 closes the help: it has no help of its own."""
        self.dismiss(None)
