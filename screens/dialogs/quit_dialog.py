"""Asked before the program ends: F10 also closes what lies above the desk, and is pressed once too often."""

from collections.abc import Iterable, Sequence

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from screens.base.dialog import Dialog
from screens.widgets.push_button import PushButton


class QuitDialog(Dialog[bool]):
    """True to leave. `losses` are sentences about what leaving cuts off."""

    TITLE = "退出"

    DEFAULT_CSS = """
    QuitDialog > #frame { width: 56; }
    """

    def __init__(self, losses: Sequence[str]) -> None:
        super().__init__()
        self._losses = losses

    def body(self) -> Iterable[Widget]:
        yield Static("退出程序，下次须重新登录。", markup=False)
        for loss in self._losses:
            yield Static(loss, markup=False)

    def buttons(self) -> Iterable[PushButton]:
        yield PushButton("留下", id="stay")
        yield PushButton("退出", id="leave")

    @on(PushButton.Pressed)
    def _pressed(self, pressed: PushButton.Pressed) -> None:
        self.dismiss(pressed.button.id == "leave")
