"""The screen that is shown while the terminal is too small for any other."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler, QuitRequested

MIN_SIZE = Size(80, 24)


def is_too_small(size: Size) -> bool:
    return size.width < MIN_SIZE.width or size.height < MIN_SIZE.height


class TooSmall(CommandHandler, ModalScreen[None], DismissOnceScreen[None]):
    """Covers the current screen, and closes as soon as the terminal is large enough."""

    DEFAULT_CSS = """
    TooSmall, TooSmall:ansi { align: center middle; background: ansi_default; }
    TooSmall > Static { width: 100%; text-align: center; }
    """

    SCOPES = (Scope.TOO_SMALL,)
    BINDINGS: ClassVar[list[BindingType]] = bindings(*SCOPES)

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def on_mount(self) -> None:
        self._draw(self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        if is_too_small(event.size):
            self._draw(event.size)
        else:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        """The terminal may have grown while another screen was on top."""
        if not is_too_small(self.app.size):
            self.dismiss(None)

    def action_quit(self) -> None:
        self.post_message(QuitRequested())

    def _draw(self, size: Size) -> None:
        lines = (
            "终端太小",
            f"现在 {size.width}×{size.height}",
            f"至少 {MIN_SIZE.width}×{MIN_SIZE.height}",
            "放大窗口即可继续",
            "F10/q 退出",
        )
        self.query_one(Static).update("\n".join(lines))
