"""A checkbox of one row: `[ ] 已阅读`, `[x] 已阅读`, with `▸` before it and reversed while it has the focus."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from screens.widgets.label_control import FOCUSED, LabelControl


class Checkbox(LabelControl):
    """Space toggles it; Enter posts `Submitted`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "activate", show=False),
        Binding("enter", "submit", show=False),
    ]

    class Submitted(Message):
        """Enter was pressed on the checkbox."""

    def __init__(self, label: str, *, id: str | None = None) -> None:
        super().__init__(label, id=id)
        self._checked = False

    @property
    def checked(self) -> bool:
        return self._checked

    @checked.setter
    def checked(self, checked: bool) -> None:
        self._checked = checked
        self.refresh()

    def segments(self) -> Sequence[Segment]:
        text = f"[{'x' if self._checked else ' '}] {self.label}"
        return [Segment("▸ "), Segment(text, FOCUSED)] if self.has_focus else [Segment(f"  {text}")]

    def action_activate(self) -> None:
        self.checked = not self.checked

    def action_submit(self) -> None:
        self.post_message(self.Submitted())
