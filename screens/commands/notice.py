"""Notices to the operator, in one line."""

from textual.message import Message

from jiacha_tui.actions.messages import Severity
from jiacha_tui.declaration.problem import Problem


def join_hint(message: str, hint: str, sign: str = "，") -> str:
    """`message` and `hint` on one line, with `sign` between them unless `message` ends with punctuation of its own."""
    if not hint or message.endswith(("。", "！", "？")):
        return message + hint
    return f"{message} {hint}" if message.endswith((".", "!", "?")) else f"{message}{sign}{hint}"


class Notice(Message):
    """A message to the operator. The screen that it reaches shows it, and the application logs it."""

    def __init__(self, text: str, severity: Severity = Severity.NOTE, *, problem: Problem | None = None) -> None:
        super().__init__()
        self.text = text
        self.severity = severity
        self.problem = problem

    @classmethod
    def of(cls, problem: Problem) -> "Notice":
        """The message of `problem` and its hint, on one line."""
        return cls(join_hint(problem.message, problem.hint), Severity.PROBLEM, problem=problem)
