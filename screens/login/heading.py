"""The first rows of the screens that are shown without an open session: the program's name, and how it works."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static


class Heading(Vertical):
    """`出口退税联网稽查      演示环境 · 离线`, and a rule below it."""

    DEFAULT_CSS = """
    Heading { height: auto; }
    Heading > Horizontal { height: 1; padding: 0 1; }
    Heading .program { width: 1fr; text-style: bold; }
    Heading .mode { width: auto; text-style: bold; color: $notable; }
    Heading > .rule { height: 1; border-top: solid ansi_default; }
    """

    def __init__(self, *, demo: bool, offline: bool) -> None:
        super().__init__()
        self._mode = " · ".join(name for name, applies in (("演示环境", demo), ("离线", offline)) if applies)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("出口退税联网稽查", classes="program")
            yield Static(self._mode, classes="mode")
        yield Static(classes="rule")
