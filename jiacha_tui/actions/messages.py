"""The log of everything that the program has shown to the operator since its start, also after it left the screen."""

import enum
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jiacha_tui.declaration.problem import Problem

MAX_MESSAGES = 500
"""Older messages are dropped."""


class Severity(enum.Enum):
    """How important a message is; the value is the mark that is shown before it."""

    GOOD = "✓"
    NOTE = "·"
    PROBLEM = "!"


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the log. `at` has a time zone. `code` is the stable code of a problem, "" for everything else."""

    at: datetime
    severity: Severity
    text: str
    hint: str = ""
    code: str = ""


class MessageLog:
    """The last `MAX_MESSAGES` messages."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._messages: deque[Message] = deque(maxlen=MAX_MESSAGES)

    def good(self, text: str) -> Message:
        """Adds the news that something succeeded."""
        return self._add(Message(self._clock(), Severity.GOOD, text))

    def note(self, text: str) -> Message:
        """Adds a remark about something that neither succeeded nor failed."""
        return self._add(Message(self._clock(), Severity.NOTE, text))

    def warning(self, text: str) -> Message:
        """Adds a message that is as important as a problem but has no code, because nothing has failed."""
        return self._add(Message(self._clock(), Severity.PROBLEM, text))

    def problem(self, problem: Problem) -> Message:
        """Adds a failure with its hint and code."""
        return self._add(Message(self._clock(), Severity.PROBLEM, problem.message, problem.hint, problem.code))

    def all(self) -> tuple[Message, ...]:
        """Newest last."""
        return tuple(self._messages)

    def _add(self, message: Message) -> Message:
        self._messages.append(message)
        return message
