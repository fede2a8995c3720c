"""The base of all dialogs: a frame with a title, buttons, and F10, q and Escape to close it."""

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from screens.base.dismiss_once import DismissOnceScreen
from screens.commands.bindings import bindings
from screens.commands.command import Scope
from screens.commands.handler import CommandHandler
from screens.commands.notice import Notice
from screens.widgets.key_footer import KeyFooter
from screens.widgets.notice_line import NoticeLine
from screens.widgets.push_button import PushButton
from screens.widgets.wait_line import WaitLine

_DialogResult = TypeVar("_DialogResult")


class Dialog(
    CommandHandler, ModalScreen[_DialogResult | None], DismissOnceScreen[_DialogResult | None], Generic[_DialogResult]
):
    """A frame over another screen, which stays visible around it.

    A subclass sets `TITLE`, yields the widgets of `body` and `buttons`, handles `PushButton.Pressed` and calls
    `dismiss(result)`. Closing the dialog with a key dismisses it with None. The first widget that can have the focus
    gets it. A `Notice` that is posted in the dialog is shown below the body and bubbles to the application.
    """

    DEFAULT_CSS = """
    Dialog { align: center middle; overflow: hidden; }
    Dialog > #frame {
        width: 70;
        max-width: 100%;
        height: auto;
        max-height: 100%;
        border: solid ansi_default;
        border-title-style: bold;
        background: ansi_default;
        padding: 0 1;
    }
    Dialog #body { height: auto; }
    Dialog WaitLine { padding: 0; }
    Dialog #buttons { height: 1; margin-top: 1; align-horizontal: center; }
    """

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.DIALOG, Scope.EVERYWHERE)
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*SCOPES),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]

    KEYS: ClassVar[str] = "Tab 换项 · Enter 确定"
    """The keys of the widgets in the dialog. They are shown in its frame."""

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = self.TITLE or ""
            frame.border_subtitle = self.KEYS
            with Vertical(id="body"):
                yield from self.body()
            yield NoticeLine()
            yield WaitLine()
            with Horizontal(id="buttons"):
                yield from self.buttons()
        yield KeyFooter()

    def body(self) -> Iterable[Widget]:
        """The widgets between title and buttons."""
        return ()

    def buttons(self) -> Iterable[PushButton]:
        """The buttons from left to right. The first is the one that does no harm."""
        return ()

    def on_notice(self, notice: Notice) -> None:
        self.query_one(NoticeLine).show(notice)

    def show_progress(self, text: str) -> None:
        """Shows `text` in the place of a notice, without adding it to the message log."""
        self.query_one(NoticeLine).show(Notice(text))

    def action_cancel(self) -> None:
        self.dismiss(None)
