"""The last notice, inside a dialog or on a screen."""

from jiacha_tui.actions.messages import Severity
from screens.commands.notice import Notice
from screens.widgets.wrapped_text import WrappedText


class NoticeLine(WrappedText):
    """Takes no row until it shows a notice, which stays until the next one. A long notice is wrapped, not cut."""

    DEFAULT_CSS = """
    NoticeLine { display: none; }
    NoticeLine.-shown { display: block; }
    NoticeLine.-problem { color: $problem; text-style: bold; }
    """

    def show(self, notice: Notice) -> None:
        self.set_class(notice.severity is Severity.PROBLEM, "-problem")
        self.add_class("-shown")
        self.update(f"{notice.severity.value} {notice.text}")

    def clear(self) -> None:
        """Removes the notice, and with it its rows."""
        self.remove_class("-shown", "-problem")
        self.update("")
