"""Two lines at the foot of a form: what happened, and what to do next."""

from rich.text import Text
from textual.widgets import Static

from jiacha_tui.actions.messages import Weight


class Said(Static):
    """It stays until the next one. A problem has its mark, and its code for whoever is asked for help."""

    DEFAULT_CSS = """
    Said.-problem { color: $problem; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def say(self, what: str, todo: str = "", weight: Weight = Weight.NOTE, code: str = "") -> None:
        self.set_class(weight is Weight.PROBLEM, "-problem")
        mark = f"{weight.value} " if weight is Weight.PROBLEM else ""
        first = Text(f"{mark}{what}")
        if code:
            first.append(f"  {code}", "dim not bold")
        self.update(Text("\n").join([first, Text(todo, "not bold")]))
