"""What the program has told its operator since it was started, so that no message is lost with the line it stood on."""

import enum
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jiacha_tui.declaration.problem import Problem

MAX_MESSAGES = 500


class Severity(enum.Enum):
    """How much a message matters; the value is the mark shown before it."""

    GOOD = "✓"
    NOTE = "·"
    PROBLEM = "!"


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the log. `code` is a problem's stable code, "" for everything else."""

    at: datetime
    severity: Severity
    text: str
    hint: str = ""
    code: str = ""


class MessageLog:
    """The last messages, newest last."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._messages: deque[Message] = deque(maxlen=MAX_MESSAGES)

    def good(self, text: str) -> Message:
        return self._keep(Message(self._clock(), Severity.GOOD, text))

    def note(self, text: str) -> Message:
        return self._keep(Message(self._clock(), Severity.NOTE, text))

    def warning(self, text: str) -> Message:
        """What matters as much as a problem and has no code, because nothing failed just now."""
        return self._keep(Message(self._clock(), Severity.PROBLEM, text))

    def problem(self, problem: Problem) -> Message:
        return self._keep(Message(self._clock(), Severity.PROBLEM, problem.message, problem.hint, problem.code))

    def all(self) -> tuple[Message, ...]:
        return tuple(self._messages)

    def _keep(self, message: Message) -> Message:
        self._messages.append(message)
        return message
