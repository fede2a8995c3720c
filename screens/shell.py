"""What the program is to every screen, whatever it is wired to: its colours, its quiet and the keys of everywhere."""

from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType

from screens.commanded import Commanded, HelpWanted, Notice, PaletteWanted, RedrawWanted
from screens.commands import Scope, bindings
from screens.help import HelpScreen, sections_of
from screens.palette import Entry, Palette, entries_of
from screens.theme import THEME
from screens.too_small import TooSmall, is_too_small


class Shell(Commanded, App[int], inherit_bindings=False):
    """The base of the application.

    It takes the terminal's own sixteen colours, animates nothing, leaves Textual's palette and its ctrl+q alone
    (terminals keep ctrl+q for themselves) and opens help and palette for whatever screen is in front.
    """

    # Opacity mixes colours, and the terminal's own colours cannot be mixed.
    CSS = """
    *:disabled:can-focus { opacity: 1; }
    """

    ENABLE_COMMAND_PALETTE = False
    SCOPES = (Scope.EVERYWHERE,)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.EVERYWHERE),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
        Binding("ctrl+c", "interrupt", show=False, system=True),
    ]

    def __init__(self) -> None:
        # Said here and not by the theme alone, so that NO_COLOR takes the colours and leaves reverse and bold.
        super().__init__(ansi_color=True)
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = THEME.name

    def leave(self) -> None:
        """Ends the program."""
        self.exit(0)

    def on_resize(self, event: events.Resize) -> None:
        if is_too_small(event.size) and not isinstance(self.screen, TooSmall):
            self.push_screen(TooSmall())

    def on_too_small_leave_wanted(self) -> None:
        self.leave()

    def on_help_wanted(self, wanted: HelpWanted) -> None:
        self.push_screen(HelpScreen(sections_of(self.screen)))

    def on_palette_wanted(self, wanted: PaletteWanted) -> None:
        self.push_screen(Palette(entries_of(self.screen)), self._do)

    def on_redraw_wanted(self, wanted: RedrawWanted) -> None:
        self.screen.refresh(layout=True)

    def action_interrupt(self) -> None:
        """Not the end of the program, which would throw a selection away or cut a sync off."""
        self.screen.post_message(Notice("退出请按 F10 或 q"))

    async def _do(self, entry: Entry | None) -> None:
        if entry is not None:
            await entry.answerer.action_command(entry.command.id)
