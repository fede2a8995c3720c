"""退出: the question before the program ends. F10 closes other screens too, and is easily pressed once too often."""

from collections.abc import Iterable, Sequence

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from screens.base.dialog import Dialog
from screens.widgets.push_button import PushButton


class QuitDialog(Dialog[bool]):
    """Dismisses with whether to quit. `losses` are sentences that say what is lost then."""

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
        yield PushButton("退出", id="quit")

    @on(PushButton.Pressed)
    def _pressed(self, pressed: PushButton.Pressed) -> None:
        self.dismiss(pressed.button.id == "quit")
