"""The command palette (F9): every command that can be run, by name. It can be used without typing a letter."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from screens.base.dialog import Dialog
from screens.commands.command import Command
from screens.commands.handler import CommandHandler, reachable_commands
from screens.widgets.cells import fit, wrap_cells
from screens.widgets.choice_list import Choice, ChoiceList
from screens.widgets.line_input import LineInput

_KEYS, _TITLE, _MEANING = 12, 24, 74
_SKIPPED = "palette"


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """A command, the widget that runs it, and why it is disabled ("" if it is not)."""

    handler: CommandHandler
    command: Command
    disabled_reason: str

    def matches(self, text: str) -> bool:
        """Whether each word of `text` is somewhere in the names, the help or the keys of the command."""
        command = self.command
        searched = " ".join((command.title, command.label, command.help, command.id, *command.shown_keys)).casefold()
        return all(word in searched for word in text.casefold().split())

    def choice(self) -> Choice:
        """Its row: keys and title, dimmed if the command is disabled."""
        keys, title = fit(" ".join(self.command.shown_keys), _KEYS), fit(self.command.title, _TITLE)
        if self.disabled_reason:
            return Choice(Text(f"{keys}{title}现在不能", "dim"))
        return Choice(Text.assemble((keys, "bold"), title))

    def meaning(self) -> str:
        """What the command does, or why it is disabled."""
        return f"现在不能：{self.disabled_reason}" if self.disabled_reason else self.command.help


def palette_entries(screen: Screen[object]) -> tuple[PaletteEntry, ...]:
    """The commands that can be reached from the focused widget of `screen`, the disabled ones last."""
    entries = [
        PaletteEntry(handler, command, handler.disabled_reason(command))
        for handler, command in reachable_commands(screen)
        if command.id != _SKIPPED
    ]
    return tuple(sorted(entries, key=lambda entry: bool(entry.disabled_reason)))


class _Entries(ChoiceList, can_focus=False):
    """The field above it has the focus and moves its cursor, which is drawn as in a focused list."""

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        return strip.apply_style(Style(reverse=True)) if self.scroll_offset.y + y == self.index else strip


class Palette(Dialog[PaletteEntry]):
    """Dismisses with the chosen entry. The application runs it after the palette is closed."""

    TITLE = "命令"
    KEYS = "↑↓ 选择 · Enter 执行"

    DEFAULT_CSS = """
    Palette > #frame { width: 78; }
    Palette ChoiceList { height: 13; }
    Palette LineInput { margin-bottom: 1; }
    Palette #meaning { height: 2; margin-top: 1; }
    Palette #buttons { display: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", show=False),
        Binding("down", "step(1)", show=False),
        Binding("pageup", "pages(-1)", show=False),
        Binding("pagedown", "pages(1)", show=False),
    ]

    def __init__(self, entries: tuple[PaletteEntry, ...]) -> None:
        super().__init__()
        self._entries = entries
        self._listed = entries

    def body(self) -> Iterable[Widget]:
        yield LineInput(placeholder="也可以输入几个字来找")
        yield _Entries([entry.choice() for entry in self._entries])
        yield Static(id="meaning", markup=False)

    def on_mount(self) -> None:
        self._explain()

    @on(Input.Changed)
    def _narrow(self, changed: Input.Changed) -> None:
        self._listed = tuple(entry for entry in self._entries if entry.matches(changed.value))
        self._list.show([entry.choice() for entry in self._listed])
        self._explain()

    @on(ChoiceList.Moved)
    def _explain(self) -> None:
        """Shows what the entry under the cursor does, and its position: not all entries are visible."""
        index = self._list.index
        place = f"第 {index + 1}/{len(self._listed)} 项 · " if index is not None else ""
        self.query_one("#frame").border_subtitle = f"{place}{self.KEYS}"
        meaning = self._listed[index].meaning() if index is not None else "没有这样的命令"
        self.query_one("#meaning", Static).update("\n".join(wrap_cells(meaning, _MEANING)))

    @on(Input.Submitted)
    def _chosen(self) -> None:
        if self._list.index is not None:
            self.dismiss(self._listed[self._list.index])

    def action_step(self, count: int) -> None:
        self._list.action_step(count)

    def action_pages(self, count: int) -> None:
        self._list.action_pages(count)

    @property
    def _list(self) -> _Entries:
        return self.query_one(_Entries)
