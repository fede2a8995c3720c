"""Two lines at the foot of a form: what happened, and what to do next."""

from rich.text import Text
from textual.widgets import Static

from jiacha_tui.actions.messages import Severity


class FormMessage(Static):
    """It stays until the next one. A problem has its mark, and its code for whoever is asked for help."""

    DEFAULT_CSS = """
    FormMessage.-problem { color: $problem; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def say(self, what: str, hint: str = "", weight: Severity = Severity.NOTE, code: str = "") -> None:
        self.set_class(weight is Severity.PROBLEM, "-problem")
        mark = f"{weight.value} " if weight is Severity.PROBLEM else ""
        first = Text(f"{mark}{what}")
        if code:
            first.append(f"  {code}", "dim not bold")
        self.update(Text("\n").join([first, Text(hint, "not bold")]))
