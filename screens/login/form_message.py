"""The message below the login form: what happened, and on the next line what to do."""

from dataclasses import dataclass

from rich.text import Text
from textual.widgets import Static

from jiacha_tui.actions.messages import Severity
from jiacha_tui.declaration.problem import Problem


@dataclass(frozen=True, slots=True)
class FormText:
    """What the message says. `code` names the problem for support."""

    text: str
    hint: str = ""
    severity: Severity = Severity.NOTE
    code: str = ""

    @classmethod
    def of(cls, problem: Problem, hint: str = "") -> "FormText":
        """The text of a problem; `hint` is shown if the problem has none."""
        return cls(problem.message, problem.hint or hint, Severity.PROBLEM, problem.code)


class FormMessage(Static):
    """Shows a text until the next one. A problem has the mark `!`."""

    DEFAULT_CSS = """
    FormMessage.-problem { color: $problem; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def show(self, message: FormText) -> None:
        """Shows `message` in place of the one before it."""
        is_problem = message.severity is Severity.PROBLEM
        self.set_class(is_problem, "-problem")
        first = Text(f"{message.severity.value} {message.text}" if is_problem else message.text)
        if message.code:
            first.append(f"  {message.code}", "dim not bold")
        self.update(Text("\n").join([first, Text(message.hint, "not bold")]))
