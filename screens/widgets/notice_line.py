"""The last thing that was said to the operator, inside a dialog or on a screen: it stays until the next one."""

from rich.text import Text
from textual.widgets import Static

from jiacha_tui.actions.messages import Weight
from screens.commanded import Notice


class NoticeLine(Static):
    """Takes no room until there is something to say. A problem has its mark, `!`, and wraps rather than being cut."""

    DEFAULT_CSS = """
    NoticeLine { height: auto; width: 100%; display: none; }
    NoticeLine.-said { display: block; }
    NoticeLine.-problem { color: $problem; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._said = ""

    @property
    def said(self) -> str:
        """What it shows, "" for nothing."""
        return self._said

    def say(self, notice: Notice) -> None:
        self._said = f"{notice.weight.value} {notice.text}"
        self.set_class(notice.weight is Weight.PROBLEM, "-problem")
        self.add_class("-said")
        self.update(Text(self._said))

    def clear(self) -> None:
        self._said = ""
        self.remove_class("-said", "-problem")
