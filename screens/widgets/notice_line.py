"""The last thing that was said to the operator, inside a dialog or on a screen: it stays until the next one."""

from jiacha_tui.actions.messages import Severity
from screens.commands.notice import Notice
from screens.widgets.wrapped_text import WrappedText


class NoticeLine(WrappedText):
    """Takes no room until there is something to say. A problem has its mark, `!`, and wraps rather than being cut."""

    DEFAULT_CSS = """
    NoticeLine { display: none; }
    NoticeLine.-said { display: block; }
    NoticeLine.-problem { color: $problem; text-style: bold; }
    """

    @property
    def said(self) -> str:
        """What it shows, "" for nothing."""
        return self.text

    def say(self, notice: Notice) -> None:
        self.set_class(notice.weight is Severity.PROBLEM, "-problem")
        self.add_class("-said")
        self.update(f"{notice.weight.value} {notice.text}")

    def clear(self) -> None:
        self.remove_class("-said", "-problem")
        self.update("")
