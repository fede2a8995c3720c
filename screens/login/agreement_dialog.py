"""《用户服务协议》, the agreement that is accepted on the login screen."""

from collections.abc import Iterable

from rich.text import Text
from textual import on
from textual.widget import Widget
from textual.widgets import Static

from jiacha_tui.actions.agreement import TEXT, TITLE
from screens.base.dialog import Dialog
from screens.widgets.cells import wrap_cells
from screens.widgets.pager import Pager
from screens.widgets.push_button import PushButton

_WIDTH = 64
"""The width of a line: easy to read, and it fits into a dialog at 80 columns."""


class AgreementDialog(Dialog[bool]):
    """Dismisses with True if the operator accepts the agreement, with None if the dialog is only closed."""

    TITLE = TITLE
    AUTO_FOCUS = "Pager"
    DEFAULT_CSS = """
    AgreementDialog Pager { height: 16; }
    AgreementDialog #position { height: 1; text-align: right; }
    """

    def body(self) -> Iterable[Widget]:
        lines = [line for paragraph in TEXT.splitlines() for line in wrap_cells(paragraph, _WIDTH)]
        yield Pager([Text(line) for line in lines])
        yield Static(id="position", markup=False)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("关闭", id="close")
        yield PushButton("同意", id="agree")

    @on(Pager.Moved)
    def _show_position(self) -> None:
        self.query_one("#position", Static).update(self.query_one(Pager).position_text())

    @on(PushButton.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)

    @on(PushButton.Pressed, "#agree")
    def _agree(self) -> None:
        self.dismiss(True)
