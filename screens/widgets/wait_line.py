"""Says that the port has not answered for a while. The application shows it on every open screen that has one."""

from textual.message import Message

from screens.widgets.wrapped_text import WrappedText


class WaitLine(WrappedText):
    """Takes no row while nothing waits. It has a place of its own, so it never covers a problem or a result."""

    DEFAULT_CSS = """
    WaitLine { display: none; padding: 0 1; text-style: bold; }
    WaitLine.-shown { display: block; }
    """

    class Changed(Message):
        """A wait has begun or ended."""

    def show(self, text: str) -> None:
        """`text` is "" once the wait is over."""
        if bool(text) != bool(self.text):
            self.post_message(self.Changed())
        self.set_class(bool(text), "-shown")
        self.update(text)
