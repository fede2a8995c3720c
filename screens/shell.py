"""What the program is to every screen, whatever it is wired to: its colours, its quiet and the keys of everywhere."""

from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from screens.commanded import Commanded, Notice, RedrawWanted
from screens.commands import Scope, bindings
from screens.theme import THEME


class Shell(Commanded, App[int], inherit_bindings=False):
    """The base of the application.

    It takes the terminal's own sixteen colours, animates nothing, leaves Textual's palette and its ctrl+q alone
    (terminals keep ctrl+q for themselves) and opens help and palette for whatever screen is in front.
    """

    ENABLE_COMMAND_PALETTE = False
    SCOPES = (Scope.EVERYWHERE,)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.EVERYWHERE),
        Binding("ctrl+c", "interrupt", show=False, system=True),
    ]

    def __init__(self) -> None:
        # Said here and not by the theme alone, so that NO_COLOR takes the colours and leaves reverse and bold.
        super().__init__(ansi_color=True)
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = THEME.name

    def on_redraw_wanted(self, wanted: RedrawWanted) -> None:
        self.screen.refresh(layout=True)

    def action_interrupt(self) -> None:
        """Not the end of the program, which would throw a selection away or cut a sync off."""
        self.screen.post_message(Notice("退出请按 F10 或 q"))
